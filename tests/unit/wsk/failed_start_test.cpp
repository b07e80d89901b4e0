// SPDX-License-Identifier: MIT
// A transport that can be made and then does not start: of a listener, and of a connection.
#include "listener_fixture.h"

namespace owsk::wsk {
namespace {

struct HeardOfConnection {
    HeardOfConnection() {
        KeInitializeEvent(&disconnected, NotificationEvent, FALSE);
        KeInitializeEvent(&without_indication, NotificationEvent, FALSE);
    }
    KEVENT disconnected;
    KEVENT without_indication;
    std::atomic<ULONG> disconnect_flags = 0;
    std::atomic<int> events = 0;
};

const WSK_CLIENT_CONNECTION_DISPATCH connection_callbacks = {
    .WskReceiveEvent = [](PVOID context, ULONG, PWSK_DATA_INDICATION data, SIZE_T length, SIZE_T*)
                           NTAPI -> NTSTATUS {
        HeardOfConnection& heard = *static_cast<HeardOfConnection*>(context);
        EXPECT_EQ(data, nullptr);
        EXPECT_EQ(length, 0U);
        ++heard.events;
        KeSetEvent(&heard.without_indication, IO_NO_INCREMENT, FALSE);
        return STATUS_SUCCESS;
    },
    .WskDisconnectEvent = [](PVOID context, ULONG flags) NTAPI -> NTSTATUS {
        HeardOfConnection& heard = *static_cast<HeardOfConnection*>(context);
        heard.disconnect_flags = flags;
        ++heard.events;
        KeSetEvent(&heard.disconnected, IO_NO_INCREMENT, FALSE);
        return STATUS_SUCCESS;
    },
    .WskSendBacklogEvent = nullptr,
};

class FailedStart : public ListenerTest {};

// An accepted socket whose connection could not be started.
class DeadOnArrival : public ListenerTest {
  protected:
    DeadOnArrival() {
        bind();
        TestIrp irp;
        functions().WskAccept(
            socket(), 0, &connection_heard_, &connection_callbacks, nullptr, nullptr, irp.get());
        network().newest_listener().bring(
            std::make_unique<UnstartableConnection>(fate_, STATUS_INSUFFICIENT_RESOURCES));
        EXPECT_EQ(irp.wait(), STATUS_SUCCESS);
        connection_ = reinterpret_cast<PWSK_SOCKET>(irp.information());
    }
    ~DeadOnArrival() override {
        EXPECT_FALSE(fate_->is_gone);
        TestIrp irp;
        connection_functions().Basic.WskCloseSocket(connection_, irp.get());
        EXPECT_EQ(irp.wait(), STATUS_SUCCESS);
        EXPECT_TRUE(fate_->is_gone);
        EXPECT_LE(connection_heard_.events, 1);
    }

    const WSK_PROVIDER_CONNECTION_DISPATCH& connection_functions() const {
        return *static_cast<const WSK_PROVIDER_CONNECTION_DISPATCH*>(connection_->Dispatch);
    }
    PWSK_SOCKET connection() const { return connection_; }
    HeardOfConnection& connection_heard() { return connection_heard_; }
    void enable(ULONG events) {
        WSK_EVENT_CALLBACK_CONTROL control = {const_cast<PNPIID>(&NPI_WSK_INTERFACE_ID), events};
        EXPECT_EQ(connection_functions().Basic.WskControlSocket(connection_,
                                                                WskSetOption,
                                                                SO_WSK_EVENT_CALLBACK,
                                                                SOL_SOCKET,
                                                                sizeof control,
                                                                &control,
                                                                0,
                                                                nullptr,
                                                                nullptr,
                                                                nullptr),
                  STATUS_SUCCESS);
    }

  private:
    const std::shared_ptr<ConnectionFate> fate_ = std::make_shared<ConnectionFate>();
    HeardOfConnection connection_heard_;
    PWSK_SOCKET connection_ = nullptr;
};

TEST_F(FailedStart, BindFailsAndLeavesTheSocketUnbound) {
    network().fail_next_start(STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_EQ(try_to_bind(), STATUS_INSUFFICIENT_RESOURCES);
    TestIrp irp;
    EXPECT_EQ(irp.wait_after(accept(irp)), STATUS_INVALID_DEVICE_STATE);
    SOCKADDR_STORAGE address = {};
    TestIrp query;
    EXPECT_EQ(query.wait_after(functions().WskGetLocalAddress(
                  socket(), reinterpret_cast<PSOCKADDR>(&address), query.get())),
              STATUS_INVALID_DEVICE_STATE);
    EXPECT_EQ(control_accept_event(WSK_EVENT_ACCEPT, nullptr), STATUS_INVALID_DEVICE_STATE);
}

TEST_F(FailedStart, ListenerThatDoesNotStartIsNotAnnounced) {
    network().fail_next_start(STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_NE(try_to_bind(), STATUS_SUCCESS);
    EXPECT_EQ(binds().bound(), 0);
    EXPECT_EQ(binds().failed(), 1);
}

TEST_F(FailedStart, TheSameAddressCanBeBoundAgain) {
    for (int i = 0; i < 2; ++i) {
        network().fail_next_start(STATUS_INSUFFICIENT_RESOURCES);
        EXPECT_EQ(try_to_bind(), STATUS_INSUFFICIENT_RESOURCES);
    }
    EXPECT_EQ(try_to_bind(), STATUS_SUCCESS);
    EXPECT_EQ(binds().bound(), 1);
    TestIrp irp;
    EXPECT_EQ(accept(irp), STATUS_PENDING);
    close();
    EXPECT_EQ(irp.wait(), STATUS_CANCELLED);
}

TEST_F(FailedStart, OptionsThatComeBeforeABindCanBeSetAgain) {
    network().fail_next_start(STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_NE(try_to_bind(), STATUS_SUCCESS);
    make_conditional();
    bind();
    ask();
    EXPECT_TRUE(happens(heard().inspected));
}

TEST_F(FailedStart, SocketWhoseListenerDidNotStartCloses) {
    network().fail_next_start(STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_NE(try_to_bind(), STATUS_SUCCESS);
    close();
}

TEST_F(DeadOnArrival, DisconnectEventTells) {
    enable(WSK_EVENT_RECEIVE | WSK_EVENT_DISCONNECT);
    ASSERT_TRUE(happens(connection_heard().disconnected));
    EXPECT_NE(connection_heard().disconnect_flags & WSK_FLAG_ABORTIVE, 0U);
}

TEST_F(DeadOnArrival, RE12_ReceiveEventWithoutAnIndicationTellsIfTheOtherIsOff) {
    enable(WSK_EVENT_RECEIVE);
    EXPECT_TRUE(happens(connection_heard().without_indication));
}

TEST_F(DeadOnArrival, RequestsFailWithTheReason) {
    char byte = 0;
    const PMDL mdl = IoAllocateMdl(&byte, 1, FALSE, FALSE, nullptr);
    MmBuildMdlForNonPagedPool(mdl);
    WSK_BUF buffer = {mdl, 0, 1};
    TestIrp receiving;
    EXPECT_EQ(receiving.wait_after(
                  connection_functions().WskReceive(connection(), &buffer, 0, receiving.get())),
              STATUS_INSUFFICIENT_RESOURCES);
    TestIrp sending;
    EXPECT_EQ(
        sending.wait_after(connection_functions().WskSend(connection(), &buffer, 0, sending.get())),
        STATUS_INSUFFICIENT_RESOURCES);
    IoFreeMdl(mdl);
}

}  // namespace
}  // namespace owsk::wsk
