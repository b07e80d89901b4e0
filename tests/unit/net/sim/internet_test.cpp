// SPDX-License-Identifier: MIT
// What links do to packets.
#include "net/sim/internet.h"

#include <vector>

#include "net/sim/udp_endpoint.h"
#include "unit/net/sim/small_internet.h"

namespace owsk::net {
namespace {

struct Arrival {
    Instant when;
    std::string payload;
};

// Datagrams from the server to the client, and when they arrive.
class InternetTest : public testing::Test, protected Tap, protected UdpEndpointWatcher {
  protected:
    InternetTest() {
        EXPECT_EQ(from.bind(at("192.0.2.1", 1000)), STATUS_SUCCESS);
        EXPECT_EQ(to.bind(at("192.0.2.2", 2000)), STATUS_SUCCESS);
        to.set_watcher(this);
        net.internet.add_tap(*this);
    }
    ~InternetTest() override { net.internet.remove_tap(*this); }

    void on_sent(Instant, const Computer&, const Packet&, Fate fate) noexcept override {
        fates.push_back(fate);
    }
    void on_datagram(UdpEndpoint& endpoint) noexcept override {
        arrivals.push_back({net.events.now(), endpoint.receive().payload});
    }
    void set_link(const LinkRules& link) { net.internet.set_link(net.server, net.client, link); }
    void send(std::size_t count, std::size_t size = 8) {
        for (std::size_t i = 0; i < count; ++i) {
            std::string payload = std::to_string(i);
            payload.resize(std::max(size, payload.size()), ' ');
            EXPECT_EQ(from.send_to(to.local(), payload), STATUS_SUCCESS);
        }
        net.run_for(1min);
    }
    bool in_order() const {
        for (std::size_t i = 1; i < arrivals.size(); ++i) {
            if (std::stoi(arrivals[i].payload) < std::stoi(arrivals[i - 1].payload)) {
                return false;
            }
        }
        return true;
    }

