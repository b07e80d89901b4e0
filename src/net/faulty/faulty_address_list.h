// SPDX-License-Identifier: MIT
// FaultyAddressList: a system that has no descriptor or memory to tell its addresses.
#pragma once

#include <openwsk/faults.h>

#include "net/address_list.h"

namespace owsk::net {

class FaultyAddressList final : public AddressList {
  public:
    FaultyAddressList(AddressList& inner, Faults& faults) noexcept
        : inner_(inner), faults_(faults) {}

    Result<std::vector<Address>> addresses(Family family) override {
        if (faults_.strikes(Fault::list_addresses)) {
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        return inner_.addresses(family);
    }
    NTSTATUS watch(host::Processor& processor, AddressListEvents& events) noexcept override {
        return faults_.strikes(Fault::list_addresses) ? STATUS_INSUFFICIENT_RESOURCES
                                                      : inner_.watch(processor, events);
    }

  private:
    AddressList& inner_;
    Faults& faults_;
};

}  // namespace owsk::net
