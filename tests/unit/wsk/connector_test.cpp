// SPDX-License-Identifier: MIT
// What sockets that connect make of a network whose news come at the wrong moment.
#include <wsk.h>

#include <memory>
#include <utility>

#include "provider_fixture.h"

namespace owsk::wsk {
namespace {

SOCKADDR_IN there(USHORT port) {
    SOCKADDR_IN address = {};
    address.sin_family = AF_INET;
    address.sin_port = RtlUshortByteSwap(port);
    address.sin_addr.S_un.S_addr = RtlUlongByteSwap(0x7F000001);
    return address;
}

class ConnectorTest : public ProviderTest {
  protected:
    ConnectorTest() {
        WSK_CLIENT_NPI client = {nullptr, &client_dispatch_};
        EXPECT_EQ(WskRegister(&client, &registration_), STATUS_SUCCESS);
        provider().start();
        EXPECT_EQ(WskCaptureProviderNPI(&registration_, WSK_NO_WAIT, &npi_), STATUS_SUCCESS);
    }
    ~ConnectorTest() override {
        WskReleaseProviderNPI(&registration_);
        WskDeregister(&registration_);
    }

    PWSK_SOCKET make_bound() {
        TestIrp made;
        npi_.Dispatch->WskSocket(npi_.Client,
                                 AF_INET,
                                 SOCK_STREAM,
                                 IPPROTO_TCP,
                                 WSK_FLAG_CONNECTION_SOCKET,
                                 nullptr,
                                 nullptr,
                                 nullptr,
                                 nullptr,
                                 nullptr,
                                 made.get());
        EXPECT_EQ(made.wait(), STATUS_SUCCESS);
        const auto socket = reinterpret_cast<PWSK_SOCKET>(made.information());
        SOCKADDR_IN local = there(5000);
        TestIrp bound;
        functions(socket).WskBind(socket, reinterpret_cast<PSOCKADDR>(&local), 0, bound.get());
        EXPECT_EQ(bound.wait(), STATUS_SUCCESS);
        return socket;
    }
    static const WSK_PROVIDER_CONNECTION_DISPATCH& functions(PWSK_SOCKET socket) {
        return *static_cast<const WSK_PROVIDER_CONNECTION_DISPATCH*>(socket->Dispatch);
    }
    static NTSTATUS connect(PWSK_SOCKET socket, TestIrp& irp) {
        SOCKADDR_IN remote = there(80);
        return functions(socket).WskConnect(
            socket, reinterpret_cast<PSOCKADDR>(&remote), 0, irp.get());
    }
    static NTSTATUS ask_for_remote_address(PWSK_SOCKET socket) {
        SOCKADDR_STORAGE address = {};
        TestIrp irp;
        functions(socket).WskGetRemoteAddress(
            socket, reinterpret_cast<PSOCKADDR>(&address), irp.get());
        return irp.wait();
    }
    static void close(PWSK_SOCKET socket) {
        TestIrp irp;
        functions(socket).Basic.WskCloseSocket(socket, irp.get());
        EXPECT_EQ(irp.wait(), STATUS_SUCCESS);
    }
    NTSTATUS start_socket_connect(TestIrp& irp) {
        SOCKADDR_IN local = there(5000);
        SOCKADDR_IN remote = there(80);
        return npi_.Dispatch->WskSocketConnect(npi_.Client,
                                               SOCK_STREAM,
                                               IPPROTO_TCP,
                                               reinterpret_cast<PSOCKADDR>(&local),
                                               reinterpret_cast<PSOCKADDR>(&remote),
                                               0,
                                               nullptr,
                                               nullptr,
                                               nullptr,
                                               nullptr,
                                               nullptr,
                                               irp.get());
    }
    void announce_unstartable() {
        network().newest_connector().announce([&](net::ConnectorEvents& events) {
            events.on_connected(
                std::make_unique<UnstartableConnection>(fate_, STATUS_INSUFFICIENT_RESOURCES));
        });
        EXPECT_TRUE(fate_->is_gone);
    }

