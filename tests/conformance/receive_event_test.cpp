// SPDX-License-Identifier: MIT
// WskReceiveEvent.
#include <algorithm>
#include <atomic>
#include <mutex>

#include "conformance/connection_fixture.h"

namespace owsk::conformance {
namespace {

class WskReceiveEvent : public ConnectionTest {
  protected:
    // The first event is answered with `status`, and `accepted` bytes if that is not negative.
    void answer_first(NTSTATUS status, int accepted = -1) {
        log().answer = [this, status, accepted](const ConnectionLog::Data&, SIZE_T* taken) {
            if (log().data.size() != 0) {
                return STATUS_SUCCESS;
            }
            if (accepted >= 0) {
                *taken = static_cast<SIZE_T>(accepted);
            }
            return status;
        };
    }
    NTSTATUS release(PWSK_SOCKET socket, PWSK_DATA_INDICATION list) {
        return connection_functions(socket).WskRelease(socket, list);
    }
};
OWSK_IN_EVERY_MODE(WskReceiveEvent);

TEST_P(WskReceiveEvent, RE1_ShowsNewData) {
    TcpClient peer;
    connect(peer, WSK_EVENT_RECEIVE);
    ASSERT_TRUE(peer.send("hello"));
    ASSERT_TRUE(log().wait_for_text(5));
    EXPECT_EQ(log().text(), "hello");
}

TEST_P(WskReceiveEvent, RE1_IsNotCalledWhenNotEnabled) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    ASSERT_TRUE(peer.send("hello"));
    EXPECT_EQ(receive(socket, 5, WSK_FLAG_WAITALL), "hello");
    close(socket);
    EXPECT_THAT(log().data, StaysAt(0));
}

TEST_P(WskReceiveEvent, RE1_ShowsWhatCameBeforeItWasEnabled) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    ASSERT_TRUE(peer.send("xearly"));
    EXPECT_EQ(receive(socket, 1), "x");
    EXPECT_EQ(control_events(socket, WSK_EVENT_RECEIVE), STATUS_SUCCESS);
    ASSERT_TRUE(log().wait_for_text(5));
    EXPECT_EQ(log().text(), "early");
}

TEST_P(WskReceiveEvent, RE2_IsNeverCalledTwiceAtATime) {
    std::atomic<int> running = 0;
    std::atomic<int> most = 0;
    log().answer = [&](const ConnectionLog::Data&, SIZE_T*) {
        const int now = ++running;
        most = std::max(most.load(), now);
        transport().yield();
        --running;
        return STATUS_SUCCESS;
    };
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE);
    std::string sent;
    for (int i = 0; i < 200; ++i) {
        const std::string part(1000, static_cast<char>('a' + i % 26));
        ASSERT_TRUE(peer.send(part));
        EXPECT_EQ(control_events(socket, WSK_EVENT_RECEIVE), STATUS_SUCCESS);
        sent += part;
    }
    EXPECT_TRUE(log().wait_for_text(sent.size()));
    close(socket);
    EXPECT_EQ(most, 1);
    EXPECT_EQ(log().text(), sent);
}

TEST_P(WskReceiveEvent, RE3_SuccessWithoutACountTakesAll) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE);
    ASSERT_TRUE(peer.send("abc"));
    ASSERT_TRUE(log().wait_for_text(3));
    ASSERT_TRUE(peer.send("def"));
    ASSERT_TRUE(log().wait_for_text(6));
    EXPECT_EQ(log().text(), "abcdef");
    close(socket);
    EXPECT_EQ(log().text(), "abcdef");
}

TEST_P(WskReceiveEvent, RE4_APartialAcceptStopsEventsUntilAReceive) {
    answer_first(STATUS_SUCCESS, 2);
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE);
    ASSERT_TRUE(peer.send("abcdef"));
    ASSERT_TRUE(log().data.wait_for(1));
    settle(socket);
    ASSERT_TRUE(peer.send("ghi"));
    // The receive gets it all, so no event did.
    EXPECT_EQ(receive(socket, 7, WSK_FLAG_WAITALL), "cdefghi");
    EXPECT_THAT(log().data, StaysAt(1));
    ASSERT_TRUE(peer.send("jkl"));
    ASSERT_TRUE(log().wait_for_text(9));
    EXPECT_EQ(log().text(), "abcdefjkl");
}

TEST_P(WskReceiveEvent, RE5_AfterAPartialAcceptAnEmptyReceiveBringsExactlyTheRest) {
    answer_first(STATUS_SUCCESS, 2);
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE);
    ASSERT_TRUE(peer.send("abcdef"));
    ASSERT_TRUE(log().data.wait_for(1));
    settle(socket);
    EXPECT_EQ(empty_receive(socket), STATUS_SUCCESS);
    ASSERT_TRUE(log().data.wait_for(2));
    EXPECT_EQ(log().data.at(1).text, "cdef");
    ASSERT_TRUE(peer.send("ghi"));
    ASSERT_TRUE(log().wait_for_text(13));
    EXPECT_EQ(log().text(), "abcdefcdefghi");
}

