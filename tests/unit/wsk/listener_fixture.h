// SPDX-License-Identifier: MIT
// ListenerTest: a listening socket on a fake network, whose driver pends every attempt unless told
// otherwise.
#pragma once

#include <atomic>
#include <memory>

#include "provider_fixture.h"

namespace owsk::wsk {

// What the callbacks of the listener under test have heard. The events are signalled after the
// counters are written.
struct Heard {
    Heard() {
        KeInitializeEvent(&null_accept, NotificationEvent, FALSE);
        KeInitializeEvent(&null_inspect, NotificationEvent, FALSE);
        KeInitializeEvent(&inspected, NotificationEvent, FALSE);
        KeInitializeEvent(&aborted, NotificationEvent, FALSE);
    }
    KEVENT null_accept;
    KEVENT null_inspect;
    KEVENT inspected;
    KEVENT aborted;
    std::atomic<int> null_accepts = 0;
    std::atomic<int> null_inspects = 0;
    std::atomic<int> aborts = 0;
    std::atomic<WSK_INSPECT_ACTION> verdict = WskInspectPend;
    WSK_INSPECT_ID id = {};
};

inline bool happens(KEVENT& event) {
    LARGE_INTEGER timeout;
    timeout.QuadPart = -20LL * 10'000'000;
    return KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &timeout) == STATUS_SUCCESS;
}

inline const WSK_CLIENT_LISTEN_DISPATCH listen_callbacks = {
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
        return heard.verdict;
    },
    .WskAbortEvent = [](PVOID context, PWSK_INSPECT_ID) NTAPI -> NTSTATUS {
        Heard& heard = *static_cast<Heard*>(context);
        ++heard.aborts;
        KeSetEvent(&heard.aborted, IO_NO_INCREMENT, FALSE);
        return STATUS_SUCCESS;
    },
};

class ListenerTest : public ProviderTest {
  protected:
    ListenerTest() {
        WSK_CLIENT_NPI client = {nullptr, &client_dispatch_};
        EXPECT_EQ(WskRegister(&client, &registration_), STATUS_SUCCESS);
        provider().start();
        EXPECT_EQ(WskCaptureProviderNPI(&registration_, WSK_NO_WAIT, &npi_), STATUS_SUCCESS);
        socket_ = new_socket(reinterpret_cast<ULONG_PTR>(&listen_callbacks), &heard_);
    }
    ~ListenerTest() override {
        close();
        WskReleaseProviderNPI(&registration_);
        WskDeregister(&registration_);
    }

    const WSK_PROVIDER_LISTEN_DISPATCH& functions() const {
        return *static_cast<const WSK_PROVIDER_LISTEN_DISPATCH*>(socket_->Dispatch);
    }
    PWSK_SOCKET socket() const { return socket_; }
    Heard& heard() { return heard_; }

    const WSK_PROVIDER_NPI& npi() const { return npi_; }
    // Another listening socket, with the table of callbacks at that address.
    PWSK_SOCKET new_socket(ULONG_PTR table, Heard* context = nullptr) {
        TestIrp irp;
        npi_.Dispatch->WskSocket(npi_.Client,
                                 AF_INET,
                                 SOCK_STREAM,
                                 IPPROTO_TCP,
                                 WSK_FLAG_LISTEN_SOCKET,
                                 context,
                                 reinterpret_cast<const VOID*>(table),
                                 nullptr,
                                 nullptr,
                                 nullptr,
                                 irp.get());
        EXPECT_EQ(irp.wait(), STATUS_SUCCESS);
        return reinterpret_cast<PWSK_SOCKET>(irp.information());
    }
    void make_conditional() { make_conditional(socket_); }
    void make_conditional(PWSK_SOCKET socket) {
        ULONG on = 1;
        TestIrp irp;
        functions().Basic.WskControlSocket(socket,
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
    NTSTATUS try_to_bind(PWSK_SOCKET socket) {
        SOCKADDR_IN address = {};
        address.sin_family = AF_INET;
        address.sin_port = RtlUshortByteSwap(7);
        TestIrp irp;
        functions().WskBind(socket, reinterpret_cast<PSOCKADDR>(&address), 0, irp.get());
        return irp.wait();
    }
    NTSTATUS try_to_bind() { return try_to_bind(socket_); }
    void bind(PWSK_SOCKET socket) { ASSERT_EQ(try_to_bind(socket), STATUS_SUCCESS); }
    void bind() { bind(socket_); }
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
    // A client asks for a connection.
    std::shared_ptr<FakeAttempt> ask() {
        const auto attempt = new_attempt();
        network().newest_listener().bring(attempt);
        return attempt;
    }
    // A client asks, and has gone before anybody is told.
    void ask_and_leave() {
        const auto attempt = new_attempt();
        attempt->leave();
        network().newest_listener().bring(attempt);
        network().newest_listener().lose();
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
    std::shared_ptr<FakeAttempt> new_attempt() {
        Address remote;
        remote.port = 1234;
        return std::make_shared<FakeAttempt>(network().newest_listener().local_address(), remote);
    }

    const WSK_CLIENT_DISPATCH client_dispatch_ = {MAKE_WSK_VERSION(1, 0), 0, nullptr};
    WSK_REGISTRATION registration_ = {};
    WSK_PROVIDER_NPI npi_ = {};
    Heard heard_;
    PWSK_SOCKET socket_ = nullptr;
};

}  // namespace owsk::wsk
