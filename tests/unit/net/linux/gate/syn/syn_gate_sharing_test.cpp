// SPDX-License-Identifier: MIT
// Listeners that share a port, and links that share an address: who is asked is who gets the
// connection, as the real kernel has it.
#include <cstdlib>

#include "unit/net/linux/gate/syn/syn_machine.h"

namespace owsk::net {
namespace {

// Adds a listener to those that hold its port already, as wsk's table of addresses does.
class SharingGate {
  public:
    SharingGate(Machine& machine,
                const Address& address,
                bool conditional,
                bool v6_only = true,
                bool accepts_at_once = true)
        : conditional_(conditional) {
        for (Listener* holder : holders()) {
            holder->allow_port_sharing(true);
        }
        Result<std::unique_ptr<Listener>> listener = machine.network.listen(
            address,
            {.conditional = conditional, .v6_only = v6_only, .share_port = !holders().empty()});
        EXPECT_TRUE(listener.has_value()) << std::hex << listener.status();
        listener_ = std::move(*listener);
        holders().push_back(listener_.get());
        for (Listener* holder : holders()) {
            holder->allow_port_sharing(false);
        }
        if (accepts_at_once) {
            gate_events_.answer = [](ConnectionAttempt& attempt) { attempt.accept(); };
        }
        if (conditional) {
            EXPECT_EQ(listener_->start(machine.processor(), gate_events_), STATUS_SUCCESS);
        } else {
            EXPECT_EQ(listener_->start(machine.processor(), plain_events_), STATUS_SUCCESS);
        }
    }
    ~SharingGate() {
        std::erase(holders(), listener_.get());
        close_and_wait(*listener_);
    }
    SharingGate(const SharingGate&) = delete;
    SharingGate& operator=(const SharingGate&) = delete;

    std::uint16_t port() const { return listener_->local_address().port; }
    GateRecorder& events() { return gate_events_; }
    // Since the last look.
    bool has_got_a_connection() {
        return conditional_ ? std::exchange(connections_, gate_events_.connections()) !=
                                  gate_events_.connections()
                            : *listener_->accept() != nullptr;
    }
    std::size_t attempts() { return gate_events_.attempts(); }

  private:
    static std::vector<Listener*>& holders() {
        static std::vector<Listener*> all;
        return all;
    }

