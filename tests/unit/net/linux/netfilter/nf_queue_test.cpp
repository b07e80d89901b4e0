// SPDX-License-Identifier: MIT
// A queue of the real kernel, fed by real rules from loopback connections.
#include "net/linux/netfilter/nf_queue.h"

#include <utility>
#include <vector>

#include "net/linux/netfilter/syn_rules.h"
#include "unit/net/linux/netfilter/held_traffic.h"
#include "unit/net/linux/netfilter/own_network.h"

namespace owsk::net {
namespace {

constexpr std::uint16_t number = 7;
constexpr std::uint32_t length = 64;

class NfQueueTest : public OwnNetworkTest {
  protected:
    static NfQueue bind_queue(std::uint32_t length_max = length) {
        Result<NfQueue> queue = NfQueue::bind(number, length_max);
        if (!queue) {
            not_possible_here("no queue of nfnetlink_queue can be bound");
        }
        return std::move(*queue);
    }
    static std::unique_ptr<SynRules> open_rules() {
        OpenedRules opened = open_syn_rules("owsk-test", {.first = number, .count = 1});
        if (opened.rules == nullptr) {
            not_possible_here(opened.reason);
        }
        return std::move(opened.rules);
    }
    static std::unique_ptr<SynRules> open_rules(const Server& server) {
        std::unique_ptr<SynRules> rules = open_rules();
        EXPECT_EQ(rules->add(server.address(), false), STATUS_SUCCESS) << rules->refusal();
        return rules;
    }
};

TEST_F(NfQueueTest, SaysThatSomebodyHasTheNumber) {
    in_own_network([] {
        {
            const NfQueue first = bind_queue();
            EXPECT_EQ(NfQueue::bind(number, length).status(), STATUS_ADDRESS_ALREADY_EXISTS);
        }
        EXPECT_TRUE(NfQueue::bind(number, length));
    });
}

TEST_F(NfQueueTest, SaysThatThePrivilegeIsMissing) {
    in_own_network([] {
        const NfQueue other = bind_queue();
        drop_privileges();
        EXPECT_EQ(NfQueue::bind(number, length).status(), STATUS_ACCESS_DENIED);
        EXPECT_EQ(NfQueue::bind(number + 1, length).status(), STATUS_ACCESS_DENIED);
    });
}

TEST_F(NfQueueTest, TellsTheHeadersAndTheInterface) {
    in_own_network([] {
        NfQueue queue = bind_queue();
        HeldSegments held(queue);
        Server server(ipv4_loopback);
        const auto rules = open_rules(server);
        const ConnectingClient client(server.address());
        const auto syn = held.next();
        ASSERT_TRUE(syn);
        EXPECT_EQ(syn->interface, ::if_nametoindex("lo"));
        EXPECT_FALSE(syn->is_outgoing);
        EXPECT_EQ(syn->segment.source, client.address());
        EXPECT_EQ(syn->segment.destination, server.address());
        EXPECT_EQ(syn->segment.control, ControlBits{.syn = true});
    });
}

TEST_F(NfQueueTest, TellsOfVerdictsOnPacketsThatTheKernelHasDropped) {
    in_own_network([] {
        NfQueue queue = bind_queue();
        HeldSegments held(queue);
        Server server(ipv4_loopback);
        const auto rules = open_rules(server);
        const ConnectingClient first(server.address());
        const auto lost = held.next();
        ASSERT_TRUE(lost);
        // Whoever removes a hook makes the kernel drop what is held.
        EXPECT_NE(open_syn_rules("owsk-other", {.first = number, .count = 1}).rules, nullptr);
        const ConnectingClient second(server.address());
        const auto kept = held.next();
        ASSERT_TRUE(kept);
        queue.accept(kept->id);
        queue.accept(lost->id);
        std::vector<std::uint32_t> told;
        queue.fetch([](const NfQueue::Packet&) {},
                    [&told](std::uint32_t id) { told.push_back(id); });
        EXPECT_EQ(told, std::vector{lost->id});
        EXPECT_TRUE(second.connects());
    });
}

TEST_F(NfQueueTest, WorksOnAfterItWasMoved) {
    in_own_network([] {
        NfQueue first = bind_queue();
        Server server(ipv4_loopback);
        const auto rules = open_rules(server);
        const ConnectingClient client(server.address());
        NfQueue second = std::move(first);
        HeldSegments held(second);
        const auto syn = held.next();
        ASSERT_TRUE(syn);
        second.accept(syn->id);
        EXPECT_TRUE(client.connects());
    });
}

TEST_F(NfQueueTest, SaysWhetherMoreMayWait) {
    in_own_network([] {
        NfQueue queue = bind_queue();
        Server server(ipv4_loopback);
        const auto rules = open_rules(server);
        std::vector<ConnectingClient> clients;
        clients.reserve(20);
        for (int count = 0; count < 20; ++count) {
            clients.emplace_back(server.address());
        }
        std::size_t seen = 0;
        while (seen < clients.size()) {
            pollfd look = {.fd = queue.fd(), .events = POLLIN, .revents = 0};
            ASSERT_EQ(::poll(&look, 1, patience_ms), 1);
            std::size_t fetched = 0;
            const bool more = queue.fetch([&fetched](const NfQueue::Packet&) { ++fetched; });
            EXPECT_EQ(more, fetched == 16);
            seen += fetched;
        }
        EXPECT_EQ(seen, clients.size());
    });
}

TEST_F(NfQueueTest, DropsWhatFindsItFull) {
    in_own_network([] {
        NfQueue queue = bind_queue(1);
        HeldSegments held(queue);
        Server server(ipv4_loopback);
        const auto rules = open_rules(server);
        const ConnectingClient first(server.address());
        const auto syn = held.next();
        ASSERT_TRUE(syn);
        const ConnectingClient second(server.address());
        EXPECT_TRUE(first.is_connecting());
        EXPECT_TRUE(second.is_connecting()) << "let through because the queue was full";
        EXPECT_EQ(held.count(), 0U);
        queue.accept(syn->id);
        EXPECT_TRUE(first.connects());
        // It tries again by itself, and now there is room.
        const auto again = held.next();
        ASSERT_TRUE(again);
        EXPECT_EQ(again->segment.source, second.address());
    });
}

TEST_F(NfQueueTest, ForgivesAVerdictOnWhatItDoesNotHold) {
    in_own_network([] {
        NfQueue queue = bind_queue();
        HeldSegments held(queue);
        queue.accept(12345);
        queue.drop(12345);
        EXPECT_EQ(held.count(), 0U);
        Server server(ipv4_loopback);
        const auto rules = open_rules(server);
        const ConnectingClient client(server.address());
        const auto syn = held.next();
        ASSERT_TRUE(syn);
        queue.accept(syn->id);
        queue.drop(syn->id);
        EXPECT_TRUE(client.connects());
    });
}

TEST_F(NfQueueTest, DropsWhatItHoldsWhenItIsClosed) {
    in_own_network([] {
        Server server(ipv4_loopback);
        std::optional<NfQueue> queue = bind_queue();
        const auto rules = open_rules(server);
        const ConnectingClient client(server.address());
        ASSERT_TRUE(HeldSegments(*queue).next());
        queue.reset();
        EXPECT_TRUE(client.is_connecting());
        EXPECT_FALSE(server.has_connection());
    });
}

}  // namespace
}  // namespace owsk::net