    SmallInternet net;
    UdpEndpoint from{net.server};
    UdpEndpoint to{net.client};
    std::vector<Fate> fates;
    std::vector<Arrival> arrivals;
};

TEST_F(InternetTest, PacketsArriveAfterTheLatencyAndInOrder) {
    LinkRules link;
    link.latency = 30ms;
    set_link(link);
    send(10);
    ASSERT_EQ(arrivals.size(), 10u);
    EXPECT_EQ(arrivals[0].when, Instant() + 30ms);
    EXPECT_EQ(arrivals[9].when, Instant() + 30ms);
    EXPECT_TRUE(in_order());
}

TEST_F(InternetTest, JitterChangesTheTimeButNotTheOrder) {
    LinkRules link;
    link.latency = 10ms;
    link.jitter = 5ms;
    set_link(link);
    for (int i = 0; i < 100; ++i) {
        from.send_to(to.local(), std::to_string(i));
        net.run_for(100us);
    }
    net.run_for(1s);
    EXPECT_TRUE(in_order());
    EXPECT_GE(arrivals.front().when, Instant() + 10ms);
    EXPECT_LE(arrivals.back().when, Instant() + 9900us + 15ms);
}

TEST_F(InternetTest, ReorderingLetsOthersOvertake) {
    LinkRules link;
    link.reordering = 0.1;
    set_link(link);
    send(100);
    EXPECT_EQ(arrivals.size(), 100u);
    EXPECT_FALSE(in_order());
    EXPECT_EQ(arrivals.back().when, Instant() + link.latency + link.reordering_delay);
}

TEST_F(InternetTest, LossTakesItsPart) {
    LinkRules link;
    link.loss = 0.3;
    set_link(link);
    send(1000);
    EXPECT_NEAR(static_cast<double>(arrivals.size()), 700, 60);
    EXPECT_EQ(static_cast<std::size_t>(std::count(fates.begin(), fates.end(), Fate::lost)),
              1000 - arrivals.size());
}

TEST_F(InternetTest, DuplicationRepeats) {
    LinkRules link;
    link.duplication = 0.3;
    set_link(link);
    send(1000);
    EXPECT_NEAR(static_cast<double>(arrivals.size()), 1300, 60);
    EXPECT_EQ(static_cast<std::size_t>(std::count(fates.begin(), fates.end(), Fate::repeated)),
              arrivals.size() - 1000);
}

TEST_F(InternetTest, BandwidthSpacesPackets) {
    LinkRules link;
    link.bandwidth = 8'000'000;  // a byte in a microsecond
    set_link(link);
    send(3, 972);
    ASSERT_EQ(arrivals.size(), 3u);
    EXPECT_EQ(arrivals[0].when, Instant() + link.latency + 1ms);
    EXPECT_EQ(arrivals[2].when, Instant() + link.latency + 3ms);
}

TEST_F(InternetTest, ALinkThatIsDownLosesEverythingInItsDirection) {
    LinkRules link;
    link.down = true;
    set_link(link);
    send(3);
    EXPECT_EQ(arrivals.size(), 0u);
    EXPECT_EQ(fates, std::vector<Fate>(3, Fate::down));
    from.set_watcher(this);
    to.send_to(from.local(), "back");
    net.run_for(1s);
    EXPECT_EQ(arrivals.size(), 1u);
    set_link({});
    send(1);
    EXPECT_EQ(arrivals.size(), 2u);
}

TEST_F(InternetTest, ALargeDatagramIsLostWithAnyOfItsFragments) {
    LinkRules link;
    link.loss = 0.1;
    link.mtu = 1000;
    set_link(link);
    send(300, 9000);
    // Ten fragments: 0.9 to the tenth power arrive.
    EXPECT_NEAR(static_cast<double>(arrivals.size()), 105, 35);
    EXPECT_EQ(arrivals.at(0).payload.size(), 9000u);
}

TEST_F(InternetTest, ASegmentAboveTheMtuIsLost) {
    LinkRules link;
    link.mtu = 100;
    set_link(link);
    TcpSegment segment;
    segment.source = at("192.0.2.1", 1);
    segment.destination = at("192.0.2.2", 2);
    segment.payload = std::string(61, 'x');
    net.server.send(segment);
    EXPECT_EQ(fates.back(), Fate::too_large);
    segment.payload.pop_back();
    net.server.send(segment);
    EXPECT_EQ(fates.back(), Fate::travels);
}

TEST_F(InternetTest, ARouterSaysWhatTheWayCarries) {
    LinkRules link;
    link.path_mtu = 1300;
    set_link(link);
    TcpSegment segment;
    segment.source = at("192.0.2.1", 1);
    segment.destination = at("192.0.2.2", 2);
    segment.payload = std::string(1261, 'x');
    net.server.send(segment);
    // The error is on its way.
    EXPECT_EQ(fates, (std::vector<Fate>{Fate::too_large, Fate::travels}));
    EXPECT_EQ(net.server.path_mtu(segment.destination), 1500u);
    net.run_for(1s);
    EXPECT_EQ(net.server.path_mtu(segment.destination), 1300u);
    EXPECT_EQ(net.client.path_mtu(segment.source), 1500u);
    segment.payload.pop_back();
    net.server.send(segment);
    EXPECT_EQ(fates.back(), Fate::travels);
}

TEST_F(InternetTest, ARouterSaysNothingAboutWhatIsForSeveral) {
    LinkRules link;
    link.path_mtu = 1300;
    set_link(link);
    net.server.send(UdpDatagram{.source = at("192.0.2.1", 1),
                                .destination = at("255.255.255.255", 2),
                                .payload = std::string(1300, 'x'),
                                .may_be_fragmented = false});
    EXPECT_EQ(fates, std::vector<Fate>{Fate::too_large});
}

TEST_F(InternetTest, AnAddressThatNobodyHasIsUnreachable) {
    from.send_to(at("192.0.2.99", 1), "x");
    EXPECT_EQ(fates, std::vector<Fate>{Fate::unreachable});
}

TEST_F(InternetTest, OwnAddressesNeedNoLink) {
    LinkRules down;
    down.down = true;
    net.internet.set_default_link(down);
    UdpEndpoint inside(net.server);
    ASSERT_EQ(inside.bind(at("127.0.0.1")), STATUS_SUCCESS);
    inside.set_watcher(this);
    UdpEndpoint other(net.server);
    ASSERT_EQ(other.bind(at("0.0.0.0", 3000)), STATUS_SUCCESS);
    EXPECT_EQ(other.send_to(inside.local(), "x"), STATUS_SUCCESS);
    net.run_for(1ms);
    EXPECT_EQ(arrivals.size(), 1u);
}

TEST_F(InternetTest, TheSameSeedLosesTheSame) {
    const auto run = [](std::uint64_t seed) {
        SmallInternet own(seed);
        LinkRules link;
        link.loss = 0.5;
        own.internet.set_default_link(link);
        UdpEndpoint one(own.server);
        UdpEndpoint other(own.client);
        one.bind(at("192.0.2.1", 1));
        other.bind(at("192.0.2.2", 2));
        for (int i = 0; i < 64; ++i) {
            one.send_to(other.local(), std::to_string(i));
        }
        own.run_for(1s);
        std::string got;
        for (const UdpDatagram& datagram : other.waiting()) {
            got += datagram.payload + ' ';
        }
        return got;
    };
    EXPECT_EQ(run(1), run(1));
    EXPECT_NE(run(1), run(2));
}

TEST_F(InternetTest, AComputerThatHasGoneGetsNothing) {
    auto gone = std::make_unique<Computer>(net.internet, "gone", std::vector{at("192.0.2.50")});
    from.send_to(at("192.0.2.50", 1), "x");
    gone.reset();
    net.run_for(1s);
    from.send_to(at("192.0.2.50", 1), "x");
    EXPECT_EQ(fates.back(), Fate::unreachable);
}

}  // namespace
}  // namespace owsk::net
