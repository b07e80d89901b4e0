// SPDX-License-Identifier: MIT
// Attempts that are held for a verdict: every outcome, and every race between them.
#include "net/linux/gate/accepted/accepted_gate.h"

#include <atomic>
#include <thread>

#include "unit/net/linux/client.h"
#include "unit/net/linux/gate/gate_recorder.h"
#include "unit/net/linux/wire.h"

namespace owsk::net {
namespace {

class AcceptedGateTest : public WireTest, public testing::WithParamInterface<Address> {
  protected:
    AcceptedGateTest() : listener(listen(GetParam(), {.conditional = true})) {}
    ~AcceptedGateTest() override {
        if (listener) {
            close_and_wait(*listener);
        }
    }

    void start() { ASSERT_EQ(listener->start(processor, events), STATUS_SUCCESS); }
    Client connect() { return Client(listener->local_address()); }
    void close_listener() {
        close_and_wait(*listener);
        listener.reset();
    }
    // Waits until events that are under way, and turns that were called for, are over.
    void settle() {
        for (int i = 0; i < 3; ++i) {
            on_processor([] {});
        }
    }

    GateRecorder events;
    std::unique_ptr<Listener> listener;
};

INSTANTIATE_TEST_SUITE_P(Loopback,
                         AcceptedGateTest,
                         testing::Values(loopback4, loopback6),
                         [](const auto& about) {
                             return about.param.family == Family::ipv4 ? "Ipv4" : "Ipv6";
                         });

TEST_P(AcceptedGateTest, AcceptedAtOnceIsEstablished) {
    events.answer = [](ConnectionAttempt& attempt) { attempt.accept(); };
    start();
    Client client = connect();
    const auto connection = events.next_connection();
    ASSERT_NE(connection, nullptr);
    EXPECT_EQ(send_text(*connection, "welcome").outcome, Outcome::done);
    EXPECT_EQ(client.receive(), "welcome");
}

TEST_P(AcceptedGateTest, RejectedAtOnceIsReset) {
    events.answer = [](ConnectionAttempt& attempt) { attempt.reject(); };
    start();
    EXPECT_EQ(connect().read_to_the_end(), ECONNRESET);
    settle();
    EXPECT_EQ(events.connections() + events.aborted(), 0U);
}

TEST_P(AcceptedGateTest, AttemptHasBothAddresses) {
    start();
    const Client client = connect();
    const auto attempt = events.next_attempt();
    EXPECT_EQ(attempt->local_address(), listener->local_address());
    EXPECT_EQ(attempt->remote_address(), client.address());
}

TEST_P(AcceptedGateTest, PendedAttemptIsEstablishedByALateVerdictWithItsDataUnread) {
    start();
    Client client = connect();
    client.send("early");
    const auto attempt = events.next_attempt();
    attempt->accept();
    const auto connection = events.next_connection();
    ASSERT_NE(connection, nullptr);
    char text[8];
    const Slice slice{text, sizeof text};
    EXPECT_EQ(connection->receive({&slice, 1}).bytes, 5U);
}

TEST_P(AcceptedGateTest, EstablishedConnectionCanBeWatched) {
    start();
    Client client = connect();
    events.next_attempt()->accept();
    const auto connection = events.next_connection();
    ConnectionRecorder recorder;
    ASSERT_EQ(connection->start(processor, recorder), STATUS_SUCCESS);
    client.send("x");
    EXPECT_TRUE(recorder.wait_readable());
    client.finish();
    EXPECT_TRUE(recorder.wait_finished());
    close_and_wait(*connection);
}

TEST_P(AcceptedGateTest, PendedAttemptIsResetByALateReject) {
    start();
    Client client = connect();
    events.next_attempt()->reject();
    EXPECT_EQ(client.read_to_the_end(), ECONNRESET);
    settle();
    EXPECT_EQ(events.aborted(), 0U);
}

TEST_P(AcceptedGateTest, FirstVerdictCounts) {
    start();
    Client client = connect();
    const auto attempt = events.next_attempt();
    attempt->reject();
    attempt->accept();
    EXPECT_EQ(client.read_to_the_end(), ECONNRESET);
    settle();
    EXPECT_EQ(events.connections() + events.aborted(), 0U);
}

TEST_P(AcceptedGateTest, ClientThatFinishesWhilePendedHasGivenUp) {
    start();
    Client client = connect();
    const Address address = client.address();
    const auto attempt = events.next_attempt();
    client.close();
    EXPECT_EQ(events.next_aborted(), address);
    attempt->accept();
    settle();
    EXPECT_EQ(events.connections(), 0U);
}

TEST_P(AcceptedGateTest, ClientThatResetsWhilePendedHasGivenUp) {
    start();
    Client client = connect();
    const Address address = client.address();
    const auto attempt = events.next_attempt();
    client.reset();
    EXPECT_EQ(events.next_aborted(), address);
    attempt->reject();
}

TEST_P(AcceptedGateTest, ClientThatHadGoneBeforeItWasHeldIsAborted) {
    Client client = connect();
    const Address address = client.address();
    client.close();
    start();
    EXPECT_EQ(events.next_aborted(), address);
}

TEST_P(AcceptedGateTest, ClientThatSentAllAndFinishedIsEstablishedByAVerdictAtOnce) {
    Client client = connect();
    client.send("all");
    client.finish();
    events.answer = [](ConnectionAttempt& attempt) { attempt.accept(); };
    start();
    const auto connection = events.next_connection();
    ASSERT_NE(connection, nullptr);
    std::string text(4, '\0');
    const Slice slice{text.data(), text.size()};
    EXPECT_EQ(connection->receive({&slice, 1}).bytes, 3U);
}

TEST_P(AcceptedGateTest, AcceptOfAClientThatWasResetMeanwhileAborts) {
    Client client = connect();
    const Address address = client.address();
    events.answer = [&](ConnectionAttempt& attempt) {
        client.reset();
        attempt.accept();
    };
    start();
    EXPECT_EQ(events.next_aborted(), address);
    settle();
    EXPECT_EQ(events.connections(), 0U);
}

TEST_P(AcceptedGateTest, CloseAbortsWhatIsHeldAndResetsIt) {
    start();
    Client client = connect();
    const Address address = client.address();
    const auto attempt = events.next_attempt();
    close_listener();
    EXPECT_EQ(client.read_to_the_end(), ECONNRESET);
    ASSERT_EQ(events.aborted(), 1U);
    EXPECT_EQ(events.next_aborted(), address);
    // The attempt outlives the listener; verdicts have no effect any more.
    attempt->accept();
}

TEST_P(AcceptedGateTest, CloseFromInsideAnAttemptEndsTheAnnouncements) {
    Client first = connect();
    Client second = connect();
    Closed closed;
    events.answer = [&](ConnectionAttempt&) { listener->close(closed); };
    start();
    ASSERT_TRUE(closed.wait());
    listener.reset();
    EXPECT_EQ(events.attempts(), 1U);
    EXPECT_EQ(events.aborted(), 1U);
    EXPECT_EQ(first.read_to_the_end(), ECONNRESET);
    EXPECT_EQ(second.read_to_the_end(), ECONNRESET);
}

TEST_P(AcceptedGateTest, NoMoreThanTheShareOfAClientIsHeldAndTheRestFollows) {
    constexpr std::size_t held_limit = 512;  // half of all
    start();
    std::vector<std::unique_ptr<Client>> clients;
    for (std::size_t i = 0; i < held_limit + 10; ++i) {
        clients.push_back(std::make_unique<Client>(listener->local_address()));
        ASSERT_EQ(clients.back()->connect_error(), 0);
    }
    ASSERT_TRUE(events.wait_attempts(held_limit));
    settle();
    on_processor([&] { EXPECT_EQ(events.attempts(), held_limit); });
    for (int i = 0; i < 10; ++i) {
        events.next_attempt()->reject();
    }
    EXPECT_TRUE(events.wait_attempts(held_limit));
}

// Four parties at once: two verdicts from two threads, a client that may leave, the gate. Exactly
// one outcome may come of it.
TEST_P(AcceptedGateTest, RacingVerdictsAndClientsGiveExactlyOneOutcome) {
    start();
    for (int round = 0; round < 300; ++round) {
        Client client = connect();
        const Address address = client.address();
        const auto attempt = events.next_attempt();
        std::atomic<int> ready = 0;
        const auto together = [&] {
            ++ready;
            while (ready < 3) {
            }
        };
        std::thread accepter([&] {
            together();
            attempt->accept();
        });
        std::thread rejecter([&] {
            together();
            if (round % 3 != 0) {
                attempt->reject();
            }
        });
        together();
        if (round % 2 == 0) {
            client.reset();
        }
        accepter.join();
        rejecter.join();
        settle();
        on_processor([&] {
            EXPECT_LE(events.connections() + events.aborted(), 1U);
            if (round % 3 == 0) {
                EXPECT_EQ(events.connections() + events.aborted(), 1U);
            }
            if (round % 2 != 0) {
                EXPECT_EQ(events.aborted(), 0U);
            }
        });
        if (events.aborted() == 1) {
            EXPECT_EQ(events.next_aborted(), address);
        } else if (events.connections() == 1) {
            events.next_connection();
        } else if (round % 2 != 0) {
            EXPECT_EQ(client.read_to_the_end(), ECONNRESET);
        }
    }
}

TEST_P(AcceptedGateTest, VerdictsThatRaceWithCloseAreHarmless) {
    listener.reset();
    for (int round = 0; round < 100; ++round) {
        GateRecorder recorder;
        const auto raced = listen(GetParam(), {.conditional = true});
        ASSERT_EQ(raced->start(processor, recorder), STATUS_SUCCESS);
        const Client client(raced->local_address());
        const auto attempt = recorder.next_attempt();
        std::thread accepter([&] { attempt->accept(); });
        close_and_wait(*raced);
        EXPECT_EQ(recorder.connections() + recorder.aborted(), 1U);
        accepter.join();
    }
}

TEST_P(AcceptedGateTest, ManyClientsWithVerdictsFromThreads) {
    start();
    constexpr int count = 300;
    std::atomic<int> left = count;
    std::vector<std::thread> judges;
    for (int i = 0; i < 2; ++i) {
        judges.emplace_back([&] {
            while (left.fetch_sub(1) > 0) {
                events.next_attempt()->accept();
            }
        });
    }
    std::vector<std::unique_ptr<Client>> clients;
    for (int i = 0; i < count; ++i) {
        clients.push_back(std::make_unique<Client>(listener->local_address()));
    }
    for (int i = 0; i < count; ++i) {
        ASSERT_NE(events.next_connection(), nullptr);
    }
    for (std::thread& judge : judges) {
        judge.join();
    }
    EXPECT_EQ(events.aborted(), 0U);
}

}  // namespace
}  // namespace owsk::net
