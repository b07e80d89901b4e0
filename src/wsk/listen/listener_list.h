// SPDX-License-Identifier: MIT
// ListenerList: the listening sockets of a machine, for reports on what they hold. A list of its
// own, since their locks come before that of the list of all sockets.
#pragma once

#include <openwsk/held_request.h>
#include <wdm.h>

#include <vector>

#include "base/mutex.h"

namespace owsk::wsk {

class ListenSocket;

// A listening socket's place in the list.
struct ListenerLink : LIST_ENTRY {
    ListenSocket* socket;
};

class ListenerList {
  public:
    ListenerList() noexcept;

    void add(ListenerLink& link) noexcept OWSK_EXCLUDES(mu_);
    // Waits for a report that is being made.
    void remove(ListenerLink& link) noexcept OWSK_EXCLUDES(mu_);

    // Oldest first. From any thread, at any time.
    std::vector<HeldRequest> held_requests() OWSK_EXCLUDES(mu_);

  private:
    // Never held together with the other lock of this rank, that of the address table.
    Mutex mu_{Rank::bindings};
    LIST_ENTRY head_ OWSK_GUARDED_BY(mu_);
};

}  // namespace owsk::wsk
