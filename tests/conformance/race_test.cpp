// SPDX-License-Identifier: MIT
// Things that happen at the same time: whichever comes first, each has exactly one outcome.
#include "conformance/connection_fixture.h"

namespace owsk::conformance {
namespace {

class InspectionRace : public ConditionalTest {
  protected:
    // Counts deliveries; the sockets are refused, so that the provider closes them.
    void refuse_deliveries() {
        inspector().answer = [](PVOID*, const WSK_CLIENT_CONNECTION_DISPATCH**) {
            return STATUS_REQUEST_NOT_ACCEPTED;
        };
    }
    std::size_t outcomes() { return inspector().aborts.size() + inspector().deliveries.size(); }
    bool reaches(std::size_t count) {
        return transport().wait_until([&] { return outcomes() >= count; }) && outcomes() == count;
    }
};
OWSK_IN_EVERY_MODE(InspectionRace);

TEST_P(InspectionRace, AVerdictAndTheClientsResetHaveOneOutcome) {
    // At the SYN gate a client goes without a word, and is found out half a second later.
    const std::size_t rounds = tested_gate == GateMode::strict ? 5 : 150;
    pend_all();
    refuse_deliveries();
    PWSK_SOCKET listener = make_conditional(WSK_EVENT_ACCEPT);
    for (std::size_t round = 0; round < rounds; ++round) {
        TcpClient client = ask(listener, round);
        const WSK_INSPECT_ID id = inspector().attempts.at(round).id;
        TestThread resetter = run_thread([&client] { client.reset(); });
        const NTSTATUS status = verdict(listener, id, WskInspectAccept);
        EXPECT_TRUE(status == STATUS_SUCCESS || status == STATUS_NOT_FOUND);
        resetter.join();
        ASSERT_TRUE(reaches(round + 1)) << "round " << round;
    }
    close(listener);
    EXPECT_EQ(outcomes(), rounds);
}

TEST_P(InspectionRace, OfTwoVerdictsOneCounts) {
    constexpr std::size_t rounds = 100;
    pend_all();
    refuse_deliveries();
    PWSK_SOCKET listener = make_conditional(WSK_EVENT_ACCEPT);
    std::size_t accepted = 0;
    for (std::size_t round = 0; round < rounds; ++round) {
        TcpClient client = ask(listener, round);
        const WSK_INSPECT_ID id = inspector().attempts.at(round).id;
        NTSTATUS rejection = STATUS_PENDING;
        TestThread rejecter =
            run_attached([&] { rejection = verdict(listener, id, WskInspectReject); });
        const NTSTATUS acceptance = verdict(listener, id, WskInspectAccept);
        rejecter.join();
        EXPECT_EQ(acceptance == STATUS_SUCCESS, rejection == STATUS_NOT_FOUND);
        EXPECT_EQ(rejection == STATUS_SUCCESS, acceptance == STATUS_NOT_FOUND);
        accepted += acceptance == STATUS_SUCCESS ? 1 : 0;
        ASSERT_TRUE(reaches(accepted));
    }
    close(listener);
    EXPECT_EQ(inspector().deliveries.size(), accepted);
    EXPECT_THAT(inspector().aborts, StaysAt(0));
}

TEST_P(InspectionRace, ClosingTheListenerWhileAttemptsCome) {
    constexpr int rounds = 30;
    for (int round = 0; round < rounds; ++round) {
        std::atomic<bool> alternate = false;
        inspector().verdict = [&](const Inspector::Attempt&) {
            return alternate.exchange(!alternate) ? WskInspectPend : WskInspectAccept;
        };
        PWSK_SOCKET listener = make_conditional();
        const Endpoint at = local_address(listener);
        Call accepts[2];
        start_accept(accepts[0], listener);
        start_accept(accepts[1], listener);
        std::vector<TestThread> threads;
        for (int i = 0; i < 2; ++i) {
            threads.push_back(run_thread([&at, i] {
                for (int n = 0; n < 6; ++n) {
                    TcpClient client;
                    client.start_connect(at);
                    if (n % 2 == i) {
                        client.reset();
                    }
                }
            }));
        }
        EXPECT_EQ(close(listener), STATUS_SUCCESS);
        for (TestThread& thread : threads) {
            thread.join();
        }
        for (Call& call : accepts) {
            EXPECT_TRUE(call.completed());
            if (call.status() == STATUS_SUCCESS) {
                EXPECT_EQ(close(socket_of(call)), STATUS_SUCCESS);
            } else {
                EXPECT_EQ(call.status(), STATUS_CANCELLED);
            }
        }
        inspector().verdict = nullptr;
    }
}

class ConnectionRace : public ConnectionTest {};
OWSK_IN_EVERY_MODE(ConnectionRace);

TEST_P(ConnectionRace, CancelledReceivesLoseNoData) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    std::string sent;
    for (int i = 0; i < 300; ++i) {
        sent += std::to_string(1000 + i);
    }
    TestThread sender = run_thread([&] {
        for (std::size_t at = 0; at < sent.size(); at += 4) {
            EXPECT_TRUE(peer.send(sent.substr(at, 4)));
        }
        peer.shutdown_send();
    });
    std::string got;
    for (bool ended = false; !ended;) {
        const Buffer buffer(8);
        Call call;
        start_receive(call, socket, buffer, WSK_FLAG_WAITALL);
        TestThread canceller = run_attached([&] { call.cancel(); });
        const NTSTATUS status = call.wait();
        canceller.join();
        EXPECT_TRUE(status == STATUS_SUCCESS || status == STATUS_CANCELLED);
        got += buffer.text(call.information());
        ended = got.size() == sent.size() || status == STATUS_TIMEOUT;
    }
    sender.join();
    EXPECT_EQ(got, sent);
}

// Data, cancellations, event control, and the peer's reset, while the socket is being closed.
TEST_P(ConnectionRace, CloseAgainstEverything) {
    constexpr int rounds = 60;
    for (int round = 0; round < rounds; ++round) {
        TcpClient peer;
        peer.set_receive_buffer(small_receive_buffer);
        PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT);
        const Buffer data(512 * 1024);
        const Buffer room(64);
        Call receives[3];
        Call sends[2];
        Call ending;
        for (Call& call : receives) {
            start_receive(call, socket, room, WSK_FLAG_WAITALL);
        }
        for (Call& call : sends) {
            start_send(call, socket, data);
        }
        start_disconnect(ending, socket, 0);
        TestThread traffic = run_thread([&, round] {
            for (int i = 0; i < 8; ++i) {
                peer.send(std::string(50, 'p'));
            }
            if (round % 3 == 0) {
                peer.reset();
            } else if (round % 3 == 1) {
                peer.shutdown_send();
            }
        });
        TestThread canceller = run_attached([&] {
            for (Call* call : {&receives[1], &sends[1], &ending, &receives[0]}) {
                call->cancel();
            }
        });
        Call closing;
        start_close(closing, socket);
        EXPECT_THAT(closing, CompletesWith(STATUS_SUCCESS));
        traffic.join();
        canceller.join();
        for (Call* call :
             {&receives[0], &receives[1], &receives[2], &sends[0], &sends[1], &ending}) {
            EXPECT_TRUE(call->completed());
            EXPECT_EQ(call->completions(), 1u);
            EXPECT_LT(call->sequence(), closing.sequence());
        }
    }
}

