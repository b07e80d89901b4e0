// SPDX-License-Identifier: MIT
// A listening socket whose transport has broken: STATUS_FILE_FORCED_CLOSED and NULL events.
#include "listener_fixture.h"

namespace owsk::wsk {
namespace {

using DeadListener = ListenerTest;

TEST_F(DeadListener, A18_PendingAcceptCompletesAndTheNextReturnsWithForcedClosed) {
    bind();
    TestIrp pending;
    ASSERT_EQ(accept(pending), STATUS_PENDING);
    ASSERT_FALSE(pending.is_done());
    network().newest_listener().fail();
    EXPECT_EQ(pending.wait(), STATUS_FILE_FORCED_CLOSED);
    EXPECT_EQ(pending.information(), 0U);
    TestIrp next;
    EXPECT_EQ(next.wait_after(accept(next)), STATUS_FILE_FORCED_CLOSED);
}

TEST_F(DeadListener, A18_EveryPendingAcceptIsCompleted) {
    bind();
    TestIrp first;
    TestIrp second;
    TestIrp third;
    ASSERT_EQ(accept(first), STATUS_PENDING);
    ASSERT_EQ(accept(second), STATUS_PENDING);
    ASSERT_EQ(accept(third), STATUS_PENDING);
    network().newest_listener().fail();
    EXPECT_EQ(first.wait(), STATUS_FILE_FORCED_CLOSED);
    EXPECT_EQ(second.wait(), STATUS_FILE_FORCED_CLOSED);
    EXPECT_EQ(third.wait(), STATUS_FILE_FORCED_CLOSED);
}

TEST_F(DeadListener, AE13_AcceptEventIsCalledOnceWithoutASocket) {
    bind();
    ASSERT_EQ(control_accept_event(WSK_EVENT_ACCEPT, nullptr), STATUS_SUCCESS);
    network().newest_listener().fail();
    EXPECT_TRUE(happens(heard().null_accept));
    close();
    EXPECT_EQ(heard().null_accepts, 1);
    EXPECT_EQ(heard().null_inspects, 0);
}

TEST_F(DeadListener, AE13_AcceptEventThatIsDisabledIsNotCalled) {
    bind();
    break_listener();
    close();
    EXPECT_EQ(heard().null_accepts, 0);
}

TEST_F(DeadListener, CA28_InspectEventIsCalledOnceWithoutAnIdentifier) {
    make_conditional();
    bind();
    network().newest_listener().fail();
    EXPECT_TRUE(happens(heard().null_inspect));
    close();
    EXPECT_EQ(heard().null_inspects, 1);
    EXPECT_EQ(heard().null_accepts, 0);
}

TEST_F(DeadListener, CA28_BothEventsAreCalledIfBothAreOn) {
    make_conditional();
    bind();
    ASSERT_EQ(control_accept_event(WSK_EVENT_ACCEPT, nullptr), STATUS_SUCCESS);
    network().newest_listener().fail();
    EXPECT_TRUE(happens(heard().null_inspect));
    EXPECT_TRUE(happens(heard().null_accept));
    close();
    EXPECT_EQ(heard().null_inspects, 1);
    EXPECT_EQ(heard().null_accepts, 1);
}

TEST_F(DeadListener, CA30_InspectCompleteReturnsForcedClosed) {
    make_conditional();
    bind();
    const std::shared_ptr<FakeAttempt> attempt = ask();
    ASSERT_TRUE(happens(heard().inspected));
    break_listener();
    TestIrp irp;
    EXPECT_EQ(irp.wait_after(functions().WskInspectComplete(
                  socket(), &heard().id, WskInspectAccept, irp.get())),
              STATUS_FILE_FORCED_CLOSED);
    EXPECT_EQ(attempt->accepted(), 0);
}

TEST_F(DeadListener, CO19_SettingAnOptionReturnsForcedClosed) {
    bind();
    break_listener();
    ULONG on = 1;
    TestIrp irp;
    EXPECT_EQ(irp.wait_after(functions().Basic.WskControlSocket(socket(),
                                                                WskSetOption,
                                                                SO_KEEPALIVE,
                                                                SOL_SOCKET,
                                                                sizeof on,
                                                                &on,
                                                                0,
                                                                nullptr,
                                                                nullptr,
                                                                irp.get())),
              STATUS_FILE_FORCED_CLOSED);
}

TEST_F(DeadListener, CO19_GettingAnOptionReturnsForcedClosed) {
    bind();
    break_listener();
    ULONG value = 0;
    TestIrp irp;
    EXPECT_EQ(irp.wait_after(functions().Basic.WskControlSocket(socket(),
                                                                WskGetOption,
                                                                SO_KEEPALIVE,
                                                                SOL_SOCKET,
                                                                0,
                                                                nullptr,
                                                                sizeof value,
                                                                &value,
                                                                nullptr,
                                                                irp.get())),
              STATUS_FILE_FORCED_CLOSED);
    EXPECT_EQ(irp.information(), 0U);
}

TEST_F(DeadListener, CO19_ControllingEventsReturnsForcedClosed) {
    bind();
    break_listener();
    EXPECT_EQ(control_accept_event(WSK_EVENT_ACCEPT, nullptr), STATUS_FILE_FORCED_CLOSED);
    TestIrp irp;
    EXPECT_EQ(irp.wait_after(control_accept_event(WSK_EVENT_ACCEPT | WSK_EVENT_DISABLE, irp.get())),
              STATUS_FILE_FORCED_CLOSED);
    close();
    EXPECT_EQ(heard().null_accepts, 0);
}

}  // namespace
}  // namespace owsk::wsk
