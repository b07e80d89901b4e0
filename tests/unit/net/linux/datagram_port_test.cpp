// SPDX-License-Identifier: MIT
// Ports of datagrams that are sockets of this computer.
#include "net/linux/datagram_port.h"

#include <net/if.h>
#include <sched.h>

#include <chrono>
#include <cstdlib>
#include <functional>

#include "unit/net/datagram_contract.h"
#include "unit/net/linux/netfilter/own_network.h"
#include "unit/net/linux/wire.h"

namespace owsk::net {
namespace {

class LinuxScene {
  public:
    LinuxScene() { host_.start(nullptr); }
    ~LinuxScene() { host_.stop(); }

    Network& network() { return network_; }
    host::Processor& processor() { return host_.processor(0); }
    template <typename Change>
    void change(Change what) {
        EXPECT_TRUE(holds_no_lock());
        board_.change(what);
    }
    template <typename Condition>
    bool wait_for(Condition condition) {
        return board_.wait_for(condition);
    }
    void close(DatagramPort& port) { close_and_wait(port); }

  private:
    Board board_;
    host::LinuxHost host_;
    LinuxNetwork network_{host_, GateMode::accepted};
};

INSTANTIATE_TYPED_TEST_SUITE_P(Linux, DatagramContract, LinuxScene);

class LinuxDatagramPortTest : public testing::Test {
  protected:
    using Port = UsedPort<LinuxScene>;
    LinuxScene scene;
};

// 127.255.255.255 is the broadcast address of the loopback's subnet.
TEST_F(LinuxDatagramPortTest, ABroadcastNeedsPermissionAndIsTold) {
    Port here(scene, address_at("0.0.0.0"));
    Port there(scene, address_at("0.0.0.0"));
    const Address all = here.at("127.255.255.255");
    EXPECT_EQ(there.send(all, "x").status, STATUS_ACCESS_DENIED);
    ASSERT_EQ(there->set_option(DatagramOption::broadcast, 1), STATUS_SUCCESS);
    EXPECT_EQ(there.send(all, "to all").outcome, Outcome::done);
    EXPECT_EQ(here.text(), "to all");
    EXPECT_TRUE(here.datagram().is_broadcast);
    EXPECT_FALSE(here.datagram().is_multicast);
    Port both(scene, address_at("::"), {.v6_only = false});
    EXPECT_EQ(there.send(both.at("127.255.255.255"), "to both").outcome, Outcome::done);
    EXPECT_EQ(both.text(), "to both");
    EXPECT_TRUE(both.datagram().is_broadcast);
}

TEST_F(LinuxDatagramPortTest, AMemberOfOneGroupDoesNotHearTheGroupOfAnother) {
    Port here(scene, address_at("0.0.0.0"));
    Port other(scene, address_at("0.0.0.0"));
    Port sender(scene, address_at("0.0.0.0"));
    ASSERT_EQ(sender->set_option(DatagramOption::multicast_interface, 1), STATUS_SUCCESS);
    ASSERT_EQ(here->join_group(address_at("239.1.2.3"), 1), STATUS_SUCCESS);
    ASSERT_EQ(other->join_group(address_at("239.1.2.4"), 1), STATUS_SUCCESS);
    sender.send(here.at("239.1.2.4"), "not for us");
    sender.send(here.at("239.1.2.3"), "for us");
    EXPECT_EQ(here.text(), "for us");
}

TEST_F(LinuxDatagramPortTest, OfManyDatagramsOneCallSendsTheFirst) {
    Port here(scene, address_at("127.0.0.1"));
    const std::string text(6500, 'x');
    const Transfer sent = here.send(here->local_address(), text, {.segment_size = 100});
    EXPECT_EQ(sent.outcome, Outcome::done);
    EXPECT_EQ(sent.bytes, 6400U);
    for (int received = 0; received < 64; ++received) {
        EXPECT_EQ(here.text(), std::string(100, 'x'));
    }
    // Two of them are longer than a datagram.
    const std::string longer(65536, 'x');
    const Transfer one = here.send(here->local_address(), longer, {.segment_size = 40000});
    EXPECT_EQ(one.bytes, 40000U);
    EXPECT_EQ(here.text(65536), std::string(40000, 'x'));
    const Transfer none = here.send(here->local_address(), longer, {.segment_size = 65530});
    EXPECT_EQ(none.status, STATUS_INVALID_BUFFER_SIZE);
}

TEST_F(LinuxDatagramPortTest, DatagramsThatWereSentTogetherAreReceivedTogether) {
    Port here(scene, address_at("127.0.0.1"));
    Port there(scene, address_at("127.0.0.1"));
    ASSERT_EQ(here->set_option(DatagramOption::coalesced_max, 65507), STATUS_SUCCESS);
    there.send(here->local_address(), "0123456789", {.segment_size = 4});
    EXPECT_EQ(here.text(), "0123456789");
    EXPECT_EQ(here.datagram().header.segment_size, 4U);
    there.send(here->local_address(), "alone");
    EXPECT_EQ(here.text(), "alone");
    EXPECT_EQ(here.datagram().header.segment_size, std::nullopt);
    // Linux has no limit, so that nothing may come together.
    ASSERT_EQ(here->set_option(DatagramOption::coalesced_max, 65506), STATUS_SUCCESS);
    there.send(here->local_address(), "0123456789", {.segment_size = 4});
    EXPECT_EQ(here.text(), "0123");
}

// A link with nobody at its other end, and two addresses.
class DatagramsOnALinkTest : public OwnNetworkTest {
  protected:
    static void ip(const std::string& words) {
        if (std::system(("ip " + words).c_str()) != 0) {
            not_possible_here("ip " + words);
        }
    }
    // The kernel sets up routes of IPv6 by and by.
    static void wait_for_route(const std::string& route) {
        const std::string look = "ip -6 route show table local dev w0 | grep -q " + route;
        const auto end = std::chrono::steady_clock::now() + patience;
        while (std::system(look.c_str()) != 0) {
            ASSERT_LT(std::chrono::steady_clock::now(), end) << route;
        }
    }
    void on_a_link(const std::function<void(LinuxScene&, std::uint32_t)>& body) {
        in_own_network([&] {
            ip("link add w0 type veth peer name w1");
            ip("link set w1 up");
            ip("link set w0 up mtu 1400");
            ip("addr add 192.0.2.1/24 brd + dev w0");
            ip("addr add 2001:db8::1/64 dev w0 nodad");
            ip("addr add fe80::1/64 dev w0 nodad");
            wait_for_route("ff00::/8");
            wait_for_route("2001:db8::1");
            wait_for_route("fe80::1");
            LinuxScene scene;
            body(scene, ::if_nametoindex("w0"));
        });
    }
    using Port = UsedPort<LinuxScene>;
};

TEST_F(DatagramsOnALinkTest, ABroadcastOfTheSubnetIsOne) {
    on_a_link([](LinuxScene& scene, std::uint32_t link) {
        Port here(scene, address_at("0.0.0.0"));
        Port there(scene, address_at("0.0.0.0"));
        ASSERT_EQ(there->set_option(DatagramOption::broadcast, 1), STATUS_SUCCESS);
        ASSERT_EQ(here->set_option(DatagramOption::report_packet_info, 1), STATUS_SUCCESS);
        EXPECT_EQ(there.send(here.at("192.0.2.255"), "to the subnet").outcome, Outcome::done);
        EXPECT_EQ(here.text(), "to the subnet");
        EXPECT_TRUE(here.datagram().is_broadcast);
        const PacketInfo info = {.ip = address_at("192.0.2.255").ip, .interface_index = link};
        EXPECT_EQ(here.datagram().header.packet_info, info);
        const PacketInfo from = {.interface_index = link};
        const Address all = here.at("255.255.255.255");
        EXPECT_EQ(there.send(all, "to all", {.packet_info = from}).outcome, Outcome::done);
        EXPECT_EQ(here.text(), "to all");
        EXPECT_TRUE(here.datagram().is_broadcast);
        there.send(here.at("192.0.2.1"), "to one");
        EXPECT_EQ(here.text(), "to one");
        EXPECT_FALSE(here.datagram().is_broadcast);
    });
}

TEST_F(DatagramsOnALinkTest, HearsItsGroups) {
    on_a_link([](LinuxScene& scene, std::uint32_t link) {
        expect_group(scene, address_at("0.0.0.0"), address_at("239.1.2.3"), link);
        expect_group(scene, address_at("::"), address_at("ff05::1234"), link);
    });
}

TEST_F(DatagramsOnALinkTest, WhatMayNotBeFragmentedHasToFit) {
    on_a_link([](LinuxScene& scene, std::uint32_t) {
        Port here(scene, address_at("192.0.2.1"));
        const Address to = address_at("192.0.2.9", 7);
        EXPECT_EQ(here.send(to, std::string(1373, 'x')).outcome, Outcome::done);
        ASSERT_EQ(here->set_option(DatagramOption::do_not_fragment, 1), STATUS_SUCCESS);
        EXPECT_EQ(here.send(to, std::string(1373, 'x')).status, STATUS_INVALID_BUFFER_SIZE);
        EXPECT_EQ(here.send(to, std::string(1372, 'x')).outcome, Outcome::done);
    });
}

TEST_F(DatagramsOnALinkTest, EachOfSeveralDatagramsHasToFit) {
    on_a_link([](LinuxScene& scene, std::uint32_t) {
        Port here(scene, address_at("192.0.2.1"));
        const Address to = address_at("192.0.2.9", 7);
        const std::string text(3000, 'x');
        EXPECT_EQ(here.send(to, text, {.segment_size = 1373}).status, STATUS_INVALID_BUFFER_SIZE);
        EXPECT_EQ(here.send(to, text, {.segment_size = 1372}).outcome, Outcome::done);
    });
}

TEST_F(DatagramsOnALinkTest, RoomToSendIsAnnouncedOnceThereIsNone) {
    on_a_link([](LinuxScene& scene, std::uint32_t) {
        Port here(scene, address_at("192.0.2.1"));
        ASSERT_TRUE(here.log().wait_writable());
        ASSERT_EQ(here->set_option(DatagramOption::send_buffer, 4096), STATUS_SUCCESS);
        // Waits until the computer knows who has the address.
        const Address to = address_at("192.0.2.9", 7);
        Transfer transfer = {Outcome::done};
        for (int sent = 0; transfer.outcome == Outcome::done && sent < 1000; ++sent) {
            transfer = here.send(to, std::string(1000, 'x'));
        }
        ASSERT_EQ(transfer.outcome, Outcome::would_block);
        ip("neigh replace 192.0.2.9 lladdr 02:00:00:00:00:09 dev w0");
        EXPECT_TRUE(here.log().wait_writable());
        EXPECT_EQ(here.send(to, "x").outcome, Outcome::done);
    });
}

TEST_F(DatagramsOnALinkTest, ALinkLocalAddressKeepsItsScope) {
    on_a_link([](LinuxScene& scene, std::uint32_t link) {
        Address local = address_at("fe80::1");
        local.scope_id = link;
        Port here(scene, local);
        Port there(scene, local);
        EXPECT_EQ(here->local_address().scope_id, link);
        EXPECT_EQ(there.send(here->local_address(), "x").outcome, Outcome::done);
        EXPECT_EQ(here.text(), "x");
        EXPECT_EQ(here.datagram().remote, there->local_address());
    });
}

// The other end of the link is another host, 192.0.2.9, and the way to 198.51.100.0/24 and, with an
// MTU of 600, to 203.0.113.0/24.
class DatagramsToAHostTest : public DatagramsOnALinkTest {
  protected:
    void with_a_host(const std::function<void(LinuxScene&)>& body) {
        on_a_link([&](LinuxScene& scene, std::uint32_t) {
            const pid_t child = fork_process([] {
                EXPECT_EQ(::unshare(CLONE_NEWNET), 0);
                return host::UniqueFd();
            });
            const std::string pid = std::to_string(child);
            ip("link set w1 netns " + pid);
            on_host(pid, "ip link set lo up");
            on_host(pid, "ip link set w1 up");
            on_host(pid, "ip addr add 192.0.2.9/24 dev w1");
            on_host(pid, "ip route add 198.51.100.0/24 dev w1");
            on_host(pid, "ip link add narrow mtu 600 type veth peer name end");
            on_host(pid, "ip link set end up");
            on_host(pid, "ip link set narrow up");
            on_host(pid, "ip route add 203.0.113.0/24 dev narrow");
            on_host(pid, "sh -c 'echo 1 > /proc/sys/net/ipv4/ip_forward'");
            ip("route add 198.51.100.0/24 via 192.0.2.9");
            ip("route add 203.0.113.0/24 via 192.0.2.9");
            body(scene);
            kill_process(child);
        });
    }

