// SPDX-License-Identifier: MIT
// Datagram rules DG15-DG21, EC and CL for WskReceiveFromEvent and WskRelease. The sockets of a test
// send to each other.
#include "conformance/datagram_fixture.h"

namespace owsk::conformance {
namespace {

using testing::ElementsAre;

class WskReceiveFromEvent : public DatagramTest {
  protected:
    PWSK_SOCKET make_receiver() { return make_bound({"127.0.0.1", 0}, WSK_EVENT_RECEIVE_FROM); }
    void send(PWSK_SOCKET receiver, const std::string& text) {
        EXPECT_EQ(send_to(sender(), text, local_address(receiver)), STATUS_SUCCESS);
    }
    PWSK_SOCKET sender() {
        if (sender_ == nullptr) {
            sender_ = make_bound();
        }
        return sender_;
    }
    NTSTATUS release(PWSK_SOCKET socket, PWSK_DATAGRAM_INDICATION list) {
        return datagram_functions(socket).WskRelease(socket, list);
    }
    void answer_always(NTSTATUS status) {
        log().answer = [status](const DatagramLog::Event&) { return status; };
    }
    // Every event gets a list, if as many wait.
    void make_lists() { machine().faults().fail_with(Fault::indication_list, 1); }

  private:
    PWSK_SOCKET sender_ = nullptr;
};
OWSK_IN_EVERY_MODE(WskReceiveFromEvent);

TEST_P(WskReceiveFromEvent, DG16_ItShowsDatagramsAndTheirSenders) {
    PWSK_SOCKET receiver = make_receiver();
    send(receiver, "one");
    ASSERT_TRUE(log().wait_for(1));
    send(receiver, "");
    send(receiver, "three");
    ASSERT_TRUE(log().wait_for(3));
    EXPECT_THAT(log().texts(), ElementsAre("one", "", "three"));
    const DatagramLog::Event event = log().events.at(0);
    EXPECT_EQ(event.datagrams[0].remote, local_address(sender()));
    EXPECT_TRUE(event.datagrams[0].control.empty());
    EXPECT_EQ(event.flags & ~WSK_FLAG_AT_DISPATCH_LEVEL, 0u);
    EXPECT_EQ(event.datagrams.size(), 1u);
}

TEST_P(WskReceiveFromEvent, DG16_ControlDataIsThereWhenItIsWanted) {
    PWSK_SOCKET receiver = make_receiver();
    EXPECT_EQ(set_option(receiver, IPPROTO_IP, IP_PKTINFO, 1), STATUS_SUCCESS);
    send(receiver, "x");
    ASSERT_TRUE(log().wait_for(1));
    const std::vector<ControlObject> control = log().events.at(0).datagrams[0].control;
    ASSERT_EQ(control.size(), 1u);
    EXPECT_EQ(control[0].type, IP_PKTINFO);
    EXPECT_EQ(control[0].data.size(), sizeof(IN_PKTINFO));
}

TEST_P(WskReceiveFromEvent, ItShowsAnIcmpErrorIfItIsWanted) {
    PWSK_SOCKET receiver = make_receiver();
    EXPECT_EQ(set_option(receiver, IPPROTO_IP, IP_PKTINFO, 1), STATUS_SUCCESS);
    EXPECT_EQ(set_option(receiver, IPPROTO_IP, IP_RECVERR, 1), STATUS_SUCCESS);
    const Endpoint nobody = nobody_at("127.0.0.1");
    EXPECT_EQ(send_to(receiver, "question", nobody), STATUS_SUCCESS);
    ASSERT_TRUE(log().wait_for(1));
    const DatagramLog::Event event = log().events.at(0);
    EXPECT_EQ(event.flags & ~WSK_FLAG_AT_DISPATCH_LEVEL, ULONG{MSG_ERRQUEUE});
    EXPECT_EQ(event.datagrams[0].text, "question");
    EXPECT_EQ(event.datagrams[0].remote, nobody);
    EXPECT_THAT(event.datagrams[0].control, ElementsAre(port_unreachable(false)));
}

TEST_P(WskReceiveFromEvent, DG16_DatagramsOfAnyLengthAreShownInOnePiece) {
    PWSK_SOCKET receiver = make_receiver();
    std::vector<std::string> sent;
    for (const SIZE_T length : {40'000, 40'000, 1, 65'507, 2'000, 30'000}) {
        sent.push_back(std::string(length, static_cast<char>('a' + sent.size())));
        send(receiver, sent.back());
        ASSERT_TRUE(log().wait_for(sent.size()));
    }
    EXPECT_EQ(log().texts(), sent);
}

TEST_P(WskReceiveFromEvent, DG16_AListHasSeveralOfThem) {
    PWSK_SOCKET receiver = make_bound();
    for (const char* text : {"one", "two", "three", "four", "five"}) {
        send(receiver, text);
    }
    transport().settle();
    EXPECT_EQ(control_events(receiver, WSK_EVENT_RECEIVE_FROM), STATUS_SUCCESS);
    ASSERT_TRUE(log().wait_for(5));
    EXPECT_THAT(log().texts(), ElementsAre("one", "two", "three", "four", "five"));
    EXPECT_LT(log().events.size(), 5u);
}

TEST_P(WskReceiveFromEvent, DG16_LongAndShortOnesAreOneList) {
    PWSK_SOCKET receiver = make_bound();
    std::vector<std::string> sent;
    for (const SIZE_T length : {1, 9'000, 2'048, 2'049, 0, 12'000, 3}) {
        sent.push_back(std::string(length, static_cast<char>('a' + sent.size())));
        send(receiver, sent.back());
    }
    transport().settle();
    EXPECT_EQ(control_events(receiver, WSK_EVENT_RECEIVE_FROM), STATUS_SUCCESS);
    ASSERT_TRUE(log().wait_for(sent.size()));
    EXPECT_EQ(log().texts(), sent);
    EXPECT_LT(log().events.size(), sent.size());
}

TEST_P(WskReceiveFromEvent, WhatCameBeforeIsShownWhenItIsEnabled) {
    PWSK_SOCKET receiver = make_bound();
    send(receiver, "early");
    EXPECT_THAT(log().events, StaysAt(0));
    EXPECT_EQ(control_events(receiver, WSK_EVENT_RECEIVE_FROM), STATUS_SUCCESS);
    ASSERT_TRUE(log().wait_for(1));
    EXPECT_THAT(log().texts(), ElementsAre("early"));
}

TEST_P(WskReceiveFromEvent, DG15_AWskReceiveFromThatWaitsComesFirst) {
    PWSK_SOCKET receiver = make_receiver();
    Receive receive(16);
    start_receive_from(receive, receiver);
    send(receiver, "for the request");
    EXPECT_THAT(receive.call, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(log().events, StaysAt(0));
    send(receiver, "for the event");
    ASSERT_TRUE(log().wait_for(1));
    EXPECT_THAT(log().texts(), ElementsAre("for the event"));
}

TEST_P(WskReceiveFromEvent, DG17_WhatIsRetainedStaysUntilItIsReleased) {
    answer_always(STATUS_PENDING);
    PWSK_SOCKET receiver = make_receiver();
    send(receiver, "kept");
    ASSERT_TRUE(log().wait_for(1));
    send(receiver, "kept as well");
    ASSERT_TRUE(log().wait_for(2));
    const PWSK_DATAGRAM_INDICATION first = log().events.at(0).list;
    const PWSK_DATAGRAM_INDICATION second = log().events.at(1).list;
    EXPECT_EQ(text_of(first->Buffer), "kept");
    EXPECT_EQ(release(receiver, second), STATUS_SUCCESS);
    EXPECT_EQ(text_of(first->Buffer), "kept");
    EXPECT_EQ(endpoint_of(first->RemoteAddress), local_address(sender()));
    EXPECT_EQ(release(receiver, first), STATUS_SUCCESS);
}

TEST_P(WskReceiveFromEvent, DG17_ItCanBeReleasedAtDispatchLevelAndFromInside) {
    PWSK_SOCKET receiver = make_bound();
    log().answer = [&](const DatagramLog::Event& event) {
        EXPECT_EQ(release(receiver, event.list), STATUS_SUCCESS);
        EXPECT_EQ(release(receiver, event.list), STATUS_INVALID_PARAMETER);
        return STATUS_PENDING;
    };
    EXPECT_EQ(control_events(receiver, WSK_EVENT_RECEIVE_FROM), STATUS_SUCCESS);
    send(receiver, "at once");
    ASSERT_TRUE(log().wait_for(1));
    close_all();
}

TEST_P(WskReceiveFromEvent, DG17_AListIsReleasedAsAWholeOrOneByOne) {
    answer_always(STATUS_PENDING);
    PWSK_SOCKET receiver = make_bound();
    for (int i = 0; i < 8; ++i) {
        send(receiver, "x");
    }
    make_lists();
    EXPECT_EQ(control_events(receiver, WSK_EVENT_RECEIVE_FROM), STATUS_SUCCESS);
    ASSERT_TRUE(log().wait_for(8));
    bool whole = false;
    for (const DatagramLog::Event& event : log().events.all()) {
        whole = !whole;
        PWSK_DATAGRAM_INDICATION list = event.list;
        while (list != nullptr) {
            const PWSK_DATAGRAM_INDICATION next = list->Next;
            if (!whole) {
                list->Next = nullptr;
            }
            EXPECT_EQ(release(receiver, list), STATUS_SUCCESS);
            list = whole ? nullptr : next;
        }
    }
}

TEST_P(WskReceiveFromEvent, NoMoreThanSoMuchIsRetained) {
    answer_always(STATUS_PENDING);
    PWSK_SOCKET receiver = make_receiver();
    const std::string text(50'000, 'x');
    // One by one: the network has no room for so much.
    constexpr std::size_t retained = 1024 * 1024 / 50'000 + 1;
    for (std::size_t count = 1; count <= retained; ++count) {
        send(receiver, text);
        ASSERT_TRUE(log().wait_for(count));
    }
    send(receiver, text);
    EXPECT_THAT(log().events, StaysAt(retained));
    for (const DatagramLog::Event& event : log().events.all()) {
        EXPECT_EQ(release(receiver, event.list), STATUS_SUCCESS);
    }
    ASSERT_TRUE(log().wait_for(retained + 1));
    EXPECT_EQ(release(receiver, log().events.at(retained).list), STATUS_SUCCESS);
}

TEST_P(WskReceiveFromEvent, DG18_RefusalDisablesItAndWhatWasRefusedComesFirst) {
    std::atomic<bool> refuses = true;
    log().answer = [&](const DatagramLog::Event&) {
        return refuses ? STATUS_DATA_NOT_ACCEPTED : STATUS_SUCCESS;
    };
    PWSK_SOCKET receiver = make_receiver();
    send(receiver, "refused");
    ASSERT_TRUE(log().wait_for(1));
    send(receiver, "later");
    EXPECT_THAT(log().events, StaysAt(1));
    refuses = false;
    EXPECT_EQ(control_events(receiver, WSK_EVENT_RECEIVE_FROM), STATUS_SUCCESS);
    ASSERT_TRUE(log().wait_for(3));
    EXPECT_THAT(log().texts(), ElementsAre("refused", "refused", "later"));
    close_all();
}

TEST_P(WskReceiveFromEvent, DG18_EnabledWhileItRefusesItStaysEnabled) {
    PWSK_SOCKET receiver = make_bound();
    log().answer = [&](const DatagramLog::Event&) {
        if (log().events.size() != 0) {
            return STATUS_SUCCESS;
        }
        EXPECT_EQ(control_events(receiver, WSK_EVENT_RECEIVE_FROM), STATUS_SUCCESS);
        return STATUS_DATA_NOT_ACCEPTED;
    };
    EXPECT_EQ(control_events(receiver, WSK_EVENT_RECEIVE_FROM), STATUS_SUCCESS);
    send(receiver, "again");
    ASSERT_TRUE(log().wait_for(2));
    EXPECT_THAT(log().texts(), ElementsAre("again", "again"));
    close_all();
}

TEST_P(WskReceiveFromEvent, DG18_AWskReceiveFromGetsWhatWasRefused) {
    answer_always(STATUS_DATA_NOT_ACCEPTED);
    PWSK_SOCKET receiver = make_receiver();
    EXPECT_EQ(set_option(receiver, IPPROTO_IP, IP_PKTINFO, 1), STATUS_SUCCESS);
    send(receiver, "refused");
    ASSERT_TRUE(log().wait_for(1));
    Receive receive(4, 256);
    start_receive_from(receive, receiver);
    EXPECT_THAT(receive.call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(receive.text(), "refu");
    EXPECT_EQ(receive.flags, ULONG{MSG_TRUNC});
    EXPECT_EQ(receive.remote(), local_address(sender()));
    EXPECT_EQ(receive.objects().size(), 1u);
    send(receiver, "next");
    EXPECT_EQ(receive_from(receiver), "next");
    EXPECT_EQ(log().events.size(), 1u);
}

TEST_P(WskReceiveFromEvent, DG19_AStaticCallbackGoesOnAfterARefusal) {
    EXPECT_EQ(set_static_events(WSK_EVENT_RECEIVE_FROM), STATUS_SUCCESS);
    answer_always(STATUS_DATA_NOT_ACCEPTED);
    PWSK_SOCKET receiver = make_bound();
    send(receiver, "one");
    ASSERT_TRUE(log().wait_for(1));
    EXPECT_THAT(log().events, StaysAt(1));
    send(receiver, "two");
    ASSERT_TRUE(log().wait_for(2));
    EXPECT_THAT(log().texts(), ElementsAre("one", "two"));
    // What was refused last may still be received.
    EXPECT_EQ(receive_from(receiver), "two");
}

TEST_P(WskReceiveFromEvent, DG21_ForeignPointersCannotBeReleased) {
    answer_always(STATUS_PENDING);
    PWSK_SOCKET receiver = make_receiver();
    PWSK_SOCKET other = make_bound();
    WSK_DATAGRAM_INDICATION foreign = {};
    EXPECT_EQ(release(receiver, &foreign), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(release(receiver, nullptr), STATUS_INVALID_PARAMETER);
    send(receiver, "x");
    ASSERT_TRUE(log().wait_for(1));
    const PWSK_DATAGRAM_INDICATION list = log().events.at(0).list;
    EXPECT_EQ(release(other, list), STATUS_INVALID_PARAMETER);
    list->Next = &foreign;
    EXPECT_EQ(release(receiver, list), STATUS_INVALID_PARAMETER);
    list->Next = list;
    EXPECT_EQ(release(receiver, list), STATUS_INVALID_PARAMETER);
    list->Next = nullptr;
    EXPECT_EQ(release(receiver, list), STATUS_SUCCESS);
    EXPECT_EQ(release(receiver, list), STATUS_INVALID_PARAMETER);
}

TEST_P(WskReceiveFromEvent, EC2_EC3_EC9_WhatCannotBeEnabled) {
    EXPECT_EQ(control_events(make_unbound(), WSK_EVENT_RECEIVE_FROM), STATUS_INVALID_DEVICE_STATE);
    PWSK_SOCKET socket = make_bound();
    EXPECT_EQ(control_events(socket, WSK_EVENT_RECEIVE), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(control_events(socket, WSK_EVENT_ACCEPT), STATUS_INVALID_PARAMETER);
    SocketOptions options;
    options.type = SOCK_DGRAM;
    options.protocol = IPPROTO_UDP;
    PWSK_SOCKET without = make_socket(WSK_FLAG_DATAGRAM_SOCKET, options);
    EXPECT_EQ(bind(without, {"127.0.0.1", 0}), STATUS_SUCCESS);
    EXPECT_EQ(control_events(without, WSK_EVENT_RECEIVE_FROM), STATUS_INVALID_PARAMETER);
}

TEST_P(WskReceiveFromEvent, EC4_EC10_DisabledItStaysSilentAndComesAgain) {
    PWSK_SOCKET receiver = make_receiver();
    EXPECT_EQ(control_events(receiver, WSK_EVENT_RECEIVE_FROM | WSK_EVENT_DISABLE), STATUS_SUCCESS);
    send(receiver, "meanwhile");
    EXPECT_THAT(log().events, StaysAt(0));
    EXPECT_EQ(control_events(receiver, WSK_EVENT_RECEIVE_FROM), STATUS_SUCCESS);
    ASSERT_TRUE(log().wait_for(1));
    EXPECT_THAT(log().texts(), ElementsAre("meanwhile"));
}

TEST_P(WskReceiveFromEvent, EC6_DisablingWaitsForARunningCallback) {
    Gate entered, leave;
    log().answer = [&](const DatagramLog::Event&) {
        entered.open();
        EXPECT_TRUE(leave.wait());
        return STATUS_SUCCESS;
    };
    PWSK_SOCKET receiver = make_receiver();
    // Its result may be due on the processor that the callback holds up.
    const Buffer text("x");
    Call sending;
    start_send_to(sending, sender(), text, local_address(receiver));
    ASSERT_TRUE(entered.wait());
    Call disable;
    start_control_events(disable, receiver, WSK_EVENT_RECEIVE_FROM | WSK_EVENT_DISABLE);
    EXPECT_EQ(disable.returned(), STATUS_PENDING);
    EXPECT_FALSE(disable.completed());
    leave.open();
    EXPECT_THAT(disable, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(sending, CompletesWith(STATUS_SUCCESS));
    close_all();
}

TEST_P(WskReceiveFromEvent, EC14_AStaticCallbackCannotBeDisabled) {
    EXPECT_EQ(set_static_events(WSK_EVENT_RECEIVE_FROM), STATUS_SUCCESS);
    PWSK_SOCKET receiver = make_bound();
    EXPECT_EQ(control_events(receiver, WSK_EVENT_RECEIVE_FROM | WSK_EVENT_DISABLE),
              STATUS_INVALID_DEVICE_REQUEST);
    send(receiver, "x");
    EXPECT_TRUE(log().wait_for(1));
}

TEST_P(WskReceiveFromEvent, CL3_TheCloseWaitsForARunningCallback) {
    Gate entered, leave;
    log().answer = [&](const DatagramLog::Event&) {
        entered.open();
        EXPECT_TRUE(leave.wait());
        return STATUS_SUCCESS;
    };
    PWSK_SOCKET receiver = make_receiver();
    // Its result may be due on the processor that the callback holds up.
    const Buffer text("x");
    Call sending;
    start_send_to(sending, sender(), text, local_address(receiver));
    ASSERT_TRUE(entered.wait());
    Call closing;
    start_close(closing, receiver);
    EXPECT_FALSE(closing.completed());
    leave.open();
    EXPECT_THAT(closing, CompletesWith(STATUS_SUCCESS));
    EXPECT_LT(log().events.at(0).sequence, closing.sequence());
    EXPECT_THAT(sending, CompletesWith(STATUS_SUCCESS));
}

TEST_P(WskReceiveFromEvent, ItMayAnswerFromInside) {
    PWSK_SOCKET server = make_unbound();
    PWSK_SOCKET client = make_bound();
    Call answer;
    Buffer pong("pong");
    log().answer = [&](const DatagramLog::Event& event) {
        start_send_to(answer, server, pong, event.datagrams[0].remote);
        return STATUS_SUCCESS;
    };
    EXPECT_EQ(bind(server, {"127.0.0.1", 0}), STATUS_SUCCESS);
    EXPECT_EQ(control_events(server, WSK_EVENT_RECEIVE_FROM), STATUS_SUCCESS);
    EXPECT_EQ(send_to(client, "ping", local_address(server)), STATUS_SUCCESS);
    EXPECT_EQ(receive_from(client), "pong");
    EXPECT_THAT(answer, CompletesWith(STATUS_SUCCESS));
    close_all();
}

}  // namespace
}  // namespace owsk::conformance
