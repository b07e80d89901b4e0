// SPDX-License-Identifier: MIT
// SimAddressList: the addresses of a simulated computer.
#pragma once

#include "net/address_list.h"
#include "net/sim/computer.h"

namespace owsk::net {

class SimAddressList final : public AddressList, private AddressObserver, private host::Task {
  public:
    // The computer outlives the list.
    explicit SimAddressList(Computer& computer) noexcept : computer_(computer) {}
    ~SimAddressList() override;

    Result<std::vector<Address>> addresses(Family family) override;
    NTSTATUS watch(host::Processor& processor, AddressListEvents& events) noexcept override;

  private:
    void on_addresses_changed(Family family) noexcept override;
    // On the processor.
    void run() noexcept override;

    Computer& computer_;
    host::Processor* processor_ = nullptr;  // null: nobody watches
    AddressListEvents* events_ = nullptr;
    // Of which families it is still to be told.
    bool ipv4_changed_ = false;
    bool ipv6_changed_ = false;
};

}  // namespace owsk::net