TEST_P(WskReceiveEvent, RE6_AfterAPartialAcceptAReceiveGetsTheRest) {
    answer_first(STATUS_SUCCESS, 2);
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE);
    ASSERT_TRUE(peer.send("abcdef"));
    ASSERT_TRUE(log().data.wait_for(1));
    settle(socket);
    EXPECT_EQ(receive(socket, 16), "cdef");
}

TEST_P(WskReceiveEvent, RE6_AfterAPartialAcceptASmallReceiveGetsAPart) {
    answer_first(STATUS_SUCCESS, 1);
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE);
    ASSERT_TRUE(peer.send("abcdef"));
    ASSERT_TRUE(log().data.wait_for(1));
    settle(socket);
    EXPECT_EQ(receive(socket, 2), "bc");
    // The receive was the permission to go on.
    ASSERT_TRUE(log().data.wait_for(2));
    EXPECT_EQ(log().data.at(1).text, "def");
}

TEST_P(WskReceiveEvent, RE4_AcceptingNothingOfItStopsEventsToo) {
    answer_first(STATUS_SUCCESS, 0);
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE);
    ASSERT_TRUE(peer.send("abcdef"));
    ASSERT_TRUE(log().data.wait_for(1));
    settle(socket);
    EXPECT_EQ(receive(socket, 16), "abcdef");
    EXPECT_THAT(log().data, StaysAt(1));
}

TEST_P(WskReceiveEvent, RE7_DataThatIsNotAcceptedIsShownAgainAfterAnEmptyReceive) {
    answer_first(STATUS_DATA_NOT_ACCEPTED);
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE);
    ASSERT_TRUE(peer.send("abcdef"));
    ASSERT_TRUE(log().data.wait_for(1));
    settle(socket);
    EXPECT_EQ(empty_receive(socket), STATUS_SUCCESS);
    ASSERT_TRUE(log().data.wait_for(2));
    EXPECT_EQ(log().data.at(1).text, "abcdef");
}

TEST_P(WskReceiveEvent, RE7_DataThatIsNotAcceptedCanBeReceived) {
    answer_first(STATUS_DATA_NOT_ACCEPTED);
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE);
    ASSERT_TRUE(peer.send("abc"));
    ASSERT_TRUE(log().data.wait_for(1));
    settle(socket);
    ASSERT_TRUE(peer.send("def"));
    EXPECT_EQ(receive(socket, 6, WSK_FLAG_WAITALL), "abcdef");
    EXPECT_THAT(log().data, StaysAt(1));
}

TEST_P(WskReceiveEvent, RE8_RetainedDataStaysWhileFurtherEventsCome) {
    log().answer = [](const ConnectionLog::Data&, SIZE_T*) { return STATUS_PENDING; };
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE);
    ASSERT_TRUE(peer.send("first"));
    ASSERT_TRUE(log().wait_for_text(5));
    ASSERT_TRUE(peer.send("second"));
    ASSERT_TRUE(log().wait_for_text(11));
    std::string text;
    const std::vector<ConnectionLog::Data> events = log().data.all();
    for (const ConnectionLog::Data& event : events) {
        for (PWSK_DATA_INDICATION part = event.list; part != nullptr; part = part->Next) {
            text += text_of(part->Buffer);
        }
    }
    EXPECT_EQ(text, "firstsecond");
    // In the other order.
    for (auto event = events.rbegin(); event != events.rend(); ++event) {
        EXPECT_EQ(release(socket, event->list), STATUS_SUCCESS);
    }
}

TEST_P(WskReceiveEvent, RE8_RetainedDataMayBeReleasedInsideTheCallback) {
    std::atomic<PWSK_SOCKET> socket = nullptr;
    Gate known;
    log().answer = [&](const ConnectionLog::Data& event, SIZE_T*) {
        EXPECT_TRUE(known.wait());
        EXPECT_EQ(release(socket, event.list), STATUS_SUCCESS);
        return STATUS_PENDING;
    };
    TcpClient peer;
    socket = connect(peer, WSK_EVENT_RECEIVE);
    known.open();
    ASSERT_TRUE(peer.send("first"));
    ASSERT_TRUE(log().wait_for_text(5));
    ASSERT_TRUE(peer.send("second"));
    ASSERT_TRUE(log().wait_for_text(11));
    close(socket);
    EXPECT_EQ(log().text(), "firstsecond");
}