    const bool conditional_;
    GateRecorder gate_events_;
    PlainRecorder plain_events_;
    std::size_t connections_ = 0;
    std::unique_ptr<Listener> listener_;
};

class SynGateSharingTest : public SynGateTest {};

// The client is connected, and that to whoever was asked.
void expect_one_owner(Machine& machine,
                      const Address& server,
                      std::initializer_list<SharingGate*> listeners) {
    std::vector<std::size_t> asked_before;
    for (SharingGate* listener : listeners) {
        asked_before.push_back(listener->attempts());
    }
    Caller caller(server);
    ASSERT_EQ(caller.outcome(), 0);
    SharingGate* owner = nullptr;
    EXPECT_TRUE(comes_true([&] {
        for (SharingGate* listener : listeners) {
            owner = listener->has_got_a_connection() ? listener : owner;
        }
        return owner != nullptr;
    }));
    machine.settle();
    std::size_t at = 0;
    for (SharingGate* listener : listeners) {
        const std::size_t asked = listener->attempts() - asked_before[at];
        if (listener != owner) {
            EXPECT_EQ(asked, 0U) << "listener " << at << " was asked about another's attempt";
        }
        ++at;
    }
    EXPECT_EQ(machine.network.gate_counters().late_inspected, 0U);
}

// Every pair of listeners, on one address or on an address and a wildcard.
TEST_F(SynGateSharingTest, WhoIsAskedGetsTheConnection) {
    in_own_network([] {
        Machine machine(2);
        std::uint16_t port = 7001;
        const auto try_pair = [&](const Address& first,
                                  bool first_v6_only,
                                  const Address& second,
                                  bool second_v6_only,
                                  const Address& server) {
            for (const auto& [one, other] :
                 {std::pair{true, false}, std::pair{false, true}, std::pair{true, true}}) {
                SCOPED_TRACE(to_string(first) + (one ? " conditional, " : " plain, ") +
                             to_string(second) + (other ? " conditional" : " plain"));
                ++port;
                auto a = std::make_unique<SharingGate>(
                    machine, with_port(first, port), one, first_v6_only);
                auto b = std::make_unique<SharingGate>(
                    machine, with_port(second, port), other, second_v6_only);
                expect_one_owner(machine, with_port(server, port), {a.get(), b.get()});
                // When one has gone, the other one has it all.
                a.reset();
                expect_one_owner(machine, with_port(server, port), {b.get()});
            }
        };
        const std::pair<Address, Address> addresses[] = {{ipv4_loopback, ipv4_any},
                                                         {ipv6_loopback, ipv6_any}};
        for (const auto& [specific, wildcard] : addresses) {
            try_pair(specific, true, specific, true, specific);
            try_pair(wildcard, true, wildcard, true, specific);
            try_pair(specific, true, wildcard, true, specific);
            try_pair(wildcard, true, specific, true, specific);
            try_pair(specific, true, ipv6_any, false, specific);
            try_pair(ipv6_any, false, specific, true, specific);
            try_pair(wildcard, true, ipv6_any, false, specific);
            try_pair(ipv6_any, false, wildcard, true, specific);
        }
        try_pair(ipv6_any, false, ipv6_any, false, ipv4_loopback);
    });
}

TEST_F(SynGateSharingTest, AnAttemptThatBecomesAnothersMeanwhileIsGivenUp) {
    in_own_network([] {
        Machine machine;
        SharingGate wide(machine, with_port(ipv4_any, 7001), true, true, false);
        Caller caller(with_port(ipv4_loopback, 7001));
        const auto attempt = wide.events().next_attempt();
        SharingGate narrow(machine, with_port(ipv4_loopback, 7001), false);
        attempt->accept();
        EXPECT_EQ(wide.events().next_aborted(), caller.address());
        // It repeats its SYN.
        EXPECT_EQ(caller.outcome(), 0);
        EXPECT_TRUE(narrow.has_got_a_connection());
        machine.settle();
        EXPECT_EQ(wide.events().attempts() + wide.events().connections(), 0U);
    });
}

class SynGateLinksTest : public SynGateTest {
  protected:
    static constexpr const char* links[] = {"s0", "s1"};

