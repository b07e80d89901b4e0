// SPDX-License-Identifier: MIT
// What a listener keeps after the handshake is bounded, and one client does not have it all.
#include "net/linux/gate/accepted/accepted_gate.h"
#include "unit/net/linux/client.h"
#include "unit/net/linux/gate/gate_recorder.h"
#include "unit/net/linux/wire.h"

namespace owsk::net {
namespace {

// An address of this machine that nobody else uses.
Address from(std::uint8_t last) {
    return {.family = Family::ipv4, .ip = {127, 0, 7, last}};
}

class AcceptedGateLimits : public WireTest {
  protected:
    ~AcceptedGateLimits() override {
        if (listener) {
            close_and_wait(*listener);
        }
    }

    void start(const GateLimits& limits) {
        small.emplace(host, GateMode::accepted, limits);
        Result<std::unique_ptr<Listener>> made =
            small->listen({.family = Family::ipv4, .ip = {127, 0, 0, 1}}, {.conditional = true});
        ASSERT_TRUE(made.has_value());
        listener = std::move(*made);
        ASSERT_EQ(listener->start(processor, events), STATUS_SUCCESS);
    }
    Client& connect(std::uint8_t last) {
        clients.push_back(std::make_unique<Client>(listener->local_address(), from(last)));
        EXPECT_EQ(clients.back()->connect_error(), 0);
        return *clients.back();
    }
    // Whether nobody but these is asked about, when everything that is under way is over.
    bool are_asked(std::size_t count) {
        EXPECT_TRUE(events.wait_attempts(count));
        for (int i = 0; i < 3; ++i) {
            on_processor([] {});
        }
        return events.attempts() == count;
    }

    GateRecorder events;
    std::optional<LinuxNetwork> small;
    std::unique_ptr<Listener> listener;
    std::vector<std::unique_ptr<Client>> clients;
};

TEST_F(AcceptedGateLimits, TheUsersBoundIsHeldAndTheRestFollows) {
    start({.held_attempts = 4});
    for (std::uint8_t last = 1; last <= 6; ++last) {
        connect(last);
    }
    EXPECT_TRUE(are_asked(4));
    for (int i = 0; i < 6; ++i) {
        events.next_attempt()->accept();
        EXPECT_NE(events.next_connection(), nullptr);
    }
    EXPECT_EQ(small->gate_counters().reset_over_share, 0U);
}

TEST_F(AcceptedGateLimits, AFloodFromOneAddressLeavesRoomForOthers) {
    start({.held_attempts = 8});
    for (int i = 0; i < 12; ++i) {
        connect(1);
    }
    EXPECT_TRUE(are_asked(4));
    const Client& other = connect(2);
    EXPECT_TRUE(are_asked(5));
    EXPECT_NE(events.latest_attempt_from(other.address()), nullptr);
    // Those in line are asked about when their client has room.
    for (int i = 0; i < 13; ++i) {
        events.next_attempt()->accept();
        EXPECT_NE(events.next_connection(), nullptr);
    }
    EXPECT_EQ(small->gate_counters().reset_over_share, 0U);
    EXPECT_EQ(events.aborted(), 0U);
}

TEST_F(AcceptedGateLimits, WhatIsTooMuchOfOneAddressIsResetAndCounted) {
    start({.held_attempts = 8});
    for (int i = 0; i < 14; ++i) {
        connect(1);
    }
    EXPECT_TRUE(are_asked(4));
    EXPECT_EQ(small->gate_counters().reset_over_share, 2U);
    EXPECT_EQ(clients[12]->read_to_the_end(), ECONNRESET);
    EXPECT_EQ(clients[13]->read_to_the_end(), ECONNRESET);
    EXPECT_EQ(events.aborted(), 0U);
}

TEST_F(AcceptedGateLimits, WhoIsInLineIsListed) {
    start({.held_attempts = 2});
    connect(1);
    const Client& waits = connect(1);
    EXPECT_TRUE(are_asked(1));
    const Instant now = host.clock().now();
    std::vector<HeldAttempt> held;
    listener->list_in_line(held, now);
    ASSERT_EQ(held.size(), 1U);
    EXPECT_EQ(held[0].client, waits.address());
    EXPECT_EQ(held[0].listener, listener->local_address());
    EXPECT_GE(held[0].age, Duration::zero());
    EXPECT_LT(held[0].age, std::chrono::minutes(1));
    events.next_attempt()->accept();
    EXPECT_TRUE(are_asked(1));
    held.clear();
    listener->list_in_line(held, now);
    EXPECT_TRUE(held.empty());
}

TEST_F(AcceptedGateLimits, WhoIsInLineWhenTheListenerClosesIsReset) {
    start({.held_attempts = 2});
    connect(1);
    Client& waits = connect(1);
    EXPECT_TRUE(are_asked(1));
    close_and_wait(*listener);
    listener.reset();
    EXPECT_EQ(waits.read_to_the_end(), ECONNRESET);
    EXPECT_EQ(events.aborted(), 1U);
}

TEST_F(AcceptedGateLimits, VerdictsAtOnceNeedNoShare) {
    events.answer = [](ConnectionAttempt& attempt) { attempt.accept(); };
    start({.held_attempts = 2});
    for (int i = 0; i < 10; ++i) {
        connect(1);
    }
    for (int i = 0; i < 10; ++i) {
        EXPECT_NE(events.next_connection(), nullptr);
    }
    EXPECT_EQ(small->gate_counters().reset_over_share, 0U);
}

TEST_F(AcceptedGateLimits, ConnectionsThatNobodyTakesWaitInTheKernel) {
    constexpr std::uint32_t untaken = 5;
    events.answer = [](ConnectionAttempt& attempt) { attempt.accept(); };
    start({.untaken_connections = untaken});
    for (std::uint8_t i = 1; i <= 3 * untaken; ++i) {
        connect(i);
    }
    for (std::uint32_t i = 0; i < untaken; ++i) {
        EXPECT_NE(events.next_connection(), nullptr);
    }
    for (int i = 0; i < 3; ++i) {
        on_processor([] {});
    }
    EXPECT_EQ(events.connections(), 0U);
    for (std::uint32_t i = 0; i < 2 * untaken; ++i) {
        listener->connection_taken();
        EXPECT_NE(events.next_connection(), nullptr);
    }
    EXPECT_EQ(events.aborted(), 0U);
}

}  // namespace
}  // namespace owsk::net
