// SPDX-License-Identifier: MIT
// A listening socket whose transport has broken: STATUS_FILE_FORCED_CLOSED and NULL events.
#include <atomic>

#include "provider_fixture.h"

namespace owsk::wsk {
namespace {

// What the callbacks of the listener under test have heard. The events are signalled after the
// counters are written.
struct Heard {
    Heard() {
        KeInitializeEvent(&null_accept, NotificationEvent, FALSE);
        KeInitializeEvent(&null_inspect, NotificationEvent, FALSE);
        KeInitializeEvent(&inspected, NotificationEvent, FALSE);
    }
    KEVENT null_accept;
    KEVENT null_inspect;
    KEVENT inspected;
    std::atomic<int> null_accepts = 0;
    std::atomic<int> null_inspects = 0;
    std::atomic<int> aborts = 0;
    WSK_INSPECT_ID id = {};
};

bool happens(KEVENT& event) {
    LARGE_INTEGER timeout;
    timeout.QuadPart = -20LL * 10'000'000;
    return KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &timeout) == STATUS_SUCCESS;
}

const WSK_CLIENT_LISTEN_DISPATCH listen_callbacks = {
    .WskAcceptEvent = [](PVOID context,
                         ULONG,
                         PSOCKADDR,
                         PSOCKADDR,
                         PWSK_SOCKET socket,
                         PVOID*,
                         const WSK_CLIENT_CONNECTION_DISPATCH**) NTAPI -> NTSTATUS {
        Heard& heard = *static_cast<Heard*>(context);
        EXPECT_EQ(socket, nullptr);
        ++heard.null_accepts;
        KeSetEvent(&heard.null_accept, IO_NO_INCREMENT, FALSE);
        return STATUS_REQUEST_NOT_ACCEPTED;
    },
    .WskInspectEvent = [](PVOID context, PSOCKADDR, PSOCKADDR, PWSK_INSPECT_ID id)
                           NTAPI -> WSK_INSPECT_ACTION {
        Heard& heard = *static_cast<Heard*>(context);
        if (id == nullptr) {
            ++heard.null_inspects;
            KeSetEvent(&heard.null_inspect, IO_NO_INCREMENT, FALSE);
            return WskInspectReject;
        }
        heard.id = *id;
        KeSetEvent(&heard.inspected, IO_NO_INCREMENT, FALSE);
        return WskInspectPend;
    },
    .WskAbortEvent = [](PVOID context, PWSK_INSPECT_ID) NTAPI -> NTSTATUS {
        ++static_cast<Heard*>(context)->aborts;
        return STATUS_SUCCESS;
    },
};

class DeadListener : public ProviderTest {
  protected:
    DeadListener() {
        WSK_CLIENT_NPI client = {nullptr, &client_dispatch_};
        EXPECT_EQ(WskRegister(&client, &registration_), STATUS_SUCCESS);
        provider().start();
        EXPECT_EQ(WskCaptureProviderNPI(&registration_, WSK_NO_WAIT, &npi_), STATUS_SUCCESS);
        TestIrp irp;
        npi_.Dispatch->WskSocket(npi_.Client,
                                 AF_INET,
                                 SOCK_STREAM,
                                 IPPROTO_TCP,
                                 WSK_FLAG_LISTEN_SOCKET,
                                 &heard_,
                                 &listen_callbacks,
                                 nullptr,
                                 nullptr,
                                 nullptr,
                                 irp.get());
        EXPECT_EQ(irp.wait(), STATUS_SUCCESS);
        socket_ = reinterpret_cast<PWSK_SOCKET>(irp.information());
    }
    ~DeadListener() override {
        close();
        WskReleaseProviderNPI(&registration_);
        WskDeregister(&registration_);
    }

    const WSK_PROVIDER_LISTEN_DISPATCH& functions() const {
        return *static_cast<const WSK_PROVIDER_LISTEN_DISPATCH*>(socket_->Dispatch);
    }
    PWSK_SOCKET socket() const { return socket_; }
    Heard& heard() { return heard_; }