TEST_P(WskReceiveEvent, RE9_TheCountIsIgnoredForRetainedData) {
    answer_first(STATUS_PENDING, 1);
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE);
    ASSERT_TRUE(peer.send("abc"));
    ASSERT_TRUE(log().wait_for_text(3));
    ASSERT_TRUE(peer.send("def"));
    ASSERT_TRUE(log().wait_for_text(6));
    EXPECT_EQ(log().text(), "abcdef");
    EXPECT_EQ(release(socket, log().data.at(0).list), STATUS_SUCCESS);
}

TEST_P(WskReceiveEvent, RE9_TheCountIsIgnoredForDataThatIsNotAccepted) {
    answer_first(STATUS_DATA_NOT_ACCEPTED, 2);
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE);
    ASSERT_TRUE(peer.send("abcdef"));
    ASSERT_TRUE(log().data.wait_for(1));
    settle(socket);
    EXPECT_EQ(empty_receive(socket), STATUS_SUCCESS);
    ASSERT_TRUE(log().data.wait_for(2));
    EXPECT_EQ(log().data.at(1).text, "abcdef");
}

TEST_P(WskReceiveEvent, RE10_ReleaseKnowsWhatWasRetained) {
    answer_first(STATUS_PENDING);
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE);
    ASSERT_TRUE(peer.send("abc"));
    ASSERT_TRUE(log().data.wait_for(1));
    settle(socket);
    WSK_DATA_INDICATION foreign = {};
    EXPECT_EQ(release(socket, &foreign), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(release(socket, nullptr), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(release(socket, log().data.at(0).list), STATUS_SUCCESS);
}

// More than a driver may retain, and more than any buffer holds.
struct Flood {
    static constexpr std::size_t length = 4 * 1024 * 1024;
    static constexpr std::size_t retained_limit = 1024 * 1024;

    std::atomic<bool> retains = false;
    std::atomic<std::size_t> shown = 0;
    std::string text;
    std::vector<ConnectionLog::Data> retained;

    static std::string sent() {
        std::string bytes(length, '\0');
        for (std::size_t i = 0; i < length; ++i) {
            bytes[i] = static_cast<char>(i * 31 >> 8);
        }
        return bytes;
    }
    NTSTATUS answer(const ConnectionLog::Data& event) {
        text += event.text;
        const bool keeps = retains;
        if (keeps) {
            retained.push_back({event.list, "", event.flags, event.sequence});
        }
        shown += event.text.size();
        transport().announce_change();
        return keeps ? STATUS_PENDING : STATUS_SUCCESS;
    }
    bool wait_for(std::size_t bytes) const {
        return transport().wait_until([&] { return shown >= bytes; });
    }
};

TEST_P(WskReceiveEvent, RE3_MoreThanCouldBeRetainedArrivesIfItIsTaken) {
    Flood& flood = keep<Flood>();
    log().answer = [&flood](const ConnectionLog::Data& event, SIZE_T*) {
        return flood.answer(event);
    };
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE);
    TestThread sender = transport().start_thread([&] { EXPECT_TRUE(peer.send(Flood::sent())); });
    EXPECT_TRUE(flood.wait_for(Flood::length));
    sender.join();
    close(socket);
    EXPECT_TRUE(flood.text == Flood::sent());
}

TEST_P(WskReceiveEvent, RE8_ReadingStopsAtTheLimitOfRetainedDataUntilItIsReleased) {
    Flood& flood = keep<Flood>();
    flood.retains = true;
    log().answer = [&flood](const ConnectionLog::Data& event, SIZE_T*) {
        return flood.answer(event);
    };
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE);
    TestThread sender = transport().start_thread([&] { EXPECT_TRUE(peer.send(Flood::sent())); });
    EXPECT_TRUE(flood.wait_for(Flood::retained_limit));
    transport().pause();
    settle(socket);
    // What the last event brings may exceed the limit.
    EXPECT_LE(flood.shown, Flood::retained_limit + 64 * 1024);
    EXPECT_EQ(flood.retained.front().flags & WSK_FLAG_RELEASE_ASAP, 0u);
    EXPECT_NE(flood.retained.back().flags & WSK_FLAG_RELEASE_ASAP, 0u);
    flood.retains = false;
    for (const ConnectionLog::Data& event : std::exchange(flood.retained, {})) {
        EXPECT_EQ(release(socket, event.list), STATUS_SUCCESS);
    }
    EXPECT_TRUE(flood.wait_for(Flood::length));
    sender.join();
    close(socket);
    EXPECT_TRUE(flood.text == Flood::sent());
}

