// SPDX-License-Identifier: MIT
// PlainSocket: a socket without a transport object of its own - basic sockets, and the categories
// whose operations are not built yet.
#pragma once

#include "wsk/socket/socket.h"

namespace owsk::wsk {

class PlainSocket final : public Socket {
  public:
    PlainSocket(Client& client, Category category, host::Processor& processor) noexcept;

    std::string description() const override;

  private:
    bool step_locked() noexcept override OWSK_REQUIRES(mu_) { return false; }
    void cancel_all_locked() noexcept override {}
    bool close_transport(host::Task&) noexcept override { return false; }
    bool can_have_events_locked() const noexcept override { return false; }
    bool has_callbacks_locked(ULONG) const noexcept override { return false; }
};

}  // namespace owsk::wsk
