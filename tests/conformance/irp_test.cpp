// SPDX-License-Identifier: MIT
// IRP rules P1-P18: what every function does with the IRP it is given.
#include <cstring>

#include "conformance/wsk_fixture.h"

namespace owsk::conformance {
namespace {

class WskIrp : public WskTest {
  protected:
    // P1 to P4 for one call, which has been made.
    static void expect_consistent(const Call& call) {
        const NTSTATUS status = call.wait();
        EXPECT_EQ(call.completions(), 1u);
        if (call.returned() == STATUS_SUCCESS) {
            EXPECT_EQ(status, STATUS_SUCCESS);
        } else if (call.returned() != STATUS_PENDING) {
            EXPECT_EQ(status, call.returned());
        }
        EXPECT_EQ(call.pending_returned(), call.returned() == STATUS_PENDING);
        EXPECT_LE(call.irql(), DISPATCH_LEVEL);
    }
    // What the mode promises about the return value of a successful call.
    void expect_returned(const Call& call) {
        if (immediate_mode()) {
            EXPECT_EQ(call.returned(), STATUS_SUCCESS);
        } else if (windows_mode() || deferred_mode()) {
            EXPECT_EQ(call.returned(), STATUS_PENDING);
        }
    }
};
OWSK_IN_EVERY_MODE(WskIrp);

TEST_P(WskIrp, P1_P2_P3_P4_P12_P17_EveryCallKeepsTheRules) {
    Call call;
    start_socket(call, WSK_FLAG_LISTEN_SOCKET);
    expect_consistent(call);
    expect_returned(call);
    PWSK_SOCKET listener = socket_of(call, WSK_FLAG_LISTEN_SOCKET);

    SOCKADDR_STORAGE address = {};
    start_local_address(call, listener, address);  // fails: not bound
    expect_consistent(call);
    start_bind(call, listener, {"192.0.2.1", 0});  // fails: not ours
    expect_consistent(call);
    start_bind(call, listener, {"127.0.0.1", 0});
    expect_consistent(call);
    expect_returned(call);
    start_bind(call, listener, {"127.0.0.1", 0});  // fails: bound
    expect_consistent(call);
    start_local_address(call, listener, address);
    expect_consistent(call);
    EXPECT_EQ(call.status(), STATUS_SUCCESS);

    Call pended;
    start_accept(pended, listener);
    EXPECT_THAT(pended, Pends());
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    expect_consistent(pended);
    PWSK_SOCKET socket = socket_of(pended);

    const Buffer buffer(16);
    start_receive(pended, socket, buffer);
    EXPECT_THAT(pended, Pends());
    ASSERT_TRUE(peer.send("hello"));
    expect_consistent(pended);
    EXPECT_EQ(pended.information(), 5u);
    start_send(call, socket, buffer);
    expect_consistent(call);
    EXPECT_EQ(call.information(), 16u);
    start_disconnect(call, socket, 0);
    expect_consistent(call);
    start_send(call, socket, buffer);  // fails: disconnected
    expect_consistent(call);
    EXPECT_FALSE(NT_SUCCESS(call.status()));
    start_close(call, socket);
    expect_consistent(call);
    EXPECT_EQ(call.status(), STATUS_SUCCESS);
    start_socket(call, 0x40);  // fails: no category
    expect_consistent(call);
    EXPECT_FALSE(NT_SUCCESS(call.status()));
}

TEST_P(WskIrp, P4_InDeferredModeTheCallNeverCompletesOnItsOwnThread) {
    Call call;
    start_socket(call, WSK_FLAG_LISTEN_SOCKET);
    PWSK_SOCKET listener = socket_of(call, WSK_FLAG_LISTEN_SOCKET);
    const bool create_elsewhere = call.thread() != std::this_thread::get_id();
    start_bind(call, listener, {"127.0.0.1", 0});
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    const bool bind_elsewhere = call.thread() != std::this_thread::get_id();
    if (deferred_mode()) {
        EXPECT_TRUE(create_elsewhere);
        EXPECT_TRUE(bind_elsewhere);
    } else if (immediate_mode()) {
        EXPECT_FALSE(create_elsewhere);
        EXPECT_FALSE(bind_elsewhere);
    }
}

// An IRP whose completion routine frees it.
struct FreedIrp {
    FreedIrp() { KeInitializeEvent(&done, NotificationEvent, FALSE); }

