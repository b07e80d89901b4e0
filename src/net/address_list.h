// SPDX-License-Identifier: MIT
// AddressList: the addresses of this computer, which come and go.
// Implemented by net/linux (rtnetlink) and by net/sim.
#pragma once

#include <openwsk/address.h>

#include <vector>

#include "base/result.h"
#include "host/host.h"

namespace owsk::net {

class AddressListEvents {
  public:
    // An address of that family has come or gone. On the processor, with no lock of net held. Never
    // from inside a call to net.
    virtual void on_addresses_changed(Family family) noexcept = 0;

  protected:
    ~AddressListEvents() = default;
};

class AddressList {
  public:
    // Precondition: the host has stopped, if the list was watched.
    virtual ~AddressList() = default;

    // Those of a family that a socket can be bound to, without a port, and without the loopback
    // addresses. Any thread; the system is asked.
    virtual Result<std::vector<Address>> addresses(Family family) = 0;
    // From now on changes are announced to `events` on `processor`, until the host stops. Once.
    virtual NTSTATUS watch(host::Processor& processor, AddressListEvents& events) noexcept = 0;
};

}  // namespace owsk::net