  private:
    static void on_host(const std::string& pid, const std::string& words) {
        const std::string command = "nsenter -t " + pid + " -n " + words;
        if (std::system(command.c_str()) != 0) {
            not_possible_here(command);
        }
    }
};

TEST_F(DatagramsToAHostTest, ThatHasNotThePortSaysSo) {
    with_a_host([](LinuxScene& scene) {
        Port here(scene, address_at("0.0.0.0"));
        ASSERT_EQ(here->set_option(DatagramOption::report_errors, 1), STATUS_SUCCESS);
        EXPECT_EQ(here.send(address_at("192.0.2.9", 7), "x").outcome, Outcome::done);
        EXPECT_EQ(here.text(), "x");
        const IcmpReport report = {.type = 3, .code = 3};
        EXPECT_EQ(here.datagram().error, report);
    });
}

TEST_F(DatagramsToAHostTest, BehindARouterNeedMoreThanOneHop) {
    with_a_host([](LinuxScene& scene) {
        Port here(scene, address_at("0.0.0.0"));
        ASSERT_EQ(here->set_option(DatagramOption::report_errors, 1), STATUS_SUCCESS);
        const Address far = address_at("198.51.100.1", 7);
        const DatagramHeader one_hop = {.hop_limit = std::uint8_t{1}};
        EXPECT_EQ(here.send(far, "x", one_hop).outcome, Outcome::done);
        EXPECT_EQ(here.text(), "x");
        EXPECT_EQ(here.datagram().remote, far);
        const IcmpReport time_exceeded = {.type = 11, .code = 0};
        EXPECT_EQ(here.datagram().error, time_exceeded);
    });
}

TEST_F(DatagramsToAHostTest, ThatAreTooLongForTheWayHearItsMtu) {
    with_a_host([](LinuxScene& scene) {
        Port here(scene, address_at("0.0.0.0"));
        ASSERT_EQ(here->set_option(DatagramOption::report_errors, 1), STATUS_SUCCESS);
        ASSERT_EQ(here->set_option(DatagramOption::do_not_fragment, 1), STATUS_SUCCESS);
        const Address far = address_at("203.0.113.1", 7);
        const std::string text(1000, 'x');
        EXPECT_EQ(here.send(far, text).outcome, Outcome::done);
        here.text();
        const IcmpReport too_long = {.type = 3, .code = 4, .mtu = 600};
        EXPECT_EQ(here.datagram().error, too_long);
        // What the computer has learned is the error of the send alone.
        EXPECT_EQ(here.send(far, text).status, STATUS_INVALID_BUFFER_SIZE);
        EXPECT_EQ(here.send(here.at("127.0.0.1"), "to myself").outcome, Outcome::done);
        EXPECT_EQ(here.text(), "to myself");
        EXPECT_EQ(here.datagram().error, std::nullopt);
    });
}

}  // namespace
}  // namespace owsk::net
