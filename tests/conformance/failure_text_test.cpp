// SPDX-License-Identifier: MIT
// What a failed conformance test says: statuses and modes by name, and which call does not end.
#include "conformance/connection_fixture.h"
#include "conformance/status_names.h"

namespace owsk::conformance {
namespace {

TEST(FailureText, NamesTheStatusesThatItShows) {
    const std::string text = testing::PrintToString(STATUS_INVALID_PARAMETER) + " and " +
                             testing::PrintToString(STATUS_PENDING) + ", again " +
                             testing::PrintToString(STATUS_PENDING);
    EXPECT_EQ(statuses_in(text),
              "-1073741811 is STATUS_INVALID_PARAMETER\n259 is STATUS_PENDING\n");
    EXPECT_EQ(statuses_in("0, 17, 4096 bytes, port 59012, 127.0.0.259, x259, 0.259 s"), "");
}

TEST(FailureText, NamesTheCompletionMode) {
    EXPECT_EQ(testing::PrintToString(CompletionMode::windows), "windows");
    EXPECT_EQ(testing::PrintToString(CompletionMode::immediate), "immediate");
}

class CallText : public ConnectionTest {};
OWSK_IN_EVERY_MODE(CallText);

TEST_P(CallText, SaysWhichCallOnWhichSocketIsUnderWay) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    Buffer buffer(SIZE_T{4});
    Call call;
    EXPECT_EQ(call.describe(), "a call that has not been made");
    start_receive(call, socket, buffer);
    const Endpoint remote = peer.local();
    EXPECT_EQ(call.describe(),
              "WskReceive on the connection of " + remote.ip + ':' + std::to_string(remote.port) +
                  " to " + local_address(socket).ip + ':' +
                  std::to_string(local_address(socket).port) + " (it returned STATUS_PENDING)");
    EXPECT_TRUE(call.cancel());
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
    EXPECT_EQ(
        call.describe(),
        "a call that returned STATUS_PENDING and completed with STATUS_CANCELLED, Information "
        "0");
}

}  // namespace
}  // namespace owsk::conformance
