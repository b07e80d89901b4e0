// SPDX-License-Identifier: MIT
// The checkers complain of what is wrong, and of nothing else.
#include <gmock/gmock.h>
#include <ntstatus.h>

#include <string>
#include <thread>
#include <vector>

#include "simulation/checkers/attempts.h"
#include "simulation/checkers/callbacks.h"
#include "simulation/checkers/irps.h"
#include "simulation/checkers/leaks.h"
#include "simulation/checkers/order.h"
#include "simulation/checkers/streams.h"

namespace owsk::scenarios {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Complaint final : public Complaints {
  public:
    void complain(const char* checker, const std::string& what) override {
        texts.push_back(std::string(checker) + ": " + what);
    }
    std::vector<std::string> texts;
};

class Checker : public ::testing::Test {
  protected:
    Complaint complaint;
};

class IrpCheckerTest : public Checker {
  protected:
    IrpChecker irps{complaint};
    const IrpChecker::Id irp = irps.issued("WskReceive");
};

TEST_F(IrpCheckerTest, IsContentWithACompletionInsideTheCall) {
    irps.completed(irp, STATUS_SUCCESS, false);
    irps.returned(irp, STATUS_SUCCESS);
    irps.check_end();
    EXPECT_THAT(complaint.texts, IsEmpty());
}

TEST_F(IrpCheckerTest, IsContentWithACompletionAfterTheCall) {
    irps.returned(irp, STATUS_PENDING);
    irps.completed(irp, STATUS_CANCELLED, true);
    irps.check_end();
    EXPECT_THAT(complaint.texts, IsEmpty());
}

TEST_F(IrpCheckerTest, SeesASecondCompletion) {
    irps.returned(irp, STATUS_PENDING);
    irps.completed(irp, STATUS_SUCCESS, true);
    irps.completed(irp, STATUS_CANCELLED, true);
    EXPECT_THAT(complaint.texts, ElementsAre(HasSubstr("completed for the second time")));
}

TEST_F(IrpCheckerTest, SeesThatNothingCompletes) {
    irps.returned(irp, STATUS_PENDING);
    irps.check_end();
    EXPECT_THAT(complaint.texts, ElementsAre(HasSubstr("never completed")));
}

TEST_F(IrpCheckerTest, SeesAnotherStatusThanTheCallReturned) {
    irps.completed(irp, STATUS_CANCELLED, false);
    irps.returned(irp, STATUS_SUCCESS);
    EXPECT_THAT(complaint.texts, ElementsAre(HasSubstr("STATUS_CANCELLED")));
}

TEST_F(IrpCheckerTest, SeesAFinalStatusOfACallThatCompletesLater) {
    irps.returned(irp, STATUS_SUCCESS);
    EXPECT_THAT(complaint.texts, ElementsAre(HasSubstr("did not complete")));
}

TEST_F(IrpCheckerTest, SeesThatPendingWasNotMarked) {
    irps.returned(irp, STATUS_PENDING);
    irps.completed(irp, STATUS_SUCCESS, false);
    EXPECT_THAT(complaint.texts, ElementsAre(HasSubstr("not marked pending")));
}

class StreamCheckerTest : public Checker {
  protected:
    StreamChecker streams{complaint};
};

TEST_F(StreamCheckerTest, IsContentWithEveryByteInOrder) {
    std::string data = streams.make(7, 5);
    data += streams.make(7, 6);
    streams.received(7, "here", data.substr(0, 3));
    streams.received(7, "there", data);
    streams.received(7, "here", data.substr(3));
    streams.finished(7, "here");
    EXPECT_THAT(complaint.texts, IsEmpty());
}

TEST_F(StreamCheckerTest, SeesAMissingByte) {
    const std::string data = streams.make(7, 50);
    streams.received(7, "here", data.substr(0, 10) + data.substr(11));
    EXPECT_THAT(complaint.texts, ElementsAre(HasSubstr("byte 10 of stream 7")));
}

TEST_F(StreamCheckerTest, SeesBytesOfAnotherStream) {
    streams.make(7, 50);
    streams.received(7, "here", streams.make(8, 50));
    EXPECT_THAT(complaint.texts, ElementsAre(HasSubstr("stream 7")));
}

TEST_F(StreamCheckerTest, SeesBytesThatNobodyHasSent) {
    StreamChecker other(complaint);
    streams.make(7, 10);
    streams.received(7, "here", other.make(7, 11));
    EXPECT_THAT(complaint.texts, ElementsAre(HasSubstr("only 10 were sent")));
}

TEST_F(StreamCheckerTest, SeesHowManyBytesComeInAnyOrder) {
    streams.make(7, 10);
    streams.received_in_any_order(7, "here", 9);
    streams.finished(7, "here");
    EXPECT_THAT(complaint.texts, ElementsAre(HasSubstr("9 of 10 bytes")));
    streams.received_in_any_order(7, "here", 2);
    EXPECT_THAT(complaint.texts, Contains(HasSubstr("only 10 were sent")));
}

TEST_F(StreamCheckerTest, SeesAnEndThatComesTooEarly) {
    const std::string data = streams.make(7, 10);
    streams.received(7, "here", data.substr(0, 9));
    streams.finished(7, "here");
    EXPECT_THAT(complaint.texts, ElementsAre(HasSubstr("9 of 10 bytes")));
}

class AttemptCheckerTest : public Checker {
  protected:
    AttemptChecker attempts{complaint};
    const WSK_INSPECT_ID id = {1, 5};