  private:
    const WSK_CLIENT_DISPATCH client_dispatch_ = {MAKE_WSK_VERSION(1, 0), 0, nullptr};
    WSK_REGISTRATION registration_ = {};
    WSK_PROVIDER_NPI npi_ = {};
    const std::shared_ptr<ConnectionFate> fate_ = std::make_shared<ConnectionFate>();
};

TEST_F(ConnectorTest, TheFailureOfAnAbandonedAttemptIsNotThatOfTheNextOne) {
    PWSK_SOCKET socket = make_bound();
    TestIrp first;
    ASSERT_EQ(connect(socket, first), STATUS_PENDING);
    IoCancelIrp(first.get());
    ASSERT_EQ(first.wait(), STATUS_CANCELLED);
    TestIrp second;
    ASSERT_EQ(connect(socket, second), STATUS_PENDING);
    FakeConnector& connector = network().newest_connector();
    const std::vector<unsigned> attempts = connector.attempts();
    ASSERT_EQ(attempts.size(), 2U);
    connector.announce([&](net::ConnectorEvents& events) {
        events.on_not_connected(attempts[0], STATUS_CONNECTION_REFUSED);
    });
    EXPECT_FALSE(second.is_done());
    connector.announce([&](net::ConnectorEvents& events) {
        events.on_not_connected(attempts[1], STATUS_IO_TIMEOUT);
    });
    EXPECT_EQ(second.wait(), STATUS_IO_TIMEOUT);
    close(socket);
}

TEST_F(ConnectorTest, ALateCancelRoutineLeavesTheNextAttemptAlone) {
    PWSK_SOCKET socket = make_bound();
    TestIrp first;
    ASSERT_EQ(connect(socket, first), STATUS_PENDING);
    // IoCancelIrp, which is held up before its routine has the socket's lock.
    first.get()->Cancel = TRUE;
    const PDRIVER_CANCEL routine = IoSetCancelRoutine(first.get(), nullptr);
    ASSERT_NE(routine, nullptr);
    FakeConnector& connector = network().newest_connector();
    connector.announce([&](net::ConnectorEvents& events) {
        events.on_not_connected(connector.attempts()[0], STATUS_CONNECTION_REFUSED);
    });
    TestIrp second;
    ASSERT_EQ(connect(socket, second), STATUS_PENDING);
    IoAcquireCancelSpinLock(&first.get()->CancelIrql);
    routine(nullptr, first.get());
    EXPECT_EQ(first.wait(), STATUS_CANCELLED);
    connector.announce([&](net::ConnectorEvents& events) {
        events.on_not_connected(connector.attempts()[1], STATUS_IO_TIMEOUT);
    });
    EXPECT_EQ(second.wait(), STATUS_IO_TIMEOUT);
    close(socket);
}

TEST_F(ConnectorTest, AConnectionThatDoesNotStartIsAConnectThatFails) {
    PWSK_SOCKET socket = make_bound();
    TestIrp irp;
    ASSERT_EQ(connect(socket, irp), STATUS_PENDING);
    announce_unstartable();
    EXPECT_EQ(irp.wait(), STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_EQ(ask_for_remote_address(socket), STATUS_INVALID_DEVICE_STATE);
    TestIrp again;
    EXPECT_EQ(again.wait_after(connect(socket, again)), STATUS_INVALID_DEVICE_STATE);
    close(socket);
}

TEST_F(ConnectorTest, WskSocketConnectWhoseConnectionDoesNotStartLeavesNoSocket) {
    TestIrp irp;
    ASSERT_EQ(start_socket_connect(irp), STATUS_PENDING);
    announce_unstartable();
    EXPECT_EQ(irp.wait(), STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_EQ(irp.information(), 0U);
    // The end of the test waits for every socket that is left.
}

}  // namespace
}  // namespace owsk::wsk
