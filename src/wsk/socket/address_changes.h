// SPDX-License-Identifier: MIT
// AddressChanges: who waits for an address of this computer to come or go - the requests of
// SIO_ADDRESS_LIST_CHANGE, of all sockets in one queue, so that a socket that never asks has no
// part in it - and an AddressFollower.
#pragma once

#include <openwsk/address.h>
#include <wdm.h>

#include <atomic>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "net/address_list.h"
#include "wsk/request/request_owner.h"
#include "wsk/request/request_queue.h"
#include "wsk/turn/socket_mutex.h"

namespace owsk::wsk {

class Services;
class Socket;

class AddressFollower {
  public:
    // These are the addresses of that family from now on. On a processor, without a lock.
    virtual void follow(Family family, const std::vector<Address>& addresses) noexcept = 0;

  protected:
    ~AddressFollower() = default;
};

class AddressChanges final : private RequestOwner, private net::AddressListEvents {
  public:
    AddressChanges(Services& services, AddressFollower& follower) noexcept
        : services_(services), follower_(follower) {}
    AddressChanges(const AddressChanges&) = delete;
    AddressChanges& operator=(const AddressChanges&) = delete;

    // The follower is told of changes from now on.
    NTSTATUS follow() noexcept OWSK_EXCLUDES(mu_);
    // A request of the socket waits for the next change: STATUS_PENDING. It does not wait if this
    // is an error.
    NTSTATUS wait(Socket& socket, Family family, Request request) noexcept OWSK_EXCLUDES(mu_);
    // The socket is being closed. It may be gone already, if it does not wait.
    void cancel_all_of(const Socket* socket) noexcept OWSK_EXCLUDES(mu_);

  private:
    // Of a request that waits.
    struct Parameters {
        Socket* socket;
        Family family;
    };
    static Parameters& parameters_of(Request request) noexcept {
        return request.parameters<Parameters>();
    }

    void on_addresses_changed(Family family) noexcept override OWSK_EXCLUDES(mu_);
    void cancel(Request request) noexcept override OWSK_EXCLUDES(mu_);
    void withdraw_locked(Request request) noexcept override OWSK_REQUIRES(socket_mutex);
    Ends ends() noexcept override { return {}; }
    std::string description() const override { return "a wait for the addresses of this computer"; }

    // Ends the wait of each request of which `picks` says so.
    template <typename Picks>
    void decide_all(Picks picks, NTSTATUS status) noexcept OWSK_EXCLUDES(mu_);

    Services& services_;
    AddressFollower& follower_;
    // Taken before the lock of a socket. Never held together with another lock of this rank.
    Mutex mu_{Rank::bindings};
    bool follows_ OWSK_GUARDED_BY(mu_) = false;
    // A close looks at the queue only after somebody has waited.
    std::atomic<bool> has_waited_ = false;
    RequestQueue changes_ OWSK_GUARDED_BY(mu_);
};

}  // namespace owsk::wsk