    void inspect(WSK_INSPECT_ACTION action) {
        attempts.inspected(this, id);
        attempts.answered(this, id, action);
    }
    void decide(WSK_INSPECT_ACTION action, NTSTATUS status) {
        attempts.completing(this, id);
        attempts.completed(this, id, action, status);
    }
};

TEST_F(AttemptCheckerTest, IsContentWithEveryOrderOfOneOutcome) {
    inspect(WskInspectPend);
    decide(WskInspectAccept, STATUS_SUCCESS);
    attempts.delivered(this, id);
    attempts.check_settled(this);
    EXPECT_THAT(complaint.texts, IsEmpty());
}

TEST_F(AttemptCheckerTest, IsContentWithAVerdictBeforeTheAnswer) {
    attempts.inspected(this, id);
    decide(WskInspectReject, STATUS_SUCCESS);
    attempts.answered(this, id, WskInspectPend);
    attempts.check_end();
    EXPECT_THAT(complaint.texts, IsEmpty());
}

TEST_F(AttemptCheckerTest, SeesThatAClientWaitedForItsInspection) {
    using namespace std::chrono_literals;
    attempts.inspected(this, id, 99ms);
    EXPECT_THAT(complaint.texts, IsEmpty());
    attempts.inspected(this, {1, 6}, 102ms);
    EXPECT_THAT(complaint.texts, ElementsAre(HasSubstr("inspected only after 102 ms")));
}

TEST_F(AttemptCheckerTest, SeesASecondVerdict) {
    inspect(WskInspectPend);
    decide(WskInspectAccept, STATUS_SUCCESS);
    decide(WskInspectAccept, STATUS_SUCCESS);
    EXPECT_THAT(complaint.texts, ElementsAre(HasSubstr("two verdicts")));
}

TEST_F(AttemptCheckerTest, SeesAVerdictAfterTheAbort) {
    inspect(WskInspectPend);
    attempts.aborted(this, id);
    decide(WskInspectAccept, STATUS_SUCCESS);
    EXPECT_THAT(complaint.texts, ElementsAre(HasSubstr("after it had been aborted")));
}

TEST_F(AttemptCheckerTest, SeesAnAbortAfterADelivery) {
    inspect(WskInspectAccept);
    attempts.delivered(this, id);
    attempts.aborted(this, id);
    EXPECT_THAT(complaint.texts, ElementsAre(HasSubstr("after it had been delivered")));
}

TEST_F(AttemptCheckerTest, SeesADeliveryOfARejectedAttempt) {
    inspect(WskInspectReject);
    attempts.delivered(this, id);
    EXPECT_THAT(complaint.texts, ElementsAre(HasSubstr("after it had been rejected")));
}

TEST_F(AttemptCheckerTest, SeesAnAttemptWithoutAnOutcome) {
    inspect(WskInspectAccept);
    attempts.check_settled(this);
    EXPECT_THAT(complaint.texts, ElementsAre(HasSubstr("neither been delivered nor aborted")));
}

TEST_F(AttemptCheckerTest, LetsTheCloseOfTheListenerDropAttempts) {
    inspect(WskInspectPend);
    attempts.closed(this);
    attempts.check_end();
    EXPECT_THAT(complaint.texts, IsEmpty());
}

class CallbackCheckerTest : public Checker {
  protected:
    CallbackChecker callbacks{complaint};
    const CallbackChecker::Id socket = callbacks.opened("a socket");