// Also what the driver has been shown and did not take.
TEST_P(WskReceiveEvent, RC7_ACancelledDrainHasThrownAwayWhatTheEventHasRefused) {
    answer_first(STATUS_SUCCESS, 2);
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE);
    ASSERT_TRUE(peer.send("abcdef"));
    ASSERT_TRUE(log().data.wait_for(1));
    settle(socket);
    Call call;
    start_empty_receive(call, socket, WSK_FLAG_DRAIN);
    EXPECT_THAT(call, Pends());
    EXPECT_TRUE(call.cancel());
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
    ASSERT_TRUE(peer.send("ghi"));
    ASSERT_TRUE(log().data.wait_for(2));
    // In the other modes the cancellation may come before the drain has begun.
    const bool drains_in_the_call =
        GetParam() == CompletionMode::windows || GetParam() == CompletionMode::immediate;
    if (drains_in_the_call) {
        EXPECT_EQ(log().data.at(1).text.substr(0, 1), "g");
    }
}

// Events that take all, retain it, take a part or nothing, and receives in between. Completions and
// events of one socket are serial, so the order in which they append is that of the stream; in mode
// `hostile` only what is appended is known, and not in which order.
struct Stream {
    std::mutex mutex;
    std::string text;
    std::atomic<std::size_t> taken = 0;
    unsigned turns = 0;
    Log<bool> suspended;  // for each event whether it was the last one until a receive
    Log<PWSK_DATA_INDICATION> retained;

    void take(const std::string& part) {
        const std::lock_guard guard(mutex);
        text += part;
        taken += part.size();
    }
    NTSTATUS answer(const ConnectionLog::Data& event, SIZE_T* accepted) {
        const unsigned turn = turns++ % 4;
        NTSTATUS status = STATUS_SUCCESS;
        if (turn == 0) {
            take(event.text);
        } else if (turn == 1) {
            take(event.text);
            retained.add(event.list);
            status = STATUS_PENDING;
        } else if (turn == 2) {
            *accepted = event.text.size() / 2;
            take(event.text.substr(0, *accepted));
        } else {
            status = STATUS_DATA_NOT_ACCEPTED;
        }
        suspended.add(turn >= 2);
        return status;
    }
};

TEST_P(WskReceiveEvent, RE11_NothingIsLostOrDoubledHoweverItIsTaken) {
    Stream& stream = keep<Stream>();
    log().answer = [&stream](const ConnectionLog::Data& event, SIZE_T* accepted) {
        return stream.answer(event, accepted);
    };
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE);
    std::string sent;
    std::size_t events = 0;
    for (int part = 0; part < 40; ++part) {
        const std::string number = std::to_string(100'000 + part * 7919);
        sent += number;
        ASSERT_TRUE(peer.send(number));
        while (stream.taken < sent.size()) {
            ASSERT_TRUE(stream.suspended.wait_for(events + 1));
            if (stream.suspended.at(events++)) {
                settle(socket);
                const Buffer buffer(events % 3 == 0 ? 0 : 2);
                Call call;
                call.on_complete = [&] { stream.take(buffer.text(call.information())); };
                start_receive(call, socket, buffer);
                ASSERT_THAT(call, CompletesWith(STATUS_SUCCESS));
            }
        }
    }
    for (PWSK_DATA_INDICATION list : stream.retained.all()) {
        EXPECT_EQ(connection_functions(socket).WskRelease(socket, list), STATUS_SUCCESS);
    }
    close(socket);
    if (hostile_mode()) {
        std::ranges::sort(stream.text);
        std::ranges::sort(sent);
    }
    EXPECT_EQ(stream.text, sent);
}

TEST_P(WskReceiveEvent, RE13_ShowsAllDataBeforeAGracefulDisconnect) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    const std::string sent(200'000, 'd');
    ASSERT_TRUE(peer.send(sent));
    peer.shutdown_send();
    EXPECT_EQ(control_events(socket, WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT), STATUS_SUCCESS);
    ASSERT_TRUE(log().disconnects.wait_for(1));
    close(socket);
    EXPECT_EQ(log().text(), sent);
    for (const ConnectionLog::Data& event : log().data.all()) {
        EXPECT_LT(event.sequence, log().disconnects.at(0).sequence);
    }
}

TEST_P(WskReceiveEvent, RE13_AGracefulDisconnectWaitsForSuspendedData) {
    answer_first(STATUS_DATA_NOT_ACCEPTED);
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer, WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT);
    ASSERT_TRUE(peer.send("abc"));
    peer.shutdown_send();
    ASSERT_TRUE(log().data.wait_for(1));
    settle(socket);
    EXPECT_EQ(empty_receive(socket), STATUS_SUCCESS);
    ASSERT_TRUE(log().disconnects.wait_for(1));
    ASSERT_EQ(log().data.size(), 2u);
    EXPECT_LT(log().data.at(1).sequence, log().disconnects.at(0).sequence);
}

}  // namespace
}  // namespace owsk::conformance
