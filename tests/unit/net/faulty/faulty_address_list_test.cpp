// SPDX-License-Identifier: MIT
// Addresses that the system cannot tell.
#include "net/faulty/faulty_address_list.h"

#include <gtest/gtest.h>
#include <ntstatus.h>

#include "unit/net/faulty/hand_processor.h"

namespace owsk::net {
namespace {

class OneAddress final : public AddressList, public AddressListEvents {
  public:
    Result<std::vector<Address>> addresses(Family) override {
        return std::vector<Address>{{.ip = {192, 0, 2, 1}}};
    }
    NTSTATUS watch(host::Processor&, AddressListEvents&) noexcept override {
        is_watched = true;
        return STATUS_SUCCESS;
    }
    void on_addresses_changed(Family) noexcept override {}

    bool is_watched = false;
};

TEST(FaultyAddressList, FailsOnceAndThenWorks) {
    Faults faults(1, true);
    OneAddress inner;
    FaultyAddressList list(inner, faults);
    HandProcessor processor;
    faults.fail_nth(Fault::list_addresses, 1);
    EXPECT_EQ(list.addresses(Family::ipv4).status(), STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_EQ((*list.addresses(Family::ipv4)).size(), 1u);
    faults.fail_nth(Fault::list_addresses, 1);
    EXPECT_EQ(list.watch(processor, inner), STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_FALSE(inner.is_watched);
    EXPECT_EQ(list.watch(processor, inner), STATUS_SUCCESS);
    EXPECT_TRUE(inner.is_watched);
}

}  // namespace
}  // namespace owsk::net