    void run(ULONG event) {
        callbacks.begin(socket, "a callback", event);
        callbacks.end(socket);
    }
};

TEST_F(CallbackCheckerTest, IsContentWithOneAfterTheOther) {
    run(WSK_EVENT_RECEIVE);
    callbacks.disabled(socket, WSK_EVENT_RECEIVE);
    run(WSK_EVENT_DISCONNECT);
    callbacks.enabling(socket, WSK_EVENT_RECEIVE);
    run(WSK_EVENT_RECEIVE);
    callbacks.close_completed(socket);
    callbacks.check_end();
    EXPECT_THAT(complaint.texts, IsEmpty());
}

TEST_F(CallbackCheckerTest, SeesTwoAtOnce) {
    callbacks.begin(socket, "one", WSK_EVENT_RECEIVE);
    callbacks.begin(socket, "another", WSK_EVENT_DISCONNECT);
    EXPECT_THAT(complaint.texts, ElementsAre(HasSubstr("another was called while one ran")));
}

TEST_F(CallbackCheckerTest, LetsRolesRunAtOnceThatAreNotSerial) {
    const CallbackChecker::Id hostile = callbacks.opened("a hostile socket", false);
    callbacks.begin(hostile, "WskReceiveEvent", WSK_EVENT_RECEIVE);
    std::thread([&] { callbacks.begin(hostile, "WskSend", CallbackChecker::not_an_event); }).join();
    // The one of this thread, although the other has begun later.
    callbacks.end(hostile);
    callbacks.begin(hostile, "WskDisconnectEvent", WSK_EVENT_DISCONNECT);
    EXPECT_THAT(complaint.texts, IsEmpty());
    callbacks.begin(hostile, "WskDisconnect", CallbackChecker::not_an_event);
    EXPECT_THAT(complaint.texts,
                ElementsAre(HasSubstr("WskDisconnect was called while WskSend ran")));
}

TEST_F(CallbackCheckerTest, IsContentWithACompletionInsideItsOwnCall) {
    callbacks.begin(socket, "a callback", WSK_EVENT_RECEIVE);
    callbacks.begin(socket, "WskSend", CallbackChecker::not_an_event, true);
    callbacks.begin(socket, "WskReceive", CallbackChecker::not_an_event, true);
    callbacks.end(socket);
    callbacks.end(socket);
    callbacks.end(socket);
    callbacks.check_end();
    EXPECT_THAT(complaint.texts, IsEmpty());
}

TEST_F(CallbackCheckerTest, SeesACompletionInItsOwnCallWhileAnotherThreadRunsARoutine) {
    std::thread([&] { callbacks.begin(socket, "a callback", WSK_EVENT_RECEIVE); }).join();
    callbacks.begin(socket, "WskSend", CallbackChecker::not_an_event, true);
    EXPECT_THAT(complaint.texts, ElementsAre(HasSubstr("WskSend was called while a callback ran")));
}

TEST_F(CallbackCheckerTest, SeesThatADisableDoesNotWaitForAnOuterCallback) {
    callbacks.begin(socket, "a callback", WSK_EVENT_RECEIVE);
    callbacks.begin(socket, "WskSend", CallbackChecker::not_an_event, true);
    callbacks.disabled(socket, WSK_EVENT_RECEIVE);
    EXPECT_THAT(complaint.texts, ElementsAre(HasSubstr("completed while a callback ran")));
}

TEST_F(CallbackCheckerTest, SeesACallAfterTheClose) {
    callbacks.close_completed(socket);
    run(WSK_EVENT_RECEIVE);
    EXPECT_THAT(complaint.texts, ElementsAre(HasSubstr("after the close")));
}

TEST_F(CallbackCheckerTest, SeesACloseThatDoesNotWait) {
    callbacks.request_issued(socket);
    callbacks.begin(socket, "a callback", WSK_EVENT_RECEIVE);
    callbacks.close_completed(socket);
    EXPECT_THAT(complaint.texts,
                ElementsAre(HasSubstr("while a callback ran"), HasSubstr("before 1 request(s)")));
}

TEST_F(CallbackCheckerTest, SeesACallAfterTheDisable) {
    callbacks.disabled(socket, WSK_EVENT_RECEIVE);
    run(WSK_EVENT_RECEIVE);
    EXPECT_THAT(complaint.texts, ElementsAre(HasSubstr("after it had been disabled")));
}

TEST_F(CallbackCheckerTest, LetsOneMoreCallComeAfterADisableThatPends) {
    callbacks.disable_pending(socket, WSK_EVENT_RECEIVE);
    run(WSK_EVENT_RECEIVE);
    EXPECT_THAT(complaint.texts, IsEmpty());
    run(WSK_EVENT_RECEIVE);
    EXPECT_THAT(complaint.texts, ElementsAre(HasSubstr("after it had been disabled")));
}

TEST_F(CallbackCheckerTest, SeesADisableThatDoesNotWait) {
    callbacks.begin(socket, "a callback", WSK_EVENT_RECEIVE);
    callbacks.disabled(socket, WSK_EVENT_RECEIVE);
    EXPECT_THAT(complaint.texts, ElementsAre(HasSubstr("completed while a callback ran")));
}

class OrderCheckerTest : public Checker {
  protected:
    OrderChecker order{complaint};

