// SPDX-License-Identifier: MIT
// Attempts that are held at their SYN: each is asked about once, and resolved once.
#include "net/sim/sim_gate.h"

#include <memory>
#include <optional>
#include <vector>

#include "unit/net/sim/provider_side.h"

namespace owsk::net {
namespace {

const Address port_7 = at("192.0.2.1", 7);

class SimGateTest : public testing::Test {
  protected:
    SimGateTest() {
        ListenOptions options;
        options.conditional = true;
        Result<std::unique_ptr<Listener>> made = network.listen(port_7, options);
        EXPECT_TRUE(made);
        gate = std::move(*made);
        EXPECT_EQ(gate->start(processor, log), STATUS_SUCCESS);
    }
    ~SimGateTest() override {
        if (!closed.came) {
            close();
        }
    }

    void close() {
        gate->close(closed);
        net.run_for(1ms);
        EXPECT_TRUE(closed.came);
    }
    // An attempt from the client's computer that is held.
    ConnectionAttempt& ask() {
        const std::size_t before = log.attempts.size();
        EXPECT_EQ(client.connect(port_7), STATUS_SUCCESS);
        net.run_for(1ms);
        EXPECT_EQ(log.attempts.size(), before + 1);
        return *log.attempts.back();
    }
    // The same, played segment by segment.
    ConnectionAttempt& raw_attempt(std::uint32_t first = 1000) {
        peer.send(Control::syn, first);
        net.run_for(1ms);
        EXPECT_FALSE(log.attempts.empty());
        return *log.attempts.back();
    }