    static NTAPI NTSTATUS routine(PDEVICE_OBJECT, PIRP irp, PVOID context) {
        FreedIrp& self = *static_cast<FreedIrp*>(context);
        self.status = irp->IoStatus.Status;
        self.information = irp->IoStatus.Information;
        IoFreeIrp(irp);
        KeSetEvent(&self.done, IO_NO_INCREMENT, FALSE);
        return STATUS_MORE_PROCESSING_REQUIRED;
    }
    PIRP make() {
        PIRP irp = IoAllocateIrp(1, FALSE);
        IoSetCompletionRoutine(irp, routine, this, TRUE, TRUE, TRUE);
        return irp;
    }
    NTSTATUS wait() {
        KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, nullptr);
        KeClearEvent(&done);
        return status;
    }

    KEVENT done;
    NTSTATUS status = STATUS_PENDING;
    ULONG_PTR information = 0;
};

TEST_P(WskIrp, P6_TheCompletionRoutineMayFreeTheIrp) {
    FreedIrp freed;
    for (int i = 0; i < 20; ++i) {
        provider().WskSocket(client(),
                             AF_INET,
                             SOCK_STREAM,
                             IPPROTO_TCP,
                             WSK_FLAG_LISTEN_SOCKET,
                             nullptr,
                             nullptr,
                             nullptr,
                             nullptr,
                             nullptr,
                             freed.make());
        ASSERT_EQ(freed.wait(), STATUS_SUCCESS);
        auto* listener = reinterpret_cast<PWSK_SOCKET>(freed.information);
        SOCKADDR_STORAGE address = sockaddr_of({"127.0.0.1", 0});
        listen_functions(listener).WskBind(listener, generic(address), 0, freed.make());
        EXPECT_EQ(freed.wait(), STATUS_SUCCESS);
        FreedIrp accepting;
        listen_functions(listener).WskAccept(
            listener, 0, nullptr, nullptr, nullptr, nullptr, accepting.make());
        basic_functions(listener).WskCloseSocket(listener, freed.make());
        EXPECT_EQ(freed.wait(), STATUS_SUCCESS);
        EXPECT_EQ(accepting.wait(), STATUS_CANCELLED);
    }
}

TEST_P(WskIrp, P7_P8_AnyNumberOfStackLocationsWorks) {
    for (const CCHAR size : {CCHAR{1}, CCHAR{2}, CCHAR{5}}) {
        Call call(size);
        start_socket(call, WSK_FLAG_LISTEN_SOCKET);
        EXPECT_EQ(close(socket_of(call, WSK_FLAG_LISTEN_SOCKET)), STATUS_SUCCESS);
        // The provider takes the next location, gives it back, and leaves those below alone.
        PIRP irp = call.irp();
        call.returns(provider().WskSocket(client(),
                                          AF_INET,
                                          SOCK_STREAM,
                                          IPPROTO_TCP,
                                          WSK_FLAG_LISTEN_SOCKET,
                                          nullptr,
                                          nullptr,
                                          nullptr,
                                          nullptr,
                                          nullptr,
                                          irp));
        socket_of(call, WSK_FLAG_LISTEN_SOCKET);
        EXPECT_EQ(irp->CurrentLocation, size + 1);
        const PIO_STACK_LOCATION below = IoGetNextIrpStackLocation(irp) - 1;
        EXPECT_TRUE(size == 1 || below->MajorFunction == 0);
    }
}

// An IRP of a higher driver: its routine is in the second location, ours, if any, in the first.
class HigherIrp {
  public:
    HigherIrp() : irp_(IoAllocateIrp(2, FALSE)) {
        KeInitializeEvent(&done_, NotificationEvent, FALSE);
        IoSetCompletionRoutine(irp_, upper_routine, this, TRUE, TRUE, TRUE);
        IoSetNextIrpStackLocation(irp_);
    }
    ~HigherIrp() { IoFreeIrp(irp_); }

