// SPDX-License-Identifier: MIT
// ListenerList: the sockets of a machine that can listen, for reports on what they hold, and for
// the end of those whose address has gone. A list of its own, since their locks come before that of
// the list of all sockets.
#pragma once

#include <openwsk/held_attempt.h>
#include <wdm.h>

#include <vector>

#include "base/mutex.h"
#include "wsk/socket/address_changes.h"

namespace owsk::wsk {

class Listening;
class ListenerLink;

class ListenerList final : public AddressFollower {
  public:
    ListenerList() noexcept;

    // Oldest first. From any thread, at any time.
    std::vector<HeldAttempt> held_attempts() OWSK_EXCLUDES(mu_);

    // Listeners on another address of that family do not work any more.
    void follow(Family family, const std::vector<Address>& addresses) noexcept override
        OWSK_EXCLUDES(mu_);

  private:
    friend class ListenerLink;

    void add(ListenerLink& link) noexcept OWSK_EXCLUDES(mu_);
    // Waits for a report that is being made.
    void remove(ListenerLink& link) noexcept OWSK_EXCLUDES(mu_);

    // Never held together with the other lock of this rank, that of the address table.
    Mutex mu_{Rank::bindings};
    LIST_ENTRY head_ OWSK_GUARDED_BY(mu_);
};

// A socket's place in the list, for as long as it lives.
class ListenerLink : private LIST_ENTRY {
  public:
    ListenerLink(ListenerList& list, Listening& listening) noexcept
        : list_(list), listening_(listening) {
        list_.add(*this);
    }
    ~ListenerLink() { list_.remove(*this); }
    ListenerLink(const ListenerLink&) = delete;
    ListenerLink& operator=(const ListenerLink&) = delete;

  private:
    friend class ListenerList;

    ListenerList& list_;
    Listening& listening_;
};

}  // namespace owsk::wsk
