// SPDX-License-Identifier: MIT
// SIO_OWSK_QUERY_GATE, a control code of our own: what openwsk/gate_query.h promises.
#include <openwsk/gate_query.h>

#include "conformance/connection_fixture.h"

namespace owsk::conformance {
namespace {

class QueryGate : public ConditionalTest {
  protected:
    NTSTATUS query(PWSK_SOCKET socket, SIZE_T size, PVOID output, SIZE_T* returned, PIRP irp) {
        return basic_functions(socket).WskControlSocket(
            socket, WskIoctl, SIO_OWSK_QUERY_GATE, 0, 0, nullptr, size, output, returned, irp);
    }
    NTSTATUS query(PWSK_SOCKET socket) {
        returned_ = 0;
        return query(socket, sizeof gate_, &gate_, &returned_, nullptr);
    }
    NTSTATUS start_query(Call& call, PWSK_SOCKET socket, SIZE_T size, SIZE_T* returned = nullptr) {
        return call.returns(query(socket, size, &gate_, returned, call.irp()));
    }
    static std::string expected_name() {
        if (tested_network == TestedNetwork::simulated) {
            return "sim";
        }
        return asks_before_handshake() ? "syn" : "accepted";
    }

    OWSK_GATE gate_ = {};
    SIZE_T returned_ = 0;
};
OWSK_IN_EVERY_MODE(QueryGate);

TEST_P(QueryGate, NamesTheGateAndTheReason) {
    EXPECT_EQ(query(make_conditional()), STATUS_SUCCESS);
    EXPECT_EQ(returned_, sizeof gate_);
    EXPECT_EQ(gate_.Name, expected_name());
    EXPECT_EQ(gate_.Reason, machine().gate_reason());
    EXPECT_THAT(std::string(gate_.Reason),
                testing::HasSubstr(asks_before_handshake() ? "before the handshake"
                                                           : "after the handshake"));
}

TEST_P(QueryGate, TellsTheCountersOfTheMachine) {
    PWSK_SOCKET listener = make_conditional();
    TcpClient client = ask(listener);
    ASSERT_TRUE(client.finish_connect());
    accept(listener);
    ASSERT_EQ(query(listener), STATUS_SUCCESS);
    const GateCounters counters = machine().gate_counters();
    EXPECT_EQ(gate_.LateInspected, counters.late_inspected);
    EXPECT_EQ(gate_.Retransmissions, counters.retransmissions);
    EXPECT_EQ(gate_.Dropped, 0u);
}

TEST_P(QueryGate, WithAnIrpTheSizeIsInItsInformation) {
    PWSK_SOCKET listener = make_conditional();
    Call call;
    start_query(call, listener, sizeof gate_);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), sizeof gate_);
    EXPECT_EQ(gate_.Name, expected_name());
    if (deferred_mode()) {
        EXPECT_EQ(call.returned(), STATUS_PENDING);
    }
}

TEST_P(QueryGate, WithAnIrpAndASizeBothAreFilled) {
    Call call;
    start_query(call, make_conditional(), sizeof gate_, &returned_);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), sizeof gate_);
    EXPECT_EQ(returned_, sizeof gate_);
}

TEST_P(QueryGate, ABufferThatIsTooSmallTellsTheSizeAndStaysUntouched) {
    PWSK_SOCKET listener = make_conditional();
    gate_.Name[0] = 'x';
    EXPECT_EQ(query(listener, sizeof gate_ - 1, &gate_, &returned_, nullptr),
              STATUS_BUFFER_OVERFLOW);
    EXPECT_EQ(returned_, sizeof gate_);
    Call call;
    start_query(call, listener, sizeof gate_ - 1);
    EXPECT_THAT(call, CompletesWith(STATUS_BUFFER_OVERFLOW));
    EXPECT_EQ(call.information(), sizeof gate_);
    EXPECT_EQ(gate_.Name[0], 'x');
}

TEST_P(QueryGate, NoBufferTellsTheSize) {
    EXPECT_EQ(query(make_conditional(), 0, nullptr, &returned_, nullptr), STATUS_BUFFER_OVERFLOW);
    EXPECT_EQ(returned_, sizeof gate_);
}

TEST_P(QueryGate, WithoutAnIrpTheSizeNeedsAPlace) {
    EXPECT_EQ(query(make_conditional(), sizeof gate_, &gate_, nullptr, nullptr),
              STATUS_INVALID_PARAMETER);
    EXPECT_EQ(gate_.Name[0], '\0');
}

TEST_P(QueryGate, IsAnInvalidRequestForAllOtherSockets) {
    EXPECT_EQ(query(make_listener()), STATUS_INVALID_DEVICE_REQUEST);
    EXPECT_EQ(query(make_socket(WSK_FLAG_LISTEN_SOCKET)), STATUS_INVALID_DEVICE_REQUEST);
    EXPECT_EQ(query(make_socket(WSK_FLAG_BASIC_SOCKET)), STATUS_INVALID_DEVICE_REQUEST);
    EXPECT_EQ(query(make_socket(WSK_FLAG_CONNECTION_SOCKET)), STATUS_INVALID_DEVICE_REQUEST);
    SocketOptions udp;
    udp.type = SOCK_DGRAM;
    udp.protocol = IPPROTO_UDP;
    EXPECT_EQ(query(make_socket(WSK_FLAG_DATAGRAM_SOCKET, udp)), STATUS_INVALID_DEVICE_REQUEST);
    TcpClient client;
    EXPECT_EQ(query(make_connection(client)), STATUS_INVALID_DEVICE_REQUEST);
    EXPECT_EQ(returned_, 0u);
}

TEST_P(QueryGate, IsAnInvalidRequestBeforeTheBind) {
    SocketOptions options;
    options.context = &inspector();
    options.dispatch = &Inspector::dispatch;
    PWSK_SOCKET listener = make_socket(WSK_FLAG_LISTEN_SOCKET, options);
    ASSERT_EQ(set_option(listener, SOL_SOCKET, SO_CONDITIONAL_ACCEPT, 1), STATUS_SUCCESS);
    EXPECT_EQ(query(listener), STATUS_INVALID_DEVICE_REQUEST);
    ASSERT_EQ(bind(listener, {"127.0.0.1", 0}), STATUS_SUCCESS);
    EXPECT_EQ(query(listener), STATUS_SUCCESS);
}

}  // namespace
}  // namespace owsk::conformance