    OrderChecker::Id call(const char* function = "WskSend", std::size_t socket = 1) {
        const OrderChecker::Id id = order.calling(socket, function);
        order.returned(id);
        return id;
    }
};

TEST_F(OrderCheckerTest, IsContentWithTheOrderOfTheCalls) {
    const auto first = call();
    const auto second = call();
    order.completed(first, STATUS_SUCCESS);
    order.completed(second, STATUS_SUCCESS);
    // Inside its own call, and inside the routine of that.
    const auto outer = order.calling(1, "WskSend");
    order.completed(outer, STATUS_SUCCESS);
    const auto inner = order.calling(1, "WskSend");
    order.completed(inner, STATUS_SUCCESS);
    order.returned(inner);
    order.returned(outer);
    EXPECT_THAT(complaint.texts, IsEmpty());
}

TEST_F(OrderCheckerTest, SeesThatALaterCallSucceedsFirst) {
    const auto first = call();
    const auto second = order.calling(1, "WskSend");
    order.completed(second, STATUS_SUCCESS);
    order.returned(second);
    EXPECT_THAT(complaint.texts, IsEmpty());
    order.completed(first, STATUS_SUCCESS);
    EXPECT_THAT(complaint.texts,
                ElementsAre(HasSubstr("WskSend succeeded after one that was called later")));
}

TEST_F(OrderCheckerTest, LetsWhatFailsComeAtAnyTime) {
    const auto first = call();
    const auto second = call();
    const auto third = call();
    order.completed(third, STATUS_CANCELLED);
    order.completed(second, STATUS_SUCCESS);
    order.completed(first, STATUS_CANCELLED);
    EXPECT_THAT(complaint.texts, IsEmpty());
}

TEST_F(OrderCheckerTest, TellsSocketsAndFunctionsApart) {
    const auto first = call("WskSend", 1);
    const auto other_socket = call("WskSend", 2);
    const auto other_function = call("WskReceive", 1);
    order.completed(other_function, STATUS_SUCCESS);
    order.completed(other_socket, STATUS_SUCCESS);
    order.completed(first, STATUS_SUCCESS);
    EXPECT_THAT(complaint.texts, IsEmpty());
}

TEST_F(OrderCheckerTest, DoesNotJudgeCallsThatOverlap) {
    const auto first = order.calling(1, "WskSend");
    const auto second = order.calling(1, "WskSend");
    order.completed(second, STATUS_SUCCESS);
    order.returned(second);
    order.completed(first, STATUS_SUCCESS);
    order.returned(first);
    EXPECT_THAT(complaint.texts, IsEmpty());
}

class LeakCheckerTest : public Checker {
  protected:
    LeakChecker leaks{complaint};
};

TEST_F(LeakCheckerTest, IsContentWithNothing) {
    leaks.connection_accepted({});
    leaks.connection_closed({});
    leaks.check_stopped(0);
    EXPECT_THAT(complaint.texts, IsEmpty());
}

TEST_F(LeakCheckerTest, NamesWhatIsLeft) {
    leaks.leak({"socket", "a listening socket"});
    leaks.check_stopped(1);
    EXPECT_THAT(complaint.texts, ElementsAre(HasSubstr("socket: a listening socket")));
}

TEST_F(LeakCheckerTest, SeesAConnectionThatWasNeverClosed) {
    leaks.connection_accepted({});
    leaks.check_stopped(0);
    EXPECT_THAT(complaint.texts, ElementsAre(HasSubstr("1 connections were accepted or made")));
}

}  // namespace
}  // namespace owsk::scenarios
