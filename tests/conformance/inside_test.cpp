// SPDX-License-Identifier: MIT
// Calls that a driver makes inside its callbacks and completion routines, on the socket that these
// are for: when they complete, in which order, and how deep inside one another.
#include <algorithm>
#include <atomic>
#include <memory>

#include "conformance/inside_fixture.h"

namespace owsk::conformance {
namespace {

OWSK_IN_EVERY_MODE(Inside);

TEST_P(Inside, WskAcceptEventServesTheNewSocket) {
    Buffer out("out");
    Buffer in(SIZE_T{3});
    Buffer more(SIZE_T{3});
    Call control;
    Call address;
    Call sent;
    Call received;
    Call waiting;
    PWSK_SOCKET listener = make_event_listener([&](PWSK_SOCKET socket) {
        expect(Kind::control, control, [&] { return start_get_option(control, socket); });
        expect(Kind::control, address, [&] { return start_remote_query(address, socket); });
        expect(Kind::quick, sent, [&] { return start_send(sent, socket, out); });
        expect(Kind::quick, received, [&] { return start_receive(received, socket, in); });
        expect(Kind::waits, waiting, [&] { return start_receive(waiting, socket, more); });
    });
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    ASSERT_TRUE(peer.send("in!"));
    transport().pause();
    EXPECT_EQ(control_events(listener, WSK_EVENT_ACCEPT), STATUS_SUCCESS);
    ASSERT_TRUE(ran().wait());
    EXPECT_THAT(control, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(address, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(sent, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(received, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(in.text(3), "in!");
    EXPECT_EQ(peer.receive(3), "out");
    ASSERT_TRUE(peer.send("end"));
    EXPECT_THAT(waiting, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(more.text(3), "end");
}

TEST_P(Inside, WskAcceptEventServesItsListener) {
    Call control;
    Call made;
    Call accepted;
    std::atomic<PWSK_SOCKET> listener = nullptr;
    listener = make_event_listener([&](PWSK_SOCKET) {
        expect(Kind::control, control, [&] { return start_get_option(control, listener); });
        start_socket(made, WSK_FLAG_LISTEN_SOCKET);
        expect(Kind::waits, accepted, [&] { return start_accept(accepted, listener); });
    });
    EXPECT_EQ(control_events(listener, WSK_EVENT_ACCEPT), STATUS_SUCCESS);
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    ASSERT_TRUE(ran().wait());
    EXPECT_THAT(control, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(made, CompletesWith(STATUS_SUCCESS));
    socket_of(made, WSK_FLAG_LISTEN_SOCKET);
    TcpClient second;
    ASSERT_TRUE(second.connect(local_address(listener)));
    ASSERT_THAT(accepted, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(remote_address(socket_of(accepted)), second.local());
}

TEST_P(Inside, WskAcceptEventAcceptsTheNextConnection) {
    Call accepted;
    std::atomic<PWSK_SOCKET> listener = nullptr;
    listener = make_event_listener([&](PWSK_SOCKET) {
        expect(Kind::quick, accepted, [&] { return start_accept(accepted, listener); });
    });
    TcpClient first;
    TcpClient second;
    ASSERT_TRUE(first.connect(local_address(listener)));
    ASSERT_TRUE(second.connect(local_address(listener)));
    transport().pause();
    EXPECT_EQ(control_events(listener, WSK_EVENT_ACCEPT), STATUS_SUCCESS);
    ASSERT_TRUE(ran().wait());
    ASSERT_THAT(accepted, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(remote_address(socket_of(accepted)), second.local());
}

TEST_P(Inside, WskAcceptEventDisconnectsAbortively) {
    Call disconnected;
    Call late;
    Buffer out("out");
    PWSK_SOCKET listener = make_event_listener([&](PWSK_SOCKET socket) {
        expect(Kind::quick, disconnected, [&] {
            return start_disconnect(disconnected, socket, WSK_FLAG_ABORTIVE);
        });
        expect(Kind::quick, late, [&] { return start_send(late, socket, out); });
    });
    EXPECT_EQ(control_events(listener, WSK_EVENT_ACCEPT), STATUS_SUCCESS);
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    ASSERT_TRUE(ran().wait());
    EXPECT_THAT(disconnected, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(late, CompletesWith(STATUS_CONNECTION_ABORTED));
    EXPECT_TRUE(peer.saw_reset());
}

TEST_P(Inside, ACloseInWskAcceptEventEndsAfterIt) {
    Call closed;
    std::atomic<unsigned> left = 0;
    std::atomic<PWSK_SOCKET> to_forget = nullptr;
    PWSK_SOCKET listener = make_event_listener([&](PWSK_SOCKET socket) {
        expect(Kind::waits, closed, [&] {
            return closed.returns(basic_functions(socket).WskCloseSocket(socket, closed.irp()));
        });
        to_forget = socket;
        left = next_in_sequence();
    });
    EXPECT_EQ(control_events(listener, WSK_EVENT_ACCEPT), STATUS_SUCCESS);
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    ASSERT_TRUE(ran().wait());
    EXPECT_THAT(closed, CompletesWith(STATUS_SUCCESS));
    EXPECT_GT(closed.sequence(), left);
    EXPECT_EQ(close(listener), STATUS_SUCCESS);
    forget(to_forget);
}

TEST_P(Inside, WskReceiveEventServesItsSocket) {
    Buffer out("out");
    Call control;
    Call sent;
    Call resumed;
    std::atomic<PWSK_SOCKET> socket = nullptr;
    log().answer = [&](const ConnectionLog::Data&, SIZE_T*) {
        expect(Kind::control, control, [&] { return start_get_option(control, socket); });
        expect(Kind::quick, sent, [&] { return start_send(sent, socket, out); });
        expect(Kind::quick, resumed, [&] { return start_empty_receive(resumed, socket); });
        ran().open();
        return STATUS_SUCCESS;
    };
    TcpClient peer;
    socket = connect(peer, WSK_EVENT_RECEIVE);
    ASSERT_TRUE(peer.send("abc"));
    ASSERT_TRUE(ran().wait());
    EXPECT_THAT(control, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(sent, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(resumed, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(peer.receive(3), "out");
    close_all();
}

TEST_P(Inside, AReceiveInWskReceiveEventGetsWhatThatLeavesFirst) {
    Buffer in(SIZE_T{6});
    Call received;
    Gate entered;
    Gate go_on;
    std::atomic<PWSK_SOCKET> socket = nullptr;
    log().answer = [&](const ConnectionLog::Data& data, SIZE_T* accepted) {
        if (data.text != "abc") {
            return STATUS_SUCCESS;
        }
        entered.open();
        EXPECT_TRUE(go_on.wait());
        expect(Kind::waits, received, [&] {
            return start_receive(received, socket, in, WSK_FLAG_WAITALL);
        });
        *accepted = 1;
        return STATUS_SUCCESS;
    };
    TcpClient peer;
    socket = connect(peer, WSK_EVENT_RECEIVE);
    ASSERT_TRUE(peer.send("abc"));
    ASSERT_TRUE(entered.wait());
    ASSERT_TRUE(peer.send("defg"));
    transport().pause();
    go_on.open();
    EXPECT_THAT(received, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(in.text(6), "bcdefg");
    close_all();
}

TEST_P(Inside, WskDisconnectEventServesItsSocket) {
    Buffer out("out");
    Buffer in(SIZE_T{3});
    Call control;
    Call sent;
    Call received;
    Call disconnected;
    std::atomic<PWSK_SOCKET> socket = nullptr;
    log().on_disconnected = [&] {
        expect(Kind::control, control, [&] { return start_get_option(control, socket); });
        expect(Kind::quick, received, [&] { return start_receive(received, socket, in); });
        expect(Kind::quick, sent, [&] { return start_send(sent, socket, out); });
        expect(
            Kind::waits, disconnected, [&] { return start_disconnect(disconnected, socket, 0); });
        ran().open();
    };
    TcpClient peer;
    socket = connect(peer, WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT);
    peer.shutdown_send();
    ASSERT_TRUE(ran().wait());
    EXPECT_THAT(control, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(received, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(received.information(), 0U);
    EXPECT_THAT(sent, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(peer.receive(3), "out");
    EXPECT_TRUE(peer.saw_end());
    EXPECT_THAT(disconnected, CompletesWith(STATUS_SUCCESS));
    close_all();
}

// Calls inside routines that are not for the socket: nothing is special about them.
TEST_P(Inside, ARoutineOfAnotherSocketIsLikeNoRoutine) {
    Buffer out("out");
    Call sent;
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    PWSK_SOCKET listener = make_event_listener([&](PWSK_SOCKET) { start_send(sent, socket, out); });
    EXPECT_EQ(control_events(listener, WSK_EVENT_ACCEPT), STATUS_SUCCESS);
    TcpClient visitor;
    ASSERT_TRUE(visitor.connect(local_address(listener)));
    ASSERT_TRUE(ran().wait());
    EXPECT_THAT(sent, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(peer.receive(3), "out");
}

TEST_P(Inside, ACompletionRoutineServesItsSocket) {
    Buffer out("out");
    Buffer in(SIZE_T{3});
    Buffer more(SIZE_T{3});
    Call outer;
    Call control;
    Call sent;
    Call received;
    Call waiting;
    Call disconnected;
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    ASSERT_TRUE(peer.send("in!"));
    transport().pause();
    outer.on_complete = [&] {
        expect(Kind::control, control, [&] { return start_get_option(control, socket); });
        expect(Kind::quick, sent, [&] { return start_send(sent, socket, out); });
        expect(Kind::quick, received, [&] { return start_receive(received, socket, in); });
        expect(Kind::waits, waiting, [&] { return start_receive(waiting, socket, more); });
        expect(
            Kind::waits, disconnected, [&] { return start_disconnect(disconnected, socket, 0); });
    };
    start_send(outer, socket, out);
    EXPECT_THAT(outer, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(control, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(sent, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(received, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(in.text(3), "in!");
    EXPECT_EQ(peer.receive(6), "outout");
    EXPECT_TRUE(peer.saw_end());
    EXPECT_THAT(disconnected, CompletesWith(STATUS_SUCCESS));
    EXPECT_TRUE(waiting.cancel());
    EXPECT_THAT(waiting, CompletesWith(STATUS_CANCELLED));
    close_all();
}

TEST_P(Inside, TheRoutineOfWskAcceptServesTheNewSocket) {
    Buffer out("out");
    Call accepted;
    Call sent;
    PWSK_SOCKET listener = make_listener();
    accepted.on_complete = [&] {
        const auto socket = reinterpret_cast<PWSK_SOCKET>(accepted.information());
        expect(Kind::quick, sent, [&] { return start_send(sent, socket, out); });
    };
    start_accept(accepted, listener);
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    EXPECT_THAT(accepted, CompletesWith(STATUS_SUCCESS));
    socket_of(accepted);
    EXPECT_THAT(sent, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(peer.receive(3), "out");
    close_all();
}

// Each routine makes the next call, all of which could complete at once.
TEST_P(Inside, RoutinesNestToAKnownDepthAndInOrder) {
    constexpr unsigned depth_max = 8;
    constexpr std::size_t count = 40;
    Buffer out("x");
    std::vector<std::unique_ptr<Call>> calls;
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    std::atomic<unsigned> depth = 0;
    std::atomic<unsigned> deepest = 0;
    for (std::size_t i = 0; i < count; ++i) {
        calls.push_back(std::make_unique<Call>());
        calls.back()->on_complete = [&, i] {
            deepest = std::max<unsigned>(deepest, ++depth);
            if (i + 1 < count) {
                start_send(*calls[i + 1], socket, out);
            }
            --depth;
        };
    }
    start_send(*calls[0], socket, out);
    for (std::size_t i = 0; i < count; ++i) {
        ASSERT_THAT(*calls[i], CompletesWith(STATUS_SUCCESS));
        if (i > 0) {
            EXPECT_GT(calls[i]->sequence(), calls[i - 1]->sequence());
        }
    }
    EXPECT_LE(deepest, depth_max);
    if (immediate_mode()) {
        EXPECT_EQ(deepest, depth_max);
    } else if (windows_mode() || deferred_mode()) {
        EXPECT_EQ(deepest, 1U);
    }
    close_all();
}

// A completion that waits is older, and comes first.
TEST_P(Inside, ACallInsideARoutineDoesNotOvertakeOneFromOutside) {
    Buffer out("x");
    Call outside;
    Call inside;
    Gate entered;
    Gate go_on;
    std::atomic<PWSK_SOCKET> socket = nullptr;
    log().answer = [&](const ConnectionLog::Data&, SIZE_T*) {
        entered.open();
        EXPECT_TRUE(go_on.wait());
        expect(Kind::waits, inside, [&] { return start_send(inside, socket, out); });
        return STATUS_SUCCESS;
    };
    TcpClient peer;
    socket = connect(peer, WSK_EVENT_RECEIVE);
    ASSERT_TRUE(peer.send("abc"));
    ASSERT_TRUE(entered.wait());
    // Somebody else has the turn, so this one waits in every mode.
    expect(Kind::waits, outside, [&] { return start_send(outside, socket, out); });
    go_on.open();
    EXPECT_THAT(outside, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(inside, CompletesWith(STATUS_SUCCESS));
    EXPECT_GT(inside.sequence(), outside.sequence());
    close_all();
}

TEST_P(Inside, ADriverThatHoldsALockIsNotMetByItsRoutineOutsideModeInline) {
    Buffer out("x");
    Call sent;
    KSPIN_LOCK lock;
    KeInitializeSpinLock(&lock);
    sent.on_complete = [&] {
        KIRQL irql = 0;
        KeAcquireSpinLock(&lock, &irql);
        KeReleaseSpinLock(&lock, irql);
    };
    std::atomic<PWSK_SOCKET> socket = nullptr;
    log().answer = [&](const ConnectionLog::Data&, SIZE_T*) {
        KIRQL irql = 0;
        const bool meets_itself = immediate_mode() || (!windows_mode() && !deferred_mode());
        if (!meets_itself) {
            KeAcquireSpinLock(&lock, &irql);
        }
        start_send(sent, socket, out);
        if (!meets_itself) {
            KeReleaseSpinLock(&lock, irql);
        }
        ran().open();
        return STATUS_SUCCESS;
    };
    TcpClient peer;
    socket = connect(peer, WSK_EVENT_RECEIVE);
    ASSERT_TRUE(peer.send("abc"));
    ASSERT_TRUE(ran().wait());
    EXPECT_THAT(sent, CompletesWith(STATUS_SUCCESS));
    close_all();
}

class InsideConditional : public Inside {
  protected:
    PWSK_SOCKET make_conditional() {
        ListenerOptions options;
        options.context = &inspector_;
        options.dispatch = &Inspector::dispatch;
        options.conditional = true;
        return make_listener(options);
    }
    TcpClient ask(PWSK_SOCKET listener, std::size_t index) {
        TcpClient client;
        EXPECT_TRUE(client.start_connect(local_address(listener)));
        EXPECT_TRUE(inspector_.attempts.wait_for(index + 1));
        return client;
    }
    NTSTATUS start_verdict(Call& call, PWSK_SOCKET listener, WSK_INSPECT_ID id) {
        return call.returns(listen_functions(listener).WskInspectComplete(
            listener, &id, WskInspectReject, call.irp()));
    }
    Inspector& inspector() { return inspector_; }

  private:
    Inspector& inspector_ = keep<Inspector>(*this);
};
OWSK_IN_EVERY_MODE(InsideConditional);

TEST_P(InsideConditional, WskInspectEventServesItsListener) {
    Call verdict;
    Call control;
    Call accepted;
    std::atomic<PWSK_SOCKET> listener = nullptr;
    inspector().verdict = [&](const Inspector::Attempt&) {
        if (inspector().attempts.size() == 2) {
            expect(Kind::control, control, [&] { return start_get_option(control, listener); });
            expect(Kind::control, verdict, [&] {
                return start_verdict(verdict, listener, inspector().attempts.at(0).id);
            });
            expect(Kind::waits, accepted, [&] { return start_accept(accepted, listener); });
            ran().open();
        }
        return WskInspectPend;
    };
    listener = make_conditional();
    TcpClient first = ask(listener, 0);
    TcpClient second = ask(listener, 1);
    ASSERT_TRUE(ran().wait());
    EXPECT_THAT(control, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(verdict, CompletesWith(STATUS_SUCCESS));
    EXPECT_TRUE(accepted.cancel());
    EXPECT_THAT(accepted, CompletesWith(STATUS_CANCELLED));
    EXPECT_EQ(close(listener), STATUS_SUCCESS);
    close_all();
}

TEST_P(InsideConditional, AVerdictOnTheAttemptThatIsBeingInspected) {
    Call verdict;
    std::atomic<PWSK_SOCKET> listener = nullptr;
    inspector().verdict = [&](const Inspector::Attempt& seen) {
        expect(Kind::control, verdict, [&] { return start_verdict(verdict, listener, seen.id); });
        ran().open();
        return WskInspectPend;
    };
    listener = make_conditional();
    TcpClient client = ask(listener, 0);
    ASSERT_TRUE(ran().wait());
    EXPECT_THAT(verdict, CompletesWith(STATUS_SUCCESS));
    EXPECT_TRUE(!client.finish_connect() || client.saw_reset());
    EXPECT_EQ(close(listener), STATUS_SUCCESS);
    close_all();
}

TEST_P(InsideConditional, WskAbortEventServesItsListener) {
    Call verdict;
    Call control;
    std::atomic<PWSK_SOCKET> listener = nullptr;
    inspector().verdict = [](const Inspector::Attempt&) { return WskInspectPend; };
    inspector().on_aborted = [&] {
        expect(Kind::control, control, [&] { return start_get_option(control, listener); });
        expect(Kind::control, verdict, [&] {
            return start_verdict(verdict, listener, inspector().attempts.at(1).id);
        });
        ran().open();
    };
    listener = make_conditional();
    TcpClient first = ask(listener, 0);
    TcpClient second = ask(listener, 1);
    first.reset();
    ASSERT_TRUE(ran().wait());
    EXPECT_THAT(control, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(verdict, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(close(listener), STATUS_SUCCESS);
    close_all();
}

}  // namespace
}  // namespace owsk::conformance
