// SPDX-License-Identifier: MIT
// PlainSocket: a basic socket, which has no transport object.
#pragma once

#include "wsk/socket/socket.h"

namespace owsk::wsk {

class PlainSocket final : public Socket {
  public:
    PlainSocket(SocketClient& client, Family family, host::Processor& processor) noexcept;

    std::string description() const override { return name_of(Category::basic); }
    Answer control(const ControlCall& call) noexcept override;

  private:
    bool step_locked(Turn&) noexcept override { return false; }
    void cancel_all_locked() noexcept override {}
    bool close_transport(host::Task&) noexcept override { return false; }
    bool can_have_events_locked() const noexcept override { return false; }
    bool has_callbacks_locked(ULONG) const noexcept override { return false; }

    const Family family_;
};

}  // namespace owsk::wsk