    static void ip(const std::string& words) {
        if (std::system(("ip " + words).c_str()) != 0) {
            not_possible_here("ip " + words);
        }
    }
    static host::UniqueFd this_network() {
        return host::UniqueFd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
    }
    // What `body` opens belongs to that network for good.
    template <typename Body>
    static void in_network(int network, Body body) {
        const host::UniqueFd here = this_network();
        ASSERT_EQ(::setns(network, CLONE_NEWNET), 0);
        body();
        ASSERT_EQ(::setns(here.get(), CLONE_NEWNET), 0);
    }
    static void set_up(const char* link, const char* address) {
        const std::string name = link;
        ip("link set " + name + " addrgenmode none");
        ip("link set " + name + " up");
        ip("address add " + std::string(address) + "/64 dev " + name + " nodad");
    }
    // Another computer behind each link, with fe80::2 there; ours is fe80::1 on both.
    static std::vector<host::UniqueFd> wire_two_neighbours() {
        std::vector<host::UniqueFd> neighbours;
        for (const char* link : links) {
            const host::UniqueFd here = this_network();
            EXPECT_EQ(::unshare(CLONE_NEWNET), 0);
            host::UniqueFd neighbour = this_network();
            EXPECT_EQ(::setns(here.get(), CLONE_NEWNET), 0);
            ip("link add " + std::string(link) + " type veth peer name c0");
            ip("link set c0 netns /proc/" + std::to_string(::getpid()) + "/fd/" +
               std::to_string(neighbour.get()));
            set_up(link, "fe80::1");
            in_network(neighbour.get(), [] { set_up("c0", "fe80::2"); });
            neighbours.push_back(std::move(neighbour));
        }
        return neighbours;
    }
    static Address link_local(std::uint8_t last, const char* link, std::uint16_t port = 0) {
        Address address{.family = Family::ipv6,
                        .port = port,
                        .ip = {0xFE, 0x80},
                        .scope_id = ::if_nametoindex(link)};
        address.ip[15] = last;
        return address;
    }
};

TEST_F(SynGateLinksTest, EachLinkIsJudgedByItsListener) {
    in_own_network([] {
        const auto neighbours = wire_two_neighbours();
        Machine machine;
        Gate rejecting(machine, link_local(1, "s0"));
        Gate accepting(machine, link_local(1, "s1", rejecting.port()));
        rejecting.events.answer = [](ConnectionAttempt& attempt) { attempt.reject(); };
        rejecting.start();
        accepting.start_and_accept_all();
        in_network(neighbours[0].get(), [&] {
            EXPECT_EQ(Caller(link_local(1, "c0", rejecting.port())).outcome(), ECONNREFUSED);
        });
        in_network(neighbours[1].get(),
                   [&] { EXPECT_EQ(Caller(link_local(1, "c0", rejecting.port())).outcome(), 0); });
        EXPECT_EQ(rejecting.events.next_attempt()->remote_address().scope_id,
                  ::if_nametoindex("s0"));
        EXPECT_EQ(accepting.events.next_attempt()->remote_address().scope_id,
                  ::if_nametoindex("s1"));
        EXPECT_NE(accepting.events.next_connection(), nullptr);
        EXPECT_EQ(machine.network.gate_counters().late_inspected, 0U);
    });
}

TEST_F(SynGateLinksTest, ClientsWithOneAddressOnTwoLinksAreTwo) {
    in_own_network([] {
        const auto neighbours = wire_two_neighbours();
        Machine machine;
        Gate gate(machine, ipv6_any);
        gate.start();
        std::vector<std::unique_ptr<Caller>> callers;
        for (const host::UniqueFd& neighbour : neighbours) {
            in_network(neighbour.get(), [&] {
                callers.push_back(std::make_unique<Caller>(link_local(1, "c0", gate.port()),
                                                           link_local(2, "c0", 4711)));
            });
        }
        const auto first = gate.events.next_attempt();
        const auto second = gate.events.next_attempt();
        EXPECT_NE(first->remote_address(), second->remote_address());
        first->reject();
        second->accept();
        EXPECT_EQ(callers[0]->outcome(), ECONNREFUSED);
        EXPECT_EQ(callers[1]->outcome(), 0);
        EXPECT_EQ(gate.events.next_connection()->remote_address(), second->remote_address());
        EXPECT_EQ(machine.network.gate_counters().late_inspected + gate.events.aborted(), 0U);
    });
}

TEST_F(SynGateLinksTest, OwnLinkLocalAddressesAreTwo) {
    in_own_network([] {
        const auto neighbours = wire_two_neighbours();
        ip("address add fe80::11/64 dev s0 nodad");
        ip("address add fe80::12/64 dev s1 nodad");
        Machine machine;
        Gate rejecting(machine, link_local(0x11, "s0"));
        Gate accepting(machine, link_local(0x12, "s1", rejecting.port()));
        rejecting.events.answer = [](ConnectionAttempt& attempt) { attempt.reject(); };
        rejecting.start();
        accepting.start_and_accept_all();
        EXPECT_EQ(Caller(link_local(0x11, "s0", rejecting.port())).outcome(), ECONNREFUSED);
        EXPECT_EQ(Caller(link_local(0x12, "s1", rejecting.port())).outcome(), 0);
        EXPECT_NE(accepting.events.next_connection(), nullptr);
        EXPECT_EQ(machine.network.gate_counters().late_inspected, 0U);
    });
}

// The client of this computer may mean either, and the SYN does not say which.
TEST_F(SynGateLinksTest, WhatCannotBeToldApartIsInspectedByWhoGetsIt) {
    in_own_network([] {
        const auto neighbours = wire_two_neighbours();
        Machine machine;
        Gate first(machine, link_local(1, "s0"));
        Gate second(machine, link_local(1, "s1", first.port()));
        first.start_and_accept_all();
        second.start_and_accept_all();
        Caller caller(link_local(1, "s1", first.port()));
        EXPECT_EQ(caller.outcome(), 0);
        EXPECT_NE(second.events.next_connection(), nullptr);
        EXPECT_EQ(first.events.attempts(), 0U);
        EXPECT_EQ(machine.network.gate_counters().late_inspected, 1U);
    });
}

}  // namespace
}  // namespace owsk::net
