// SPDX-License-Identifier: MIT
// What a driver can do wrong with registrations, sockets and callbacks: each is a bug check that
// names the rule, in release builds as in others.
#include "conformance/connection_fixture.h"

namespace owsk::conformance {
namespace {

class BrokenRules : public ConnectionTest {
  protected:
    void SetUp() override {
        ConnectionTest::SetUp();
        GTEST_FLAG_SET(death_test_style, "threadsafe");
    }
};
// In a call, and from a processor.
INSTANTIATE_TEST_SUITE_P(InMode,
                         BrokenRules,
                         testing::Values(CompletionMode::windows, CompletionMode::deferred),
                         mode_name);

TEST_P(BrokenRules, ARegistrationThatNobodyHasFilledIsNamed) {
    WSK_REGISTRATION block = {};
    WSK_PROVIDER_NPI npi;
    const char* const rule = "rule: registration-not-recognized\n.*";
    EXPECT_DEATH(WskDeregister(&block), std::string(rule) + "WskDeregister");
    EXPECT_DEATH(WskCaptureProviderNPI(&block, WSK_NO_WAIT, &npi),
                 std::string(rule) + "WskCaptureProviderNPI");
}

TEST_P(BrokenRules, AnNpiThatIsReleasedOnceTooOftenIsNamed) {
    EXPECT_DEATH(
        {
            Registration other;
            other.release();
            WskReleaseProviderNPI(&other.block());
        },
        "rule: npi-released-too-often");
}

TEST_P(BrokenRules, AFunctionOfAnotherCategoryIsNamed) {
    TcpClient peer;
    PWSK_SOCKET connection = connect(peer);
    PWSK_SOCKET listener = make_listener();
    Call call;
    const WSK_PROVIDER_LISTEN_DISPATCH& of_listener = listen_functions(listener);
    const WSK_PROVIDER_CONNECTION_DISPATCH& of_connection = connection_functions(connection);
    EXPECT_DEATH(
        of_listener.WskAccept(connection, 0, nullptr, nullptr, nullptr, nullptr, call.irp()),
        "rule: function-of-another-category-called\n.*listening socket's table");
    EXPECT_DEATH(of_connection.WskDisconnect(listener, nullptr, 0, call.irp()),
                 "rule: function-of-another-category-called\n.*connection-oriented socket's table");
}

TEST_P(BrokenRules, AnIrpOfAPendingRequestIsNotTakenAgain) {
    PWSK_SOCKET listener = make_listener();
    Call call;
    const WSK_PROVIDER_LISTEN_DISPATCH& functions = listen_functions(listener);
    const PIRP irp = call.irp();
    const auto accept = [&] {
        return functions.WskAccept(listener, 0, nullptr, nullptr, nullptr, nullptr, irp);
    };
    EXPECT_EQ(call.returns(accept()), STATUS_PENDING);
    EXPECT_DEATH(accept(), "rule: irp-used-while-pending\n.*made at ");
    call.cancel();
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
}

TEST_P(BrokenRules, AcceptingMoreThanWasIndicatedIsNamed) {
    EXPECT_DEATH(
        {
            log().answer = [](const ConnectionLog::Data&, SIZE_T* accepted) {
                ++*accepted;
                return STATUS_SUCCESS;
            };
            TcpClient peer;
            connect(peer, WSK_EVENT_RECEIVE);
            peer.send("abc");
            log().data.wait_for(2);
        },
        "rule: receive-event-accepted-too-much");
}

TEST_P(BrokenRules, ACallbackThatReturnsAtAnotherIrqlIsNamed) {
    EXPECT_DEATH(
        {
            log().on_disconnected = [] {
                KIRQL irql;
                KeRaiseIrql(HIGH_LEVEL, &irql);
            };
            TcpClient peer;
            connect(peer, WSK_EVENT_DISCONNECT);
            peer.shutdown_send();
            log().disconnects.wait_for(2);
        },
        "rule: irql-changed-by-callback");
}

}  // namespace
}  // namespace owsk::conformance
