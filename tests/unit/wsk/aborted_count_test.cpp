// SPDX-License-Identifier: MIT
// Every attempt that ends without a connection or a rejection is counted once, whoever ends it.
#include "listener_fixture.h"

namespace owsk::wsk {
namespace {

class AbortedCount : public ListenerTest {
  protected:
    AbortedCount() {
        make_conditional();
        bind();
    }
};

TEST_F(AbortedCount, AnAttemptThatIsLostIsCountedWhenTheDriverHearsOfIt) {
    ask();
    ASSERT_TRUE(happens(heard().inspected));
    network().newest_listener().lose();
    ASSERT_TRUE(happens(heard().aborted));
    EXPECT_EQ(aborted(), 1);
    close();
    EXPECT_EQ(aborted(), 1);
}

TEST_F(AbortedCount, AnAttemptThatIsHeldWhenTheListenerClosesIsCountedAndNotReported) {
    ask();
    ASSERT_TRUE(happens(heard().inspected));
    close();
    EXPECT_EQ(aborted(), 1);
    EXPECT_EQ(heard().aborts, 0);
}

TEST_F(AbortedCount,
       AnAttemptThatWasLostBeforeAndNotYetReportedWhenTheListenerClosesIsCountedOnce) {
    ask();
    ASSERT_TRUE(happens(heard().inspected));
    network().newest_listener().lose();
    close();
    EXPECT_EQ(aborted(), 1);
}

TEST_F(AbortedCount, AnAttemptThatIsRejectedAfterItHadGoneCountsAsRejected) {
    heard().verdict = WskInspectReject;
    ask_and_leave();
    ASSERT_TRUE(happens(heard().inspected));
    close();
    EXPECT_EQ(aborted(), 0);
    EXPECT_EQ(heard().aborts, 0);
}

TEST_F(AbortedCount, AnAttemptThatIsPendedAfterItHadGoneIsCountedOnce) {
    ask_and_leave();
    ASSERT_TRUE(happens(heard().aborted));
    close();
    EXPECT_EQ(aborted(), 1);
    EXPECT_EQ(heard().aborts, 1);
}

}  // namespace
}  // namespace owsk::wsk
