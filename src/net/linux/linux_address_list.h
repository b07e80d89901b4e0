// SPDX-License-Identifier: MIT
// LinuxAddressList: the addresses of the network namespace, by rtnetlink.
#pragma once

#include <array>

#include "host/linux/linux_processor.h"
#include "host/linux/unique_fd.h"
#include "net/address_list.h"

namespace owsk::net {

class LinuxAddressList final : public AddressList, private host::Watch {
  public:
    Result<std::vector<Address>> addresses(Family family) override;
    // Precondition: the processor is a LinuxProcessor.
    NTSTATUS watch(host::Processor& processor, AddressListEvents& events) noexcept override;

  private:
    // The kernel has something to tell; often it is not that an address has come or gone.
    void on_events(std::uint32_t events) noexcept override;
    void look_at(Family family) noexcept;
    std::vector<Address>& known(Family family) noexcept {
        return known_[static_cast<std::size_t>(family)];
    }

    host::UniqueFd news_;
    AddressListEvents* events_ = nullptr;
    std::array<std::vector<Address>, 2> known_;  // by family, as they were told last
};

}  // namespace owsk::net
