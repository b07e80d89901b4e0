// SPDX-License-Identifier: MIT
// Every kind of rules that this machine offers, seen from the traffic: what is queued, what is not,
// and what is left when the rules or their owner are gone.
#include "net/linux/netfilter/syn_rules.h"

#include <net/if.h>
#include <sched.h>

#include <fstream>
#include <string>
#include <vector>

#include "net/linux/netfilter/segment_sender.h"
#include "unit/net/linux/netfilter/held_traffic.h"
#include "unit/net/linux/netfilter/own_network.h"

namespace owsk::net {
namespace {

constexpr std::uint16_t number = 100;
constexpr auto table = "owsk-test";

std::string kind_name(const testing::TestParamInfo<RuleKind>& info) {
    constexpr std::array names = {"NftQueue", "NftCompat", "Legacy"};
    return names[static_cast<std::size_t>(info.param)];
}

class SynRulesTest : public OwnNetworkTest, public testing::WithParamInterface<RuleKind> {
  protected:
    static NfQueue bind_queue(std::uint16_t which = number) {
        Result<NfQueue> queue = NfQueue::bind(which, 64);
        if (!queue) {
            not_possible_here("no queue of nfnetlink_queue can be bound");
        }
        return std::move(*queue);
    }
    static std::unique_ptr<SynRules> open_rules(std::uint16_t queues = 1) {
        OpenedRules opened = open_syn_rules(GetParam(), table, {.first = number, .count = queues});
        if (opened.rules == nullptr) {
            not_possible_here(opened.reason);
        }
        return std::move(opened.rules);
    }
    static void add(SynRules& rules, const Address& local, bool with_ipv4 = false) {
        ASSERT_EQ(rules.add(local, with_ipv4), STATUS_SUCCESS) << rules.refusal();
    }
    static void remove(SynRules& rules, const Address& local, bool with_ipv4 = false) {
        ASSERT_EQ(rules.remove(local, with_ipv4), STATUS_SUCCESS) << rules.refusal();
    }
    // Whether a connection is made without asking the queue.
    static bool passes(HeldSegments& held, const Address& server) {
        const ConnectingClient client(server);
        std::array<pollfd, 2> look = {{{.fd = client.fd(), .events = POLLOUT, .revents = 0},
                                       {.fd = held.fd(), .events = POLLIN, .revents = 0}}};
        EXPECT_GE(::poll(look.data(), look.size(), patience_ms), 1);
        return client.is_connected() && held.count() == 0;
    }
    // A process that adds rules for `local` and is killed when they work.
    static void let_a_process_die(const Address& local) {
        // Says in this process if it is not possible.
        open_rules();
        kill_process(fork_process([&local] {
            auto rules = open_rules();
            add(*rules, local, true);
            return rules;
        }));
    }
};

INSTANTIATE_TEST_SUITE_P(Kinds,
                         SynRulesTest,
                         testing::Values(RuleKind::nft_queue,
                                         RuleKind::nft_compat,
                                         RuleKind::legacy),
                         kind_name);

// Where a server listens and how a client reaches it.
struct Route {
    const char* name;
    Address server;
    Address client;
    bool with_ipv4 = false;
};

const std::vector<Route> routes = {
    {"IPv4", ipv4_loopback, ipv4_loopback},
    {"IPv4 wildcard", ipv4_any, ipv4_other},
    {"IPv6", ipv6_loopback, ipv6_loopback},
    {"IPv6 wildcard", ipv6_any, ipv6_loopback},
    {"IPv6 wildcard that takes IPv4, by IPv6", ipv6_any, ipv6_loopback, true},
    {"IPv6 wildcard that takes IPv4, by IPv4", ipv6_any, ipv4_loopback, true},
    {"IPv4 written as IPv6", ipv4_mapped, ipv4_loopback},
};

TEST_P(SynRulesTest, AcceptedSynConnects) {
    in_own_network([] {
        NfQueue queue = bind_queue();
        HeldSegments held(queue);
        const auto rules = open_rules();
        for (const Route& route : routes) {
            SCOPED_TRACE(route.name);
            Server server(route.server);
            add(*rules, server.address(), route.with_ipv4);
            const Address target = with_port(route.client, server.port());
            const ConnectingClient client(target);
            const auto syn = held.next();
            ASSERT_TRUE(syn);
            EXPECT_EQ(syn->segment.control, ControlBits{.syn = true});
            EXPECT_EQ(syn->segment.source, client.address());
            EXPECT_EQ(syn->segment.destination, target);
            EXPECT_TRUE(client.is_connecting());
            EXPECT_FALSE(server.has_connection());
            queue.accept(syn->id);
            EXPECT_TRUE(client.connects()) << "queued more than once?";
            EXPECT_TRUE(server.accept());
        }
    });
}

TEST_P(SynRulesTest, RemovedRulesLetEverythingPass) {
    in_own_network([] {
        NfQueue queue = bind_queue();
        HeldSegments held(queue);
        const auto rules = open_rules();
        for (const Route& route : routes) {
            SCOPED_TRACE(route.name);
            Server server(route.server);
            add(*rules, server.address(), route.with_ipv4);
            remove(*rules, server.address(), route.with_ipv4);
            EXPECT_TRUE(passes(held, with_port(route.client, server.port())));
        }
    });
}

TEST_P(SynRulesTest, DroppedSynKeepsTheClientConnecting) {
    in_own_network([] {
        NfQueue queue = bind_queue();
        HeldSegments held(queue, HeldSegments::Repetitions::shown);
        const auto rules = open_rules();
        Server server(ipv4_loopback);
        add(*rules, server.address());
        const ConnectingClient client(server.address());
        const auto syn = held.next();
        ASSERT_TRUE(syn);
        queue.drop(syn->id);
        EXPECT_TRUE(client.is_connecting());
        const auto again = held.next();
        ASSERT_TRUE(again) << "no second attempt";
        EXPECT_EQ(again->segment.sequence, syn->segment.sequence);
        EXPECT_TRUE(client.is_connecting());
        EXPECT_FALSE(server.has_connection());
    });
}

TEST_P(SynRulesTest, ASynThatIsRepeatedToBeRefusedIsRefused) {
    in_own_network([] {
        NfQueue queue = bind_queue();
        HeldSegments held(queue);
        const auto rules = open_rules();
        if (!rules->refuses()) {
            not_possible_here("rules of this kind cannot refuse here");
        }
        for (const Route& route : routes) {
            SCOPED_TRACE(route.name);
            const Server server(route.server);
            add(*rules, server.address(), route.with_ipv4);
            const ConnectingClient client(with_port(route.client, server.port()));
            const auto syn = held.next();
            ASSERT_TRUE(syn);
            queue.repeat(syn->id, refusal_mark);
            pollfd look = {.fd = client.fd(), .events = POLLOUT, .revents = 0};
            EXPECT_EQ(::poll(&look, 1, patience_ms), 1);
            int error = 0;
            socklen_t length = sizeof error;
            ::getsockopt(client.fd(), SOL_SOCKET, SO_ERROR, &error, &length);
            EXPECT_EQ(error, ECONNREFUSED);
            EXPECT_EQ(held.count(), 0U);
            EXPECT_FALSE(server.has_connection());
        }
    });
}

TEST_P(SynRulesTest, ResetsAreQueuedButNothingElseOfAConnection) {
    in_own_network([] {
        NfQueue queue = bind_queue();
        HeldSegments held(queue);
        const auto rules = open_rules();
        for (const Address& where : {ipv4_loopback, ipv6_loopback}) {
            Server server(where);
            add(*rules, server.address());
            ConnectingClient client(server.address());
            queue.accept(held.next().value_or(HeldSegment{}).id);
            ASSERT_TRUE(client.connects());
            const Address source = client.address();
            const host::UniqueFd accepted = server.accept();
            EXPECT_EQ(::send(client.fd(), "data", 4, 0), 4);
            EXPECT_EQ(::send(accepted.get(), "data", 4, 0), 4);
            std::array<char, 4> data;
            EXPECT_EQ(::recv(accepted.get(), data.data(), data.size(), MSG_WAITALL), 4);
            EXPECT_EQ(held.count(), 0U);
            client.reset();
            const auto reset = held.next();
            ASSERT_TRUE(reset);
            EXPECT_TRUE(reset->segment.control.rst);
            EXPECT_EQ(reset->segment.source, source);
            queue.accept(reset->id);
            EXPECT_EQ(::recv(accepted.get(), data.data(), data.size(), MSG_DONTWAIT), -1);
            EXPECT_EQ(errno, ECONNRESET);
        }
    });
}

TEST_P(SynRulesTest, AResetThatAnswersASegmentOfNoConnectionIsQueuedOnItsWayOut) {
    in_own_network([] {
        NfQueue queue = bind_queue();
        HeldSegments held(queue);
        const auto rules = open_rules();
        Result<SegmentSender> sender = SegmentSender::open();
        ASSERT_TRUE(sender.has_value());
        // Each time another one, so that none is taken for a repetition.
        std::uint32_t acknowledgement = 0;
        for (const Route& route : routes) {
            SCOPED_TRACE(route.name);
            const Server server(route.server);
            const Server other(route.server);
            add(*rules, server.address(), route.with_ipv4);
            Segment stray = {.source = with_port(route.client, 1000),
                             .destination = with_port(route.client, other.port()),
                             .sequence = 5,
                             .acknowledgement = ++acknowledgement,
                             .control = {.ack = true}};
            sender->send(stray);
            EXPECT_EQ(held.count(), 0U) << "of another port";
            stray.destination.port = server.port();
            stray.acknowledgement = ++acknowledgement;
            sender->send(stray);
            const auto reset = held.next();
            ASSERT_TRUE(reset);
            EXPECT_TRUE(reset->is_outgoing);
            EXPECT_EQ(reset->interface, ::if_nametoindex("lo"));
            EXPECT_EQ(reset->segment.source, stray.destination);
            EXPECT_EQ(reset->segment.destination, stray.source);
            EXPECT_EQ(reset->segment.sequence, stray.acknowledgement);
            EXPECT_EQ(reset->segment.control, ControlBits{.rst = true});
            queue.accept(reset->id);
            remove(*rules, server.address(), route.with_ipv4);
            stray.acknowledgement = ++acknowledgement;
            sender->send(stray);
            EXPECT_EQ(held.count(), 0U) << "after the rules were removed";
        }
    });
}

TEST_P(SynRulesTest, OtherAddressesAndPortsPass) {
    in_own_network([] {
        NfQueue queue = bind_queue();
        HeldSegments held(queue);
        const auto rules = open_rules();
        const Server server(ipv6_any);
        const Server other(ipv6_any);
        add(*rules, with_port(ipv4_loopback, server.port()));
        EXPECT_TRUE(passes(held, with_port(ipv4_other, server.port())));
        EXPECT_TRUE(passes(held, with_port(ipv6_loopback, server.port())));
        EXPECT_TRUE(passes(held, with_port(ipv4_loopback, other.port())));
        EXPECT_FALSE(passes(held, with_port(ipv4_loopback, server.port())));
    });
}

TEST_P(SynRulesTest, IPv6WildcardAloneLeavesIPv4) {
    in_own_network([] {
        NfQueue queue = bind_queue();
        HeldSegments held(queue);
        const auto rules = open_rules();
        const Server server(ipv6_any);
        add(*rules, server.address(), false);
        EXPECT_TRUE(passes(held, with_port(ipv4_loopback, server.port())));
        EXPECT_FALSE(passes(held, with_port(ipv6_loopback, server.port())));
    });
}

TEST_P(SynRulesTest, AnAddressAddedTwiceIsQueuedOnceUntilRemovedTwice) {
    in_own_network([] {
        NfQueue queue = bind_queue();
        HeldSegments held(queue);
        const auto rules = open_rules();
        const Server server(ipv4_any);
        const Address specific = with_port(ipv4_loopback, server.port());
        add(*rules, server.address());
        add(*rules, specific);
        add(*rules, specific);
        remove(*rules, specific);
        for (const Address& left : {specific, server.address()}) {
            const ConnectingClient client(specific);
            const auto syn = held.next();
            ASSERT_TRUE(syn);
            queue.accept(syn->id);
            EXPECT_TRUE(client.connects()) << "a second rule has queued it again?";
            remove(*rules, left);
        }
        EXPECT_TRUE(passes(held, specific));
        EXPECT_EQ(rules->remove(specific, false), STATUS_NOT_FOUND);
    });
}

TEST_P(SynRulesTest, EverythingPassesWhileNobodyHasTheQueue) {
    in_own_network([] {
        const auto rules = open_rules();
        const Server server(ipv4_loopback);
        add(*rules, server.address());
        EXPECT_TRUE(ConnectingClient(server.address()).connects());
    });
}

TEST_P(SynRulesTest, EachProcessorHasItsQueue) {
    in_own_network([] {
        std::vector<NfQueue> queues;
        queues.push_back(bind_queue(number));
        queues.push_back(bind_queue(number + 1));
        const auto rules = open_rules(2);
        const Server server(ipv4_loopback);
        add(*rules, server.address());
        cpu_set_t allowed;
        ASSERT_EQ(::sched_getaffinity(0, sizeof allowed, &allowed), 0);
        for (std::size_t processor = 0; processor < CPU_SETSIZE; ++processor) {
            if (!CPU_ISSET(processor, &allowed)) {
                continue;
            }
            cpu_set_t one;
            CPU_ZERO(&one);
            CPU_SET(processor, &one);
            ASSERT_EQ(::sched_setaffinity(0, sizeof one, &one), 0);
            const ConnectingClient client(server.address());
            EXPECT_TRUE(HeldSegments(queues[processor % 2]).next()) << processor;
            EXPECT_EQ(HeldSegments(queues[1 - processor % 2]).count(), 0U) << processor;
        }
    });
}

TEST_P(SynRulesTest, AllRulesGoWithTheObject) {
    in_own_network([] {
        NfQueue queue = bind_queue();
        HeldSegments held(queue);
        const Server server(ipv6_any);
        auto rules = open_rules();
        add(*rules, server.address(), true);
        rules.reset();
        EXPECT_TRUE(passes(held, with_port(ipv4_loopback, server.port())));
        EXPECT_TRUE(passes(held, with_port(ipv6_loopback, server.port())));
    });
}

TEST_P(SynRulesTest, TheNextOwnerOfTheNameStartsWithoutTheRulesOfAKilledOne) {
    in_own_network([] {
        NfQueue queue = bind_queue();
        HeldSegments held(queue);
        const Server server(ipv6_any);
        const Server other(ipv4_loopback);
        let_a_process_die(server.address());
        const auto rules = open_rules();
        add(*rules, other.address());
        EXPECT_TRUE(passes(held, with_port(ipv4_loopback, server.port())));
        EXPECT_TRUE(passes(held, with_port(ipv6_loopback, server.port())));
        EXPECT_FALSE(passes(held, other.address()));
    });
}

TEST_P(SynRulesTest, LeftoversOfAKilledProcessCanBeRemoved) {
    in_own_network([] {
        NfQueue queue = bind_queue();
        HeldSegments held(queue);
        const Server server(ipv6_any);
        let_a_process_die(server.address());
        if (GetParam() == RuleKind::legacy && !std::ifstream("/proc/net/ip_tables_names")) {
            not_possible_here("this user cannot see which tables of iptables-legacy are in use");
        }
        remove_leftovers(table);
        EXPECT_TRUE(passes(held, with_port(ipv4_loopback, server.port())));
        EXPECT_TRUE(passes(held, with_port(ipv6_loopback, server.port())));
    });
}

TEST_P(SynRulesTest, RemovingLeftoversWhereNothingIsLeftChangesNothing) {
    in_own_network([] {
        NfQueue queue = bind_queue();
        HeldSegments held(queue);
        const auto rules = open_rules();
        const Server server(ipv4_loopback);
        add(*rules, server.address());
        remove_leftovers("owsk-other");
        EXPECT_FALSE(passes(held, server.address()));
    });
}

class OpenSynRules : public OwnNetworkTest {};

TEST_F(OpenSynRules, SaysInOneSentenceWhyNot) {
    in_own_network([] {
        drop_privileges();
        const OpenedRules opened = open_syn_rules(table, {.first = number, .count = 1});
        ASSERT_EQ(opened.rules, nullptr);
        EXPECT_NE(opened.reason.find("CAP_NET_ADMIN"), std::string::npos) << opened.reason;
        EXPECT_NE(opened.reason.find("nf_tables"), std::string::npos) << opened.reason;
        EXPECT_EQ(opened.reason.find('\n'), std::string::npos) << opened.reason;
    });
}

TEST(MatchedAddresses, AreThoseOfThePacket) {
    using Addresses = std::vector<Address>;
    const Address scoped{.family = Family::ipv6, .port = 7, .ip = {0xfe, 0x80, 1}, .scope_id = 3};
    EXPECT_EQ(matched_addresses(ipv4_loopback, false), Addresses{ipv4_loopback});
    EXPECT_EQ(matched_addresses(with_port(ipv4_mapped, 7), false),
              Addresses{with_port(ipv4_loopback, 7)});
    EXPECT_EQ(matched_addresses(with_port(ipv6_any, 7), false), Addresses{with_port(ipv6_any, 7)});
    EXPECT_EQ(matched_addresses(with_port(ipv6_any, 7), true),
              (Addresses{with_port(ipv6_any, 7), with_port(ipv4_any, 7)}));
    EXPECT_EQ(matched_addresses(ipv6_loopback, true), Addresses{ipv6_loopback});
    EXPECT_EQ(matched_addresses(scoped, false)[0].scope_id, 0U);
}

}  // namespace
}  // namespace owsk::net
