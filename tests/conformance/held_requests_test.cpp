// SPDX-License-Identifier: MIT
// What a machine says of the requests that its conditional listeners hold.
#include <openwsk/machine.h>

#include "conformance/connection_fixture.h"

namespace owsk::conformance {
namespace {

class HeldRequests : public ConditionalTest {
  protected:
    static void expect_pended(const HeldRequest& held, const TcpClient& client) {
        // The question may not be over yet.
        EXPECT_THAT(held.state,
                    testing::AnyOf(testing::StrEq("pended"), testing::StrEq("in WskInspectEvent")));
        EXPECT_EQ(held.client.port, client.local().port);
        EXPECT_GE(held.age.count(), 0);
        EXPECT_LT(held.age, std::chrono::minutes(1));
    }
};
OWSK_IN_EVERY_MODE(HeldRequests);

TEST_P(HeldRequests, ARequestIsHeldFromItsQuestionUntilItsSocket) {
    pend_all();
    PWSK_SOCKET listener = make_conditional();
    EXPECT_TRUE(machine().held_requests().empty());
    TcpClient first = request(listener, 0);
    TcpClient second = request(listener, 1);
    const std::vector<HeldRequest> held = machine().held_requests();
    ASSERT_EQ(held.size(), 2u);
    // The oldest comes first.
    expect_pended(held[0], first);
    expect_pended(held[1], second);
    EXPECT_EQ(held[0].listener.port, local_address(listener).port);

    EXPECT_EQ(verdict(listener, inspector().requests.at(1).id, WskInspectReject), STATUS_SUCCESS);
    EXPECT_EQ(verdict(listener, inspector().requests.at(0).id, WskInspectAccept), STATUS_SUCCESS);
    ASSERT_TRUE(first.finish_connect());
    const std::vector<HeldRequest> accepted = machine().held_requests();
    ASSERT_EQ(accepted.size(), 1u) << "until somebody takes it";
    EXPECT_EQ(accepted[0].client.port, first.local().port);
    accept(listener);
    EXPECT_TRUE(machine().held_requests().empty());
}

}  // namespace
}  // namespace owsk::conformance