    PIRP irp() { return irp_; }
    void set_lower_routine(bool on_success, bool on_error) {
        IoSetCompletionRoutine(irp_, lower_routine, this, on_success, on_error, FALSE);
    }
    NTSTATUS wait() {
        KeWaitForSingleObject(&done_, Executive, KernelMode, FALSE, nullptr);
        return irp_->IoStatus.Status;
    }
    int lower_calls = 0;
    int upper_calls = 0;

  private:
    static NTAPI NTSTATUS lower_routine(PDEVICE_OBJECT, PIRP irp, PVOID context) {
        ++static_cast<HigherIrp*>(context)->lower_calls;
        if (irp->PendingReturned != FALSE) {
            IoMarkIrpPending(irp);
        }
        return STATUS_SUCCESS;
    }
    static NTAPI NTSTATUS upper_routine(PDEVICE_OBJECT, PIRP, PVOID context) {
        HigherIrp& self = *static_cast<HigherIrp*>(context);
        ++self.upper_calls;
        KeSetEvent(&self.done_, IO_NO_INCREMENT, FALSE);
        return STATUS_MORE_PROCESSING_REQUIRED;
    }

    PIRP irp_;
    KEVENT done_;
};

TEST_P(WskIrp, P9_AnIrpWithoutCompletionRoutineIsPassedUp) {
    PWSK_SOCKET listener = make_socket(WSK_FLAG_LISTEN_SOCKET);
    HigherIrp higher;
    SOCKADDR_STORAGE address = sockaddr_of({"127.0.0.1", 0});
    listen_functions(listener).WskBind(listener, generic(address), 0, higher.irp());
    EXPECT_EQ(higher.wait(), STATUS_SUCCESS);
    EXPECT_EQ(higher.upper_calls, 1);
}

TEST_P(WskIrp, P10_ARoutineForSuccessIsNotCalledOnError) {
    PWSK_SOCKET listener = make_socket(WSK_FLAG_LISTEN_SOCKET);
    {
        HigherIrp higher;
        higher.set_lower_routine(true, false);
        SOCKADDR_STORAGE nowhere = sockaddr_of({"192.0.2.1", 0});
        listen_functions(listener).WskBind(listener, generic(nowhere), 0, higher.irp());
        EXPECT_FALSE(NT_SUCCESS(higher.wait()));
        EXPECT_EQ(higher.lower_calls, 0);
        EXPECT_EQ(higher.upper_calls, 1);
    }
    HigherIrp higher;
    higher.set_lower_routine(true, false);
    SOCKADDR_STORAGE address = sockaddr_of({"127.0.0.1", 0});
    listen_functions(listener).WskBind(listener, generic(address), 0, higher.irp());
    EXPECT_EQ(higher.wait(), STATUS_SUCCESS);
    EXPECT_EQ(higher.lower_calls, 1);
}

TEST_P(WskIrp, P11_AnIrpMayBeReusedForAnotherFunction) {
    Call call;
    start_socket(call, WSK_FLAG_LISTEN_SOCKET);
    PWSK_SOCKET listener = socket_of(call, WSK_FLAG_LISTEN_SOCKET);
    start_bind(call, listener, {"127.0.0.1", 0});
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    start_accept(call, listener);
    call.cancel();
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
    start_close(call, listener);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
}

// DriverContext and ListEntry are the driver's as long as it holds the IRP.
TEST_P(WskIrp, P11_WhatTheDriverLeftInAnIrpIsNothingToWsk) {
    // Also what may look like a note of the provider's own.
    for (const int left : {0x01, 0xFF}) {
        const auto left_over = [left](Call& call) {
            PIRP irp = call.irp();
            std::memset(
                irp->Tail.Overlay.DriverContext, left, sizeof irp->Tail.Overlay.DriverContext);
            std::memset(&irp->Tail.Overlay.ListEntry, left, sizeof irp->Tail.Overlay.ListEntry);
            irp->IoStatus.Status = STATUS_CONNECTION_RESET;
            irp->IoStatus.Information = 77;
            return irp;
        };
        PWSK_SOCKET listener = make_listener();
        Call accepted;
        accepted.returns(listen_functions(listener).WskAccept(
            listener, 0, nullptr, nullptr, nullptr, nullptr, left_over(accepted)));
        EXPECT_THAT(accepted, Pends());
        TcpClient peer;
        ASSERT_TRUE(peer.connect(local_address(listener)));
        ASSERT_THAT(accepted, CompletesWith(STATUS_SUCCESS));
        PWSK_SOCKET socket = socket_of(accepted);
        Buffer in(SIZE_T{3});
        Call received;
        WSK_BUF buffer = in.wsk();
        received.returns(
            connection_functions(socket).WskReceive(socket, &buffer, 0, left_over(received)));
        EXPECT_THAT(received, Pends());
        ASSERT_TRUE(peer.send("abc"));
        EXPECT_THAT(received, CompletesWith(STATUS_SUCCESS));
        EXPECT_EQ(received.information(), 3U);
        Call closed;
        closed.returns(basic_functions(socket).WskCloseSocket(socket, left_over(closed)));
        forget(socket);
        EXPECT_THAT(closed, CompletesWith(STATUS_SUCCESS));
        EXPECT_EQ(closed.information(), 0U);
    }
}

TEST_P(WskIrp, P13_APendingAcceptCanBeCancelled) {
    PWSK_SOCKET listener = make_listener();
    Call call;
    start_accept(call, listener);
    EXPECT_THAT(call, Pends());
    EXPECT_TRUE(call.cancel());
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
    EXPECT_EQ(call.information(), 0u);
    EXPECT_FALSE(call.cancel());
}

TEST_P(WskIrp, P13_APendingReceiveCanBeCancelled) {
    TcpClient peer;
    PWSK_SOCKET socket = make_connection(peer);
    const Buffer buffer(16);
    Call call;
    start_receive(call, socket, buffer);
    EXPECT_THAT(call, Pends());
    EXPECT_TRUE(call.cancel());
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
    ASSERT_TRUE(peer.send("later"));
    EXPECT_EQ(receive(socket, 16), "later");
}

TEST_P(WskIrp, P14_CancellingOneOfManyLeavesTheOthersInOrder) {
    PWSK_SOCKET listener = make_listener();
    Call first;
    Call second;
    Call third;
    start_accept(first, listener);
    start_accept(second, listener);
    start_accept(third, listener);
    EXPECT_TRUE(second.cancel());
    EXPECT_THAT(second, CompletesWith(STATUS_CANCELLED));
    EXPECT_THAT(first, Pends());
    EXPECT_THAT(third, Pends());
    TcpClient peers[2];
    ASSERT_TRUE(peers[0].connect(local_address(listener)));
    EXPECT_EQ(remote_address(socket_of(first)), peers[0].local());
    EXPECT_THAT(third, Pends());
    ASSERT_TRUE(peers[1].connect(local_address(listener)));
    EXPECT_EQ(remote_address(socket_of(third)), peers[1].local());
}

TEST_P(WskIrp, P15_AnIrpThatIsCancelledAlreadyCompletesAsCancelled) {
    PWSK_SOCKET listener = make_listener();
    const auto accept_cancelled = [&] {
        Call call;
        PIRP irp = call.irp();
        call.cancel();
        call.returns(listen_functions(listener).WskAccept(
            listener, 0, nullptr, nullptr, nullptr, nullptr, irp));
        EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
        EXPECT_EQ(call.information(), 0u);
    };
    accept_cancelled();
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    accept_cancelled();
    EXPECT_EQ(remote_address(accept(listener)), peer.local());
}

// Calls WskGetLocalAddress again from its completion routine, with the same IRP, many times.
class Chain {
  public:
    Chain(PWSK_SOCKET listener, int length)
        : listener_(listener), left_(length), irp_(IoAllocateIrp(1, FALSE)) {
        KeInitializeEvent(&done_, NotificationEvent, FALSE);
    }
    ~Chain() { IoFreeIrp(irp_); }

