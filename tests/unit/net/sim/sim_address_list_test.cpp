// SPDX-License-Identifier: MIT
// Addresses of a simulated computer, which come and go.
#include "net/sim/sim_address_list.h"

#include <gmock/gmock.h>

#include "unit/net/sim/event_processor.h"
#include "unit/net/sim/small_internet.h"

namespace owsk::net {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class SimAddressListTest : public testing::Test, public AddressListEvents {
  protected:
    void on_addresses_changed(Family family) noexcept override { changed.push_back(family); }

    SmallInternet net;
    EventProcessor processor{net.events};
    SimAddressList list{net.server};
    std::vector<Family> changed;
};

TEST_F(SimAddressListTest, HasThoseOfTheFamily) {
    EXPECT_THAT(*list.addresses(Family::ipv4), ElementsAre(at("192.0.2.1")));
    EXPECT_THAT(*list.addresses(Family::ipv6), ElementsAre(at("2001:db8::1")));
    net.server.add_address(at("192.0.2.10", 7));
    EXPECT_THAT(*list.addresses(Family::ipv4), ElementsAre(at("192.0.2.1"), at("192.0.2.10")));
    net.server.remove_address(at("192.0.2.1"));
    EXPECT_THAT(*list.addresses(Family::ipv4), ElementsAre(at("192.0.2.10")));
}

TEST_F(SimAddressListTest, TellsOfEachFamilyOnTheProcessor) {
    ASSERT_EQ(list.watch(processor, *this), STATUS_SUCCESS);
    net.server.add_address(at("192.0.2.10"));
    EXPECT_THAT(changed, IsEmpty()) << "inside the call";
    net.run_for(1s);
    EXPECT_THAT(changed, ElementsAre(Family::ipv4));
    // Both at once; and others' changes are no news.
    net.server.remove_address(at("2001:db8::1"));
    net.server.remove_address(at("192.0.2.10"));
    net.client.add_address(at("192.0.2.11"));
    net.run_for(1s);
    EXPECT_THAT(changed, ElementsAre(Family::ipv4, Family::ipv4, Family::ipv6));
}

TEST_F(SimAddressListTest, PacketsFindAnAddressWhileItIsThere) {
    TcpServer server(net.server);
    ASSERT_EQ(server.listen(at("0.0.0.0", 7)), STATUS_SUCCESS);
    net.server.add_address(at("192.0.2.10"));
    TcpEndpoint first(net.client);
    ASSERT_EQ(first.connect(at("192.0.2.10", 7)), STATUS_SUCCESS);
    EXPECT_TRUE(net.run_until([&] { return first.is_connected(); }));
    net.server.remove_address(at("192.0.2.10"));
    EXPECT_EQ(net.internet.find(at("192.0.2.10")), nullptr);
    TcpEndpoint second(net.client);
    ASSERT_EQ(second.connect(at("192.0.2.10", 7)), STATUS_SUCCESS);
    EXPECT_TRUE(net.run_until([&] { return second.end() == TcpEnd::timed_out; }));
}

}  // namespace
}  // namespace owsk::net
