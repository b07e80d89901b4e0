// SPDX-License-Identifier: MIT
// Stream sockets whose network fails them, and how they are called in reports.
#include <gmock/gmock.h>

#include "listener_fixture.h"

namespace owsk::wsk {
namespace {

const WSK_CLIENT_STREAM_DISPATCH stream_callbacks = {&listen_callbacks, nullptr};

class StreamTest : public ProviderTest {
  protected:
    StreamTest() {
        WSK_CLIENT_NPI client = {nullptr, &client_dispatch_};
        EXPECT_EQ(WskRegister(&client, &registration_), STATUS_SUCCESS);
        provider().start();
        EXPECT_EQ(WskCaptureProviderNPI(&registration_, WSK_NO_WAIT, &npi_), STATUS_SUCCESS);
        socket_ = make(&stream_callbacks);
    }
    ~StreamTest() override {
        close(socket_);
        WskReleaseProviderNPI(&registration_);
        WskDeregister(&registration_);
    }

    PWSK_SOCKET make(const WSK_CLIENT_STREAM_DISPATCH* table) {
        TestIrp irp;
        npi_.Dispatch->WskSocket(npi_.Client,
                                 AF_INET,
                                 SOCK_STREAM,
                                 IPPROTO_TCP,
                                 WSK_FLAG_STREAM_SOCKET,
                                 &heard_,
                                 table,
                                 nullptr,
                                 nullptr,
                                 nullptr,
                                 irp.get());
        EXPECT_EQ(irp.wait(), STATUS_SUCCESS);
        return reinterpret_cast<PWSK_SOCKET>(irp.information());
    }
    void bind() {
        SOCKADDR_IN address = {};
        address.sin_family = AF_INET;
        address.sin_port = RtlUshortByteSwap(7);
        TestIrp irp;
        functions().WskBind(socket_, reinterpret_cast<PSOCKADDR>(&address), 0, irp.get());
        ASSERT_EQ(irp.wait(), STATUS_SUCCESS);
    }
    NTSTATUS listen() { return listen(socket_); }
    NTSTATUS listen(PWSK_SOCKET socket) {
        TestIrp irp;
        functions().WskListen(socket, irp.get());
        return irp.wait();
    }
    NTSTATUS accept(TestIrp& irp) {
        return functions().WskAccept(socket_, 0, nullptr, nullptr, nullptr, nullptr, irp.get());
    }
    NTSTATUS local_address() {
        SOCKADDR_STORAGE address = {};
        TestIrp irp;
        functions().WskGetLocalAddress(socket_, reinterpret_cast<PSOCKADDR>(&address), irp.get());
        return irp.wait();
    }
    NTSTATUS enable_accept_event() {
        WSK_EVENT_CALLBACK_CONTROL control = {const_cast<PNPIID>(&NPI_WSK_INTERFACE_ID),
                                              WSK_EVENT_ACCEPT};
        return functions().Basic.WskControlSocket(socket_,
                                                  WskSetOption,
                                                  SO_WSK_EVENT_CALLBACK,
                                                  SOL_SOCKET,
                                                  sizeof control,
                                                  &control,
                                                  0,
                                                  nullptr,
                                                  nullptr,
                                                  nullptr);
    }
    void close(PWSK_SOCKET socket) {
        TestIrp irp;
        functions().Basic.WskCloseSocket(socket, irp.get());
        EXPECT_EQ(irp.wait(), STATUS_SUCCESS);
    }
    const WSK_PROVIDER_STREAM_DISPATCH& functions() const {
        return *static_cast<const WSK_PROVIDER_STREAM_DISPATCH*>(socket_->Dispatch);
    }
    PWSK_SOCKET socket() const { return socket_; }
    Heard& heard() { return heard_; }

  private:
    const WSK_CLIENT_DISPATCH client_dispatch_ = {MAKE_WSK_VERSION(1, 0), 0, nullptr};
    WSK_REGISTRATION registration_ = {};
    WSK_PROVIDER_NPI npi_ = {};
    Heard heard_;
    PWSK_SOCKET socket_ = nullptr;
};

TEST_F(StreamTest, A18_WhenTheListenerDiesPendingAcceptsAndLaterCallsFail) {
    bind();
    ASSERT_EQ(listen(), STATUS_SUCCESS);
    ASSERT_EQ(enable_accept_event(), STATUS_SUCCESS);
    TestIrp pending;
    ASSERT_EQ(accept(pending), STATUS_PENDING);
    network().newest_listener().fail();
    EXPECT_EQ(pending.wait(), STATUS_FILE_FORCED_CLOSED);
    EXPECT_TRUE(happens(heard().null_accept));
    EXPECT_EQ(heard().null_accepts, 1);
    TestIrp next;
    EXPECT_EQ(next.wait_after(accept(next)), STATUS_FILE_FORCED_CLOSED);
    EXPECT_EQ(listen(), STATUS_FILE_FORCED_CLOSED);
    EXPECT_EQ(local_address(), STATUS_FILE_FORCED_CLOSED);
}

TEST_F(StreamTest, AListenerThatDoesNotStartIsAWskListenThatFails) {
    bind();
    network().fail_next_start(STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_EQ(listen(), STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_EQ(binds().failed(), 1);
    TestIrp irp;
    EXPECT_EQ(irp.wait_after(accept(irp)), STATUS_INVALID_DEVICE_STATE);
    // It is of no use but to be closed.
    EXPECT_EQ(listen(), STATUS_INVALID_DEVICE_STATE);
}

TEST_F(StreamTest, ReportsSayWhatHasBecomeOfIt) {
    EXPECT_THAT(provider().open_things(), testing::HasSubstr("stream socket, neither"));
    bind();
    EXPECT_EQ(listen(), STATUS_SUCCESS);
    EXPECT_THAT(provider().open_things(), testing::HasSubstr("listening socket on 0.0.0.0:7"));
    EXPECT_EQ(binds().bound(), 1);
}

TEST_F(StreamTest, ATableOfCallbacksMustStayAsItIs) {
    WSK_CLIENT_STREAM_DISPATCH table = stream_callbacks;
    PWSK_SOCKET other = make(&table);
    SOCKADDR_IN address = {};
    address.sin_family = AF_INET;
    address.sin_port = RtlUshortByteSwap(8);
    TestIrp irp;
    functions().WskBind(other, reinterpret_cast<PSOCKADDR>(&address), 0, irp.get());
    ASSERT_EQ(irp.wait(), STATUS_SUCCESS);
    table.Listen = nullptr;
    EXPECT_DEATH(listen(other), "table of callbacks .* has changed");
    table = stream_callbacks;
    close(other);
}

}  // namespace
}  // namespace owsk::wsk