    void make_conditional() {
        ULONG on = 1;
        TestIrp irp;
        functions().Basic.WskControlSocket(socket_,
                                           WskSetOption,
                                           SO_CONDITIONAL_ACCEPT,
                                           SOL_SOCKET,
                                           sizeof on,
                                           &on,
                                           0,
                                           nullptr,
                                           nullptr,
                                           irp.get());
        ASSERT_EQ(irp.wait(), STATUS_SUCCESS);
    }
    void bind() {
        SOCKADDR_IN address = {};
        address.sin_family = AF_INET;
        address.sin_port = RtlUshortByteSwap(7);
        TestIrp irp;
        functions().WskBind(socket_, reinterpret_cast<PSOCKADDR>(&address), 0, irp.get());
        ASSERT_EQ(irp.wait(), STATUS_SUCCESS);
    }
    NTSTATUS control_accept_event(ULONG mask, PIRP irp) {
        WSK_EVENT_CALLBACK_CONTROL control = {const_cast<PNPIID>(&NPI_WSK_INTERFACE_ID), mask};
        return functions().Basic.WskControlSocket(socket_,
                                                  WskSetOption,
                                                  SO_WSK_EVENT_CALLBACK,
                                                  SOL_SOCKET,
                                                  sizeof control,
                                                  &control,
                                                  0,
                                                  nullptr,
                                                  nullptr,
                                                  irp);
    }
    NTSTATUS accept(TestIrp& irp) {
        return functions().WskAccept(socket_, 0, nullptr, nullptr, nullptr, nullptr, irp.get());
    }
    // Breaks the listener, and returns when the provider knows: a pending accept has been failed.
    void break_listener() {
        TestIrp irp;
        ASSERT_EQ(accept(irp), STATUS_PENDING);
        network().newest_listener().fail();
        ASSERT_EQ(irp.wait(), STATUS_FILE_FORCED_CLOSED);
    }
    // Once only; when it returns no callback is running or will come.
    void close() {
        if (socket_ != nullptr) {
            TestIrp irp;
            functions().Basic.WskCloseSocket(socket_, irp.get());
            EXPECT_EQ(irp.wait(), STATUS_SUCCESS);
            socket_ = nullptr;
        }
    }

