// SPDX-License-Identifier: MIT
// What a computer of the simulation has, and the news of it.
#include "net/sim/sim_address_list.h"

#include <ntstatus.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/assert.h"

namespace owsk::net {

SimAddressList::~SimAddressList() {
    if (processor_ != nullptr) {
        computer_.remove_observer(*this);
    }
}

Result<std::vector<Address>> SimAddressList::addresses(Family family) {
    std::vector<Address> found;
    std::ranges::copy_if(computer_.addresses(), std::back_inserter(found), [&](const Address& own) {
        return own.family == family;
    });
    return found;
}

NTSTATUS SimAddressList::watch(host::Processor& processor, AddressListEvents& events) noexcept {
    OWSK_ASSERT(processor_ == nullptr);
    processor_ = &processor;
    events_ = &events;
    computer_.add_observer(*this);
    return STATUS_SUCCESS;
}

void SimAddressList::on_addresses_changed(Family family) noexcept {
    (family == Family::ipv4 ? ipv4_changed_ : ipv6_changed_) = true;
    processor_->post(*this);
}

void SimAddressList::run() noexcept {
    if (std::exchange(ipv4_changed_, false)) {
        events_->on_addresses_changed(Family::ipv4);
    }
    if (std::exchange(ipv6_changed_, false)) {
        events_->on_addresses_changed(Family::ipv6);
    }
}

}  // namespace owsk::net
