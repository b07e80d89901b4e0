// SPDX-License-Identifier: MIT
// What a machine says of the attempts that its conditional listeners hold.
#include <openwsk/machine.h>

#include "conformance/connection_fixture.h"

namespace owsk::conformance {
namespace {

class HeldAttempts : public ConditionalTest {
  protected:
    static void expect_pended(const HeldAttempt& held, const TcpClient& client) {
        EXPECT_STREQ(held.state, "pended");
        EXPECT_EQ(held.client.port, client.local().port);
        EXPECT_GE(held.age.count(), 0);
        EXPECT_LT(held.age, std::chrono::minutes(1));
    }
};
OWSK_IN_EVERY_MODE(HeldAttempts);

TEST_P(HeldAttempts, AnAttemptIsHeldFromItsQuestionUntilItsSocket) {
    pend_all();
    PWSK_SOCKET listener = make_conditional();
    EXPECT_TRUE(machine().held_attempts().empty());
    TcpClient first = ask(listener, 0);
    TcpClient second = ask(listener, 1);
    // Both questions are over: a verdict that comes during one waits for its end.
    transport().settle();
    const std::vector<HeldAttempt> held = machine().held_attempts();
    ASSERT_EQ(held.size(), 2u);
    // The oldest comes first.
    expect_pended(held[0], first);
    expect_pended(held[1], second);
    EXPECT_EQ(held[0].listener.port, local_address(listener).port);

    EXPECT_EQ(verdict(listener, inspector().attempts.at(1).id, WskInspectReject), STATUS_SUCCESS);
    EXPECT_EQ(verdict(listener, inspector().attempts.at(0).id, WskInspectAccept), STATUS_SUCCESS);
    ASSERT_TRUE(first.finish_connect());
    const std::vector<HeldAttempt> accepted = machine().held_attempts();
    ASSERT_EQ(accepted.size(), 1u) << "until somebody takes it";
    EXPECT_EQ(accepted[0].client.port, first.local().port);
    accept(listener);
    EXPECT_TRUE(machine().held_attempts().empty());
}

}  // namespace
}  // namespace owsk::conformance
