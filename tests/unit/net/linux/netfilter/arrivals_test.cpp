// SPDX-License-Identifier: MIT
// Arrivals on lo, where everything that is sent arrives.
#include "net/linux/netfilter/arrivals.h"

#include <vector>

#include "unit/net/linux/netfilter/held_traffic.h"
#include "unit/net/linux/netfilter/own_network.h"

namespace owsk::net {
namespace {

class ArrivalsTest : public OwnNetworkTest {
  protected:
    static Arrivals open() {
        Result<Arrivals> arrivals = Arrivals::open();
        if (!arrivals) {
            not_possible_here("no packet socket can be made");
        }
        return std::move(*arrivals);
    }
    // Waits for so many.
    static std::vector<Segment> fetch(Arrivals& arrivals, Family family, std::size_t count) {
        std::vector<Segment> seen;
        pollfd look = {.fd = arrivals.fds()[family == Family::ipv4 ? 0 : 1].get(),
                       .events = POLLIN,
                       .revents = 0};
        while (seen.size() < count && ::poll(&look, 1, patience_ms) == 1) {
            arrivals.fetch([&seen](const Segment& segment) { seen.push_back(segment); });
        }
        return seen;
    }
};

TEST_F(ArrivalsTest, ASynAndTheResetThatAnswersItAreSeen) {
    in_own_network([] {
        Arrivals arrivals = open();
        for (const Address& where : {ipv4_loopback, ipv6_loopback}) {
            const Address nobody = with_port(where, 9);
            const ConnectingClient client(nobody);
            const std::vector<Segment> seen = fetch(arrivals, where.family, 2);
            ASSERT_EQ(seen.size(), 2U);
            EXPECT_EQ(seen[0].control, ControlBits{.syn = true});
            EXPECT_EQ(seen[0].destination, nobody);
            EXPECT_EQ(seen[1].source, nobody);
            EXPECT_EQ(seen[1].destination, seen[0].source);
            EXPECT_EQ(seen[1].acknowledgement, seen[0].sequence + 1);
            EXPECT_TRUE(seen[1].control.rst);
        }
    });
}

TEST_F(ArrivalsTest, OfAConnectionOnlyItsSynAndItsResetAreSeen) {
    in_own_network([] {
        Arrivals arrivals = open();
        for (const Address& where : {ipv4_loopback, ipv6_loopback}) {
            Server server(where);
            ConnectingClient client(server.address());
            const Address address = client.address();
            const host::UniqueFd accepted = server.accept();
            EXPECT_TRUE(client.connects());
            EXPECT_EQ(::send(client.fd(), "data", 4, 0), 4);
            EXPECT_EQ(::send(accepted.get(), "data", 4, 0), 4);
            client.reset();
            const std::vector<Segment> seen = fetch(arrivals, where.family, 2);
            ASSERT_EQ(seen.size(), 2U);
            EXPECT_EQ(seen[0].control, ControlBits{.syn = true});
            EXPECT_EQ(seen[0].source, address);
            EXPECT_TRUE(seen[1].control.rst);
            EXPECT_EQ(seen[1].source, address);
        }
    });
}

}  // namespace
}  // namespace owsk::net