TEST_P(ConnectionRace, AnAbortAgainstTheTrafficOfBothDirections) {
    constexpr int rounds = 40;
    for (int round = 0; round < rounds; ++round) {
        TcpClient peer;
        PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT);
        TestThread traffic = run_thread([&] {
            for (int i = 0; i < 10 && peer.send("ping"); ++i) {
            }
            peer.shutdown_send();
        });
        TestThread sender = run_attached([&] {
            for (int i = 0; i < 5; ++i) {
                const Buffer buffer("pong");
                Call call;
                start_send(call, socket, buffer);
                call.wait();
            }
        });
        EXPECT_EQ(disconnect(socket, WSK_FLAG_ABORTIVE), STATUS_SUCCESS);
        sender.join();
        traffic.join();
        EXPECT_EQ(close(socket), STATUS_SUCCESS);
    }
}

TEST_P(ConnectionRace, EventsSwitchedOnAndOffWhileDataComesLoseNothing) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    std::string sent;
    for (int i = 0; i < 500; ++i) {
        sent += std::to_string(1000 + i);
    }
    TestThread sender = run_thread([&] {
        for (std::size_t at = 0; at < sent.size(); at += 20) {
            EXPECT_TRUE(peer.send(sent.substr(at, 20)));
        }
    });
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(control_events(socket, WSK_EVENT_RECEIVE), STATUS_SUCCESS);
        Call call;
        start_control_events(call, socket, WSK_EVENT_RECEIVE | WSK_EVENT_DISABLE);
        EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    }
    sender.join();
    EXPECT_EQ(control_events(socket, WSK_EVENT_RECEIVE), STATUS_SUCCESS);
    EXPECT_TRUE(log().wait_for_text(sent.size()));
    EXPECT_EQ(log().text(), sent);
}

}  // namespace
}  // namespace owsk::conformance
