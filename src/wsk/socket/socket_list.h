// SPDX-License-Identifier: MIT
// SocketList: the open sockets of a machine, for reports.
#pragma once

#include <wdm.h>

#include <cstdint>
#include <string>

#include "base/mutex.h"
#include "probe/probes.h"

namespace owsk::wsk {

class Socket;

class SocketList {
  public:
    SocketList() noexcept { InitializeListHead(&head_); }

    void add(Socket& socket) noexcept OWSK_EXCLUDES(mu_);
    void remove(Socket& socket) noexcept OWSK_EXCLUDES(mu_);

    // Changes something that Socket::description() tells.
    template <typename Change>
    void change(Change&& apply) noexcept OWSK_EXCLUDES(mu_) {
        Lock lock(mu_);
        apply();
    }

    // "2 sockets open: listening socket on ..., connection ..."; empty if there is none.
    std::string describe() OWSK_EXCLUDES(mu_);
    std::uint64_t report_leaks(probe::Probes& probes) OWSK_EXCLUDES(mu_);

  private:
    Mutex mu_{Rank::sockets};
    LIST_ENTRY head_ OWSK_GUARDED_BY(mu_);
    std::uint64_t count_ OWSK_GUARDED_BY(mu_) = 0;
};

}  // namespace owsk::wsk
