// SPDX-License-Identifier: MIT
// ListenerList: the listening sockets of a machine, for reports on what they hold. A list of its
// own, since their locks come before that of the list of all sockets.
#pragma once

#include <openwsk/held_request.h>

#include <vector>

#include "base/mutex.h"

namespace owsk::wsk {

class ListenSocket;

class ListenerList {
  public:
    void add(ListenSocket& socket) noexcept OWSK_EXCLUDES(mu_);
    // Waits for a report that is being made.
    void remove(ListenSocket& socket) noexcept OWSK_EXCLUDES(mu_);

    // Oldest first. From any thread, at any time.
    std::vector<HeldRequest> held_requests() OWSK_EXCLUDES(mu_);

  private:
    // Never held together with the other lock of this rank, that of the address table.
    Mutex mu_{Rank::bindings};
    std::vector<ListenSocket*> sockets_ OWSK_GUARDED_BY(mu_);
};

}  // namespace owsk::wsk