  private:
    const WSK_CLIENT_DISPATCH client_dispatch_ = {MAKE_WSK_VERSION(1, 0), 0, nullptr};
    WSK_REGISTRATION registration_ = {};
    WSK_PROVIDER_NPI npi_ = {};
    Heard heard_;
    PWSK_SOCKET socket_ = nullptr;
};

TEST_F(DeadListener, A18_PendingAcceptCompletesAndTheNextReturnsWithForcedClosed) {
    bind();
    TestIrp pending;
    ASSERT_EQ(accept(pending), STATUS_PENDING);
    ASSERT_FALSE(pending.is_done());
    network().newest_listener().fail();
    EXPECT_EQ(pending.wait(), STATUS_FILE_FORCED_CLOSED);
    EXPECT_EQ(pending.information(), 0U);
    TestIrp next;
    EXPECT_EQ(next.wait_after(accept(next)), STATUS_FILE_FORCED_CLOSED);
}

TEST_F(DeadListener, A18_EveryPendingAcceptIsCompleted) {
    bind();
    TestIrp first;
    TestIrp second;
    TestIrp third;
    ASSERT_EQ(accept(first), STATUS_PENDING);
    ASSERT_EQ(accept(second), STATUS_PENDING);
    ASSERT_EQ(accept(third), STATUS_PENDING);
    network().newest_listener().fail();
    EXPECT_EQ(first.wait(), STATUS_FILE_FORCED_CLOSED);
    EXPECT_EQ(second.wait(), STATUS_FILE_FORCED_CLOSED);
    EXPECT_EQ(third.wait(), STATUS_FILE_FORCED_CLOSED);
}

TEST_F(DeadListener, AE13_AcceptEventIsCalledOnceWithoutASocket) {
    bind();
    ASSERT_EQ(control_accept_event(WSK_EVENT_ACCEPT, nullptr), STATUS_SUCCESS);
    network().newest_listener().fail();
    EXPECT_TRUE(happens(heard().null_accept));
    close();
    EXPECT_EQ(heard().null_accepts, 1);
    EXPECT_EQ(heard().null_inspects, 0);
}

TEST_F(DeadListener, AE13_AcceptEventThatIsDisabledIsNotCalled) {
    bind();
    break_listener();
    close();
    EXPECT_EQ(heard().null_accepts, 0);
}

TEST_F(DeadListener, CA28_InspectEventIsCalledOnceWithoutAnIdentifier) {
    make_conditional();
    bind();
    network().newest_listener().fail();
    EXPECT_TRUE(happens(heard().null_inspect));
    close();
    EXPECT_EQ(heard().null_inspects, 1);
    EXPECT_EQ(heard().null_accepts, 0);
}

TEST_F(DeadListener, CA28_BothEventsAreCalledIfBothAreOn) {
    make_conditional();
    bind();
    ASSERT_EQ(control_accept_event(WSK_EVENT_ACCEPT, nullptr), STATUS_SUCCESS);
    network().newest_listener().fail();
    EXPECT_TRUE(happens(heard().null_inspect));
    EXPECT_TRUE(happens(heard().null_accept));
    close();
    EXPECT_EQ(heard().null_inspects, 1);
    EXPECT_EQ(heard().null_accepts, 1);
}

TEST_F(DeadListener, CA30_InspectCompleteReturnsForcedClosed) {
    make_conditional();
    bind();
    Address remote;
    remote.port = 1234;
    const auto attempt =
        std::make_shared<FakeAttempt>(network().newest_listener().local_address(), remote);
    network().newest_listener().request(attempt);
    ASSERT_TRUE(happens(heard().inspected));
    break_listener();
    TestIrp irp;
    EXPECT_EQ(irp.wait_after(functions().WskInspectComplete(
                  socket(), &heard().id, WskInspectAccept, irp.get())),
              STATUS_FILE_FORCED_CLOSED);
    EXPECT_EQ(attempt->accepted(), 0);
}

TEST_F(DeadListener, CO19_SettingAnOptionReturnsForcedClosed) {
    bind();
    break_listener();
    ULONG on = 1;
    TestIrp irp;
    EXPECT_EQ(irp.wait_after(functions().Basic.WskControlSocket(socket(),
                                                                WskSetOption,
                                                                SO_KEEPALIVE,
                                                                SOL_SOCKET,
                                                                sizeof on,
                                                                &on,
                                                                0,
                                                                nullptr,
                                                                nullptr,
                                                                irp.get())),
              STATUS_FILE_FORCED_CLOSED);
}

TEST_F(DeadListener, CO19_GettingAnOptionReturnsForcedClosed) {
    bind();
    break_listener();
    ULONG value = 0;
    TestIrp irp;
    EXPECT_EQ(irp.wait_after(functions().Basic.WskControlSocket(socket(),
                                                                WskGetOption,
                                                                SO_KEEPALIVE,
                                                                SOL_SOCKET,
                                                                0,
                                                                nullptr,
                                                                sizeof value,
                                                                &value,
                                                                nullptr,
                                                                irp.get())),
              STATUS_FILE_FORCED_CLOSED);
    EXPECT_EQ(irp.information(), 0U);
}

TEST_F(DeadListener, CO19_ControllingEventsReturnsForcedClosed) {
    bind();
    break_listener();
    EXPECT_EQ(control_accept_event(WSK_EVENT_ACCEPT, nullptr), STATUS_FILE_FORCED_CLOSED);
    TestIrp irp;
    EXPECT_EQ(irp.wait_after(control_accept_event(WSK_EVENT_ACCEPT | WSK_EVENT_DISABLE, irp.get())),
              STATUS_FILE_FORCED_CLOSED);
    close();
    EXPECT_EQ(heard().null_accepts, 0);
}

}  // namespace
}  // namespace owsk::wsk
