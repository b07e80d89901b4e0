// SPDX-License-Identifier: MIT
// AddressTable: the local TCP addresses that sockets of this machine hold, and who may share them,
// by the table of sharing-transport-addresses in the WSK documentation. Linux has other rules, so
// ours are checked first; Linux decides only about other programs.
#pragma once

#include <openwsk/address.h>
#include <wdm.h>

#include <list>
#include <memory>

#include "base/mutex.h"
#include "net/claim.h"
#include "net/network.h"

namespace owsk::wsk {

enum class Sharing : UCHAR { none, reuse, exclusive };

class AddressTable {
  private:
    struct Entry {
        net::Claim claim;
        Sharing sharing;
        net::Listener* listener;
    };

  public:
    // A held address; gives it up with release().
    using Hold = std::list<Entry>::iterator;

    struct Bound {
        std::unique_ptr<net::Listener> listener;
        Hold hold;
    };

    // Makes a listener if the sharing rules and the network allow it.
    Result<Bound> bind(net::Network& network,
                       const Address& address,
                       Sharing sharing,
                       net::ListenOptions options) OWSK_EXCLUDES(mu_);
    // Before the listener is closed.
    void release(Hold hold) noexcept OWSK_EXCLUDES(mu_);

  private:
    Mutex mu_{Rank::bindings};
    std::list<Entry> entries_ OWSK_GUARDED_BY(mu_);
};

// What the documentation's table says of a second bind on the address of a first one, or on the
// wildcard, with the same port. STATUS_SUCCESS, STATUS_ADDRESS_ALREADY_EXISTS or
// STATUS_ACCESS_DENIED.
NTSTATUS sharing_verdict(Sharing second, bool second_wild, Sharing first, bool first_wild) noexcept;

}  // namespace owsk::wsk
