// SPDX-License-Identifier: MIT
// What the tests themselves rest on: when everything has come to rest, nothing is still to come.
#include "conformance/connection_fixture.h"

namespace owsk::conformance {
namespace {

class Settle : public ConnectionTest {};
// Not in mode `hostile`, which puts off what is due: it only comes to rest when that time is over.
INSTANTIATE_TEST_SUITE_P(InMode,
                         Settle,
                         ::testing::Values(CompletionMode::windows,
                                           CompletionMode::immediate,
                                           CompletionMode::deferred,
                                           CompletionMode::mixed),
                         mode_name);

TEST_P(Settle, WhatHasArrivedHasBeenShown) {
    TcpClient peer;
    connect(peer, WSK_EVENT_RECEIVE);
    for (std::size_t sent = 1; sent <= 50; ++sent) {
        ASSERT_TRUE(peer.send("x"));
        ASSERT_TRUE(peer.wait_until_arrived());
        transport().settle();
        ASSERT_EQ(log().data.size(), sent);
    }
}

TEST_P(Settle, WhatCanCompleteHasCompleted) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    const Buffer buffer(1);
    for (int i = 0; i < 50; ++i) {
        Call call;
        EXPECT_EQ(start_receive(call, socket, buffer), STATUS_PENDING);
        ASSERT_TRUE(peer.send("x"));
        ASSERT_TRUE(peer.wait_until_arrived());
        transport().settle();
        ASSERT_TRUE(call.completed());
    }
}

// A loop that the test holds up is not waited for, and settle() says itself if it waits too long.
TEST_P(Settle, ACallbackThatWaitsForTheTestIsAtRest) {
    Gate entered;
    Gate go_on;
    log().answer = [&](const ConnectionLog::Data&, SIZE_T*) {
        entered.open();
        EXPECT_TRUE(go_on.wait());
        return STATUS_SUCCESS;
    };
    TcpClient peer;
    connect(peer, WSK_EVENT_RECEIVE);
    ASSERT_TRUE(peer.send("x"));
    ASSERT_TRUE(entered.wait());
    EXPECT_THAT(log().data, StaysAt(0)) << "the callback has not returned";
    go_on.open();
    EXPECT_TRUE(log().data.wait_for(1));
}

}  // namespace
}  // namespace owsk::conformance
