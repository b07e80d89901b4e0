// SPDX-License-Identifier: MIT
// SIO_WSK_SET_TCP_SILENT_MODE. Where the peer is on another computer, only in the simulation.
#include "conformance/connection_fixture.h"

namespace owsk::conformance {
namespace {

class SilentMode : public WskTest {
  protected:
    static NTSTATUS set_silent(PWSK_SOCKET socket, ULONG_PTR* information = nullptr) {
        Call call;
        call.returns(basic_functions(socket).WskControlSocket(socket,
                                                              WskIoctl,
                                                              SIO_WSK_SET_TCP_SILENT_MODE,
                                                              0,
                                                              0,
                                                              nullptr,
                                                              0,
                                                              nullptr,
                                                              nullptr,
                                                              call.irp()));
        const NTSTATUS status = call.wait();
        if (information != nullptr) {
            *information = call.information();
        }
        return status;
    }
};
OWSK_IN_EVERY_MODE(SilentMode);

TEST_P(SilentMode, CO15_ItIsForConnectionsToOtherComputers) {
    TcpClient peer;
    EXPECT_EQ(set_silent(make_connection(peer)), STATUS_NOT_SUPPORTED);
    EXPECT_EQ(set_silent(make_socket(WSK_FLAG_CONNECTION_SOCKET)), STATUS_INVALID_DEVICE_STATE);
    EXPECT_EQ(set_silent(make_socket(WSK_FLAG_STREAM_SOCKET)), STATUS_INVALID_DEVICE_STATE);
    EXPECT_EQ(set_silent(make_listener()), STATUS_INVALID_DEVICE_REQUEST);
    EXPECT_EQ(set_silent(make_socket(WSK_FLAG_BASIC_SOCKET)), STATUS_INVALID_DEVICE_REQUEST);
}

TEST_P(SilentMode, CO15_ItNeedsAnIrpAndNoBuffers) {
    TcpClient peer;
    PWSK_SOCKET socket = make_connection(peer);
    const auto issue = [&](SIZE_T size, PVOID input, PIRP irp) {
        return basic_functions(socket).WskControlSocket(socket,
                                                        WskIoctl,
                                                        SIO_WSK_SET_TCP_SILENT_MODE,
                                                        0,
                                                        size,
                                                        input,
                                                        0,
                                                        nullptr,
                                                        nullptr,
                                                        irp);
    };
    EXPECT_EQ(issue(0, nullptr, nullptr), STATUS_INVALID_PARAMETER);
    ULONG value = 1;
    Call call;
    call.returns(issue(sizeof value, &value, call.irp()));
    EXPECT_THAT(call, CompletesWith(STATUS_INVALID_PARAMETER));
}

TEST_P(SilentMode, CO15_ASilentConnectionSendsNothingAndDropsWhatComes) {
    Simulation* const simulation = transport().simulation();
    if (simulation == nullptr) {
        GTEST_SKIP() << "this computer has no other one to connect to";
    }
    Computer& laptop = simulation->add_computer("laptop", {"198.51.100.2"});
    PWSK_SOCKET listener = make_listener({.at = {"198.51.100.1", 0}});
    Client client = laptop.connect("198.51.100.1", local_address(listener).port);
    ConnectionLog& log = keep<ConnectionLog>();
    PWSK_SOCKET socket = accept(listener, {.context = &log, .dispatch = &ConnectionLog::dispatch});
    ASSERT_EQ(control_events(socket, WSK_EVENT_DISCONNECT), STATUS_SUCCESS);
    ASSERT_EQ(send(socket, "hello"), STATUS_SUCCESS);
    ASSERT_TRUE(transport().wait_until([&] { return client.received() == "hello"; }));
    // Until it is acknowledged, it is under way.
    transport().settle();
    Call receive;
    Buffer room(10);
    start_receive(receive, socket, room);
    ULONG_PTR information = 7;
    ASSERT_EQ(set_silent(socket, &information), STATUS_SUCCESS);
    EXPECT_EQ(information, 0u);
    EXPECT_THAT(receive, CompletesWith(STATUS_INVALID_DEVICE_STATE));
    EXPECT_EQ(send(socket, "more"), STATUS_INVALID_DEVICE_STATE);
    EXPECT_EQ(disconnect(socket), STATUS_INVALID_DEVICE_STATE);
    EXPECT_EQ(disconnect(socket, WSK_FLAG_ABORTIVE), STATUS_INVALID_DEVICE_STATE);
    EXPECT_EQ(set_silent(socket), STATUS_INVALID_DEVICE_STATE);
    EXPECT_EQ(set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1), STATUS_SUCCESS);
    // What the peer sends is not acknowledged, and no close is told to it.
    client.send("anybody there?");
    transport().settle();
    EXPECT_EQ(client.unacknowledged(), 14u);
    EXPECT_THAT(log.disconnects, StaysAt(0u));
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    EXPECT_EQ(client.state(), ClientState::connected);
    EXPECT_FALSE(client.peer_finished());
}

TEST_P(SilentMode, CO15_WhatIsUnderWayComesFirst) {
    Simulation* const simulation = transport().simulation();
    if (simulation == nullptr) {
        GTEST_SKIP() << "this computer has no other one to connect to";
    }
    Computer& laptop = simulation->add_computer("laptop", {"198.51.100.2"});
    PWSK_SOCKET listener = make_listener({.at = {"198.51.100.1", 0}});
    Client client = laptop.connect("198.51.100.1", local_address(listener).port);
    PWSK_SOCKET socket = accept(listener);
    client.stop_reading();
    // More than the window of the peer.
    Call sending;
    Buffer bytes(std::string(400'000, 'x'));
    start_send(sending, socket, bytes);
    transport().settle();
    EXPECT_EQ(set_silent(socket), STATUS_INVALID_DEVICE_STATE);
    client.go_on_reading();
    EXPECT_THAT(sending, CompletesWith(STATUS_SUCCESS));
    EXPECT_TRUE(
        transport().wait_until([&] { return client.received().size() == std::size_t{400'000}; }));
}

}  // namespace
}  // namespace owsk::conformance