    void call() {
        IoReuseIrp(irp_, STATUS_SUCCESS);
        IoSetCompletionRoutine(irp_, routine, this, TRUE, TRUE, TRUE);
        listen_functions(listener_).WskGetLocalAddress(listener_, generic(address_), irp_);
    }
    bool wait() {
        LARGE_INTEGER timeout;
        timeout.QuadPart = -300'000'000;
        return KeWaitForSingleObject(&done_, Executive, KernelMode, FALSE, &timeout) ==
               STATUS_SUCCESS;
    }

  private:
    static NTAPI NTSTATUS routine(PDEVICE_OBJECT, PIRP, PVOID context) {
        Chain& self = *static_cast<Chain*>(context);
        if (--self.left_ > 0) {
            self.call();
        } else {
            KeSetEvent(&self.done_, IO_NO_INCREMENT, FALSE);
        }
        return STATUS_MORE_PROCESSING_REQUIRED;
    }

    PWSK_SOCKET listener_;
    int left_;
    PIRP irp_;
    KEVENT done_;
    SOCKADDR_STORAGE address_ = {};
};

TEST_P(WskIrp, P16_AChainOfCallsFromCompletionRoutinesDoesNotOverflowTheStack) {
    Chain chain(make_listener(), 20'000);
    chain.call();
    EXPECT_TRUE(chain.wait());
}

// Makes a socket from the completion routine of the one before, many times.
TEST_P(WskIrp, P16_AChainOfSocketCreationsDoesNotEither) {
    constexpr int length = 2'000;
    Log<PWSK_SOCKET> sockets;
    struct Creator {
        WskIrp& test;
        const WSK_PROVIDER_DISPATCH& functions;
        PWSK_CLIENT client;
        Log<PWSK_SOCKET>& sockets;
        PIRP irp = IoAllocateIrp(1, FALSE);

        void call() {
            IoReuseIrp(irp, STATUS_SUCCESS);
            IoSetCompletionRoutine(irp, routine, this, TRUE, TRUE, TRUE);
            functions.WskSocket(client,
                                AF_INET,
                                SOCK_STREAM,
                                IPPROTO_TCP,
                                WSK_FLAG_BASIC_SOCKET,
                                nullptr,
                                nullptr,
                                nullptr,
                                nullptr,
                                nullptr,
                                irp);
        }
        static NTAPI NTSTATUS routine(PDEVICE_OBJECT, PIRP irp, PVOID context) {
            Creator& self = *static_cast<Creator*>(context);
            auto* socket = reinterpret_cast<PWSK_SOCKET>(irp->IoStatus.Information);
            self.test.adopt(socket, WSK_FLAG_BASIC_SOCKET);
            const bool last = self.sockets.size() + 1 == length;
            if (last) {
                IoFreeIrp(irp);
            }
            self.sockets.add(socket);
            if (!last) {
                self.call();
            }
            return STATUS_MORE_PROCESSING_REQUIRED;
        }
    };
    Creator creator{*this, provider(), client(), sockets};
    creator.call();
    EXPECT_TRUE(sockets.wait_for(length));
}

TEST_P(WskIrp, P18_NothingCompletesAfterTheClose) {
    TcpClient peer;
    PWSK_SOCKET socket = make_connection(peer);
    const Buffer buffer(16);
    Call receives[4];
    for (Call& call : receives) {
        start_receive(call, socket, buffer);
    }
    Call closing;
    start_close(closing, socket);
    EXPECT_THAT(closing, CompletesWith(STATUS_SUCCESS));
    for (const Call& call : receives) {
        EXPECT_TRUE(call.completed());
        EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
        EXPECT_LT(call.sequence(), closing.sequence());
    }
}

TEST_P(WskIrp, C12_AMissingIrpIsRefused) {
    PWSK_SOCKET listener = make_listener();
    SOCKADDR_STORAGE address = sockaddr_of({"127.0.0.1", 0});
    const WSK_PROVIDER_LISTEN_DISPATCH& functions = listen_functions(listener);
    EXPECT_EQ(functions.WskBind(listener, generic(address), 0, nullptr), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(functions.WskAccept(listener, 0, nullptr, nullptr, nullptr, nullptr, nullptr),
              STATUS_INVALID_PARAMETER);
    EXPECT_EQ(functions.WskGetLocalAddress(listener, generic(address), nullptr),
              STATUS_INVALID_PARAMETER);
    EXPECT_EQ(functions.Basic.WskCloseSocket(listener, nullptr), STATUS_INVALID_PARAMETER);
}

}  // namespace
}  // namespace owsk::conformance