    SmallInternet net;
    EventProcessor processor{net.events};
    SimNetwork network{net.server};
    ListenerLog log;
    std::unique_ptr<Listener> gate;
    TcpEndpoint client{net.client};
    RawPeer peer{net, "192.0.2.66"};
    ClosedTask closed;
};

TEST_F(SimGateTest, SaysHowItAsks) {
    EXPECT_EQ(gate->gate().name, "sim");
    EXPECT_EQ(gate->accept().status(), STATUS_NOT_SUPPORTED);
}

TEST_F(SimGateTest, AnAttemptIsHeldWithoutAnAnswer) {
    const ConnectionAttempt& attempt = raw_attempt();
    EXPECT_EQ(attempt.local_address(), port_7);
    EXPECT_EQ(attempt.remote_address(), peer.local());
    EXPECT_FALSE(peer.hears_within(1s));
    EXPECT_EQ(net.server.tcp().connections(), 0u);
}

TEST_F(SimGateTest, ASynIsNeverAskedAboutTwice) {
    ConnectionAttempt& attempt = ask();
    net.run_for(100s);
    EXPECT_EQ(log.attempts.size(), 1u);
    EXPECT_EQ(network.gate_counters().retransmissions, 6u);
    attempt.accept();
    net.run_for(1ms);
    EXPECT_EQ(client.state(), TcpState::established);
    ASSERT_EQ(log.connections.size(), 1u);
    EXPECT_EQ(log.aborted.size(), 0u);
}

TEST_F(SimGateTest, AcceptAnswersTheSynAndHandsOverTheConnection) {
    ConnectionAttempt& attempt = raw_attempt();
    attempt.accept();
    EXPECT_EQ(log.connections.size(), 0u);
    const TcpSegment answer = peer.next();
    EXPECT_EQ(to_string(answer.controls), "SYN|ACK");
    EXPECT_EQ(answer.acknowledgment, 1001u);
    net.run_for(1ms);
    EXPECT_EQ(log.connections.size(), 0u);
    peer.send(Control::ack | Control::psh, 1001, answer.sequence + 1, "hi");
    net.run_for(1ms);
    ASSERT_EQ(log.connections.size(), 1u);
    EXPECT_EQ(receive_text(*log.connections[0]), "hi");
}

TEST_F(SimGateTest, AcceptInsideTheQuestion) {
    log.answer = [](ConnectionAttempt& attempt) { attempt.accept(); };
    ask();
    EXPECT_EQ(client.state(), TcpState::established);
    EXPECT_EQ(log.connections.size(), 1u);
}

TEST_F(SimGateTest, RejectRefusesTheClient) {
    ask().reject();
    net.run_for(1ms);
    EXPECT_EQ(client.end(), TcpEnd::refused);
    EXPECT_FALSE(client.is_connected());
    net.run_for(1h);
    EXPECT_EQ(log.attempts.size(), 1u);
    EXPECT_EQ(log.aborted.size(), 0u);
}

TEST_F(SimGateTest, ARejectThatGetsLostIsRepeatedWithoutAQuestion) {
    ConnectionAttempt& attempt = ask();
    LinkRules down;
    down.down = true;
    net.internet.set_link(net.server, net.client, down);
    attempt.reject();
    net.run_for(100ms);
    EXPECT_EQ(client.state(), TcpState::syn_sent);
    net.internet.set_link(net.server, net.client, {});
    net.run_for(1s);
    EXPECT_EQ(client.end(), TcpEnd::refused);
    EXPECT_EQ(log.attempts.size(), 1u);
    EXPECT_EQ(network.gate_counters().retransmissions, 1u);
}

TEST_F(SimGateTest, AClientThatResetsIsAborted) {
    ConnectionAttempt& attempt = raw_attempt();
    peer.send(Control::rst, 1001);
    net.run_for(1ms);
    ASSERT_EQ(log.aborted.size(), 1u);
    EXPECT_EQ(log.aborted[0], peer.local());
    attempt.accept();
    EXPECT_FALSE(peer.hears_within(10min));
    EXPECT_EQ(log.aborted.size(), 1u);
}

TEST_F(SimGateTest, AForgedResetIsIgnored) {
    raw_attempt();
    peer.send(Control::rst, 5000);
    net.run_for(1ms);
    EXPECT_EQ(log.aborted.size(), 0u);
}

TEST_F(SimGateTest, AClientThatFallsSilentIsAbortedInTheEnd) {
    ask();
    net.run_for(2s);
    client.close();
    net.run_for(1s);
    EXPECT_EQ(log.aborted.size(), 0u);
    net.run_for(10s);
    EXPECT_EQ(log.aborted.size(), 1u);
}

TEST_F(SimGateTest, ALostRetransmissionDoesNotAbort) {
    ConnectionAttempt& attempt = ask();
    LinkRules down;
    down.down = true;
    net.internet.set_link(net.client, net.server, down);
    net.run_for(1500ms);
    net.internet.set_link(net.client, net.server, {});
    net.run_for(5s);
    EXPECT_EQ(log.aborted.size(), 0u);
    attempt.accept();
    net.run_for(1ms);
    EXPECT_EQ(client.state(), TcpState::established);
}

TEST_F(SimGateTest, AResetOfAnAcceptedAttemptAbortsIt) {
    ConnectionAttempt& attempt = raw_attempt();
    attempt.accept();
    peer.next();
    peer.send(Control::rst, 1001);
    net.run_for(1ms);
    EXPECT_EQ(log.aborted.size(), 1u);
    EXPECT_EQ(log.connections.size(), 0u);
}

TEST_F(SimGateTest, AnAcceptedClientThatNeverAnswersIsAborted) {
    ConnectionAttempt& attempt = raw_attempt();
    attempt.accept();
    net.run_for(60s);
    EXPECT_EQ(log.aborted.size(), 0u);
    net.run_for(10s);
    EXPECT_EQ(log.aborted.size(), 1u);
    EXPECT_EQ(peer.heard.size(), 6u);
}

TEST_F(SimGateTest, AnotherSequenceNumberIsAnotherAttempt) {
    raw_attempt(1000);
    raw_attempt(90'000);
    EXPECT_EQ(log.attempts.size(), 2u);
    ASSERT_EQ(log.aborted.size(), 1u);
    log.attempts[0]->accept();
    EXPECT_FALSE(peer.hears_within(1ms));
    log.attempts[1]->accept();
    EXPECT_EQ(peer.next().acknowledgment, 90'001u);
}

TEST_F(SimGateTest, ALateCopyOfTheSynOfAGoneClientAsksNobody) {
    raw_attempt();
    peer.send(Control::rst, 1001);
    peer.send(Control::syn, 1000);
    net.run_for(1ms);
    EXPECT_EQ(log.attempts.size(), 1u);
    EXPECT_EQ(log.aborted.size(), 1u);
    EXPECT_EQ(peer.next_controls(), "RST|ACK");
}

TEST_F(SimGateTest, AVerdictAfterTheResetHasNoEffect) {
    ConnectionAttempt& attempt = raw_attempt();
    peer.send(Control::rst, 1001);
    // The RST has arrived, and nobody has been told.
    net.events.step();
    EXPECT_EQ(log.aborted.size(), 0u);
    attempt.accept();
    net.run_for(1ms);
    EXPECT_EQ(log.aborted.size(), 1u);
    EXPECT_FALSE(peer.hears_within(10min));
}

TEST_F(SimGateTest, NothingFollowsAReject) {
    ConnectionAttempt& attempt = raw_attempt();
    peer.send(Control::rst, 1001);
    net.events.step();
    attempt.reject();
    net.run_for(1ms);
    EXPECT_EQ(log.aborted.size(), 0u);
    EXPECT_FALSE(peer.hears_within(10min));
}

TEST_F(SimGateTest, OneAddressIsLeftHalfOfTheRoom) {
    for (std::uint32_t i = 0; i < 2050; ++i) {
        TcpSegment syn;
        syn.source = at("10.0.0.1", static_cast<std::uint16_t>(1000 + i));
        syn.destination = port_7;
        syn.controls = Control::syn;
        peer.computer.send(syn);
    }
    net.run_for(1ms);
    EXPECT_EQ(log.attempts.size(), 2048u);
    EXPECT_EQ(network.gate_counters().dropped, 2u);
    raw_attempt(1);
    EXPECT_EQ(log.attempts.size(), 2049u);
}

TEST_F(SimGateTest, TooManyAreDroppedAndCounted) {
    for (std::uint32_t i = 0; i < 4100; ++i) {
        TcpSegment syn;
        syn.source = at("10.0.0.1", 1000);
        syn.source.ip[2] = static_cast<std::uint8_t>(i >> 8);
        syn.source.ip[3] = static_cast<std::uint8_t>(i);
        syn.destination = port_7;
        syn.controls = Control::syn;
        peer.computer.send(syn);
    }
    net.run_for(1ms);
    EXPECT_EQ(log.attempts.size(), 4096u);
    EXPECT_EQ(network.gate_counters().dropped, 4u);
    // A resolved one makes room.
    log.attempts[17]->reject();
    raw_attempt(1);
    EXPECT_EQ(log.attempts.size(), 4097u);
}

// A gate whose bounds somebody has chosen.
class SimGateLimits : public testing::Test {
  protected:
    void start(const GateLimits& limits) {
        network.emplace(net.server, limits);
        Result<std::unique_ptr<Listener>> made = network->listen(port_7, {.conditional = true});
        ASSERT_TRUE(made);
        gate = std::move(*made);
        ASSERT_EQ(gate->start(processor, log), STATUS_SUCCESS);
    }
    ~SimGateLimits() override {
        if (!closed.came) {
            gate->close(closed);
            net.run_for(1ms);
        }
    }
    void connect(std::size_t count) {
        for (; count != 0; --count) {
            clients.push_back(std::make_unique<TcpEndpoint>(net.client));
            EXPECT_EQ(clients.back()->connect(port_7), STATUS_SUCCESS);
        }
        net.run_for(1ms);
    }

    SmallInternet net;
    EventProcessor processor{net.events};
    std::optional<SimNetwork> network;
    ListenerLog log;
    std::unique_ptr<Listener> gate;
    std::vector<std::unique_ptr<TcpEndpoint>> clients;
    ClosedTask closed;
};

TEST_F(SimGateLimits, TheUsersBoundIsHeldAndTheRestIsDroppedAndAsksLater) {
    start({.held_attempts = 6});
    connect(5);
    EXPECT_EQ(log.attempts.size(), 3u) << "one client has half of the places";
    EXPECT_EQ(network->gate_counters().dropped, 2u);
    log.answer = [](ConnectionAttempt& attempt) { attempt.accept(); };
    for (std::size_t i = 0; i < 3; ++i) {
        log.attempts[i]->accept();
    }
    net.run_for(10s);
    EXPECT_EQ(log.connections.size(), 5u);
    EXPECT_EQ(log.aborted.size(), 0u);
}

TEST_F(SimGateLimits, ConnectionsThatNobodyTakesWait) {
    log.answer = [](ConnectionAttempt& attempt) { attempt.accept(); };
    start({.untaken_connections = 2});
    connect(5);
    EXPECT_EQ(log.connections.size(), 2u);
    for (std::size_t count = 3; count <= 5; ++count) {
        gate->connection_taken();
        net.run_for(1ms);
        EXPECT_EQ(log.connections.size(), count);
    }
    EXPECT_EQ(log.aborted.size(), 0u);
}

TEST_F(SimGateLimits, ThoseThatWaitWhenTheListenerClosesAreAborted) {
    log.answer = [](ConnectionAttempt& attempt) { attempt.accept(); };
    start({.untaken_connections = 1});
    connect(3);
    EXPECT_EQ(log.connections.size(), 1u);
    gate->close(closed);
    net.run_for(1ms);
    EXPECT_EQ(log.aborted.size(), 2u);
    EXPECT_TRUE(closed.came);
}

TEST_F(SimGateTest, CloseAbortsWhatIsHeldAndWhatIsAccepted) {
    ConnectionAttempt& held = ask();
    ConnectionAttempt& accepted = raw_attempt();
    accepted.accept();
    peer.next();
    close();
    EXPECT_EQ(log.aborted.size(), 2u);
    EXPECT_EQ(peer.next_controls(), "RST|ACK");
    EXPECT_EQ(client.end(), TcpEnd::refused);
    held.accept();
    EXPECT_FALSE(peer.hears_within(1s));
    EXPECT_EQ(net.server.tcp().connections(), 0u);
}

TEST_F(SimGateTest, CloseInsideTheQuestion) {
    log.answer = [&](ConnectionAttempt&) { gate->close(closed); };
    client.connect(port_7);
    peer.send(Control::syn, 1000);
    net.run_for(1ms);
    EXPECT_TRUE(closed.came);
    EXPECT_EQ(log.attempts.size(), 1u);
    EXPECT_EQ(log.aborted.size(), 1u);
    EXPECT_EQ(client.end(), TcpEnd::refused);
    EXPECT_EQ(peer.next_controls(), "RST|ACK");
}

TEST_F(SimGateTest, AttemptsBeforeTheStartAreShownAfterIt) {
    ListenOptions options;
    options.conditional = true;
    auto other = std::move(*network.listen(at("192.0.2.1", 8), options));
    client.connect(at("192.0.2.1", 8));
    net.run_for(1ms);
    ListenerLog own;
    other->start(processor, own);
    EXPECT_EQ(own.attempts.size(), 0u);
    net.run_for(1ms);
    EXPECT_EQ(own.attempts.size(), 1u);
    ClosedTask done;
    other->close(done);
    net.run_for(1ms);
    EXPECT_TRUE(done.came);
}

TEST_F(SimGateTest, AGateForBothFamiliesShowsMappedAddresses) {
    ListenOptions options;
    options.conditional = true;
    options.v6_only = false;
    auto both = std::move(*network.listen(at("::", 9), options));
    ListenerLog own;
    own.answer = [](ConnectionAttempt& attempt) { attempt.accept(); };
    both->start(processor, own);
    client.connect(at("192.0.2.1", 9));
    net.run_for(1ms);
    ASSERT_EQ(own.connections.size(), 1u);
    EXPECT_EQ(own.attempts[0]->local_address(), at("::ffff:192.0.2.1", 9));
    EXPECT_EQ(own.connections[0]->remote_address(), v4_mapped(client.local()));
    ClosedTask done;
    both->close(done);
    net.run_for(1ms);
}

}  // namespace
}  // namespace owsk::net
