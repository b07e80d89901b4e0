// SPDX-License-Identifier: MIT
// Wrong: frees the context of a socket when WskCloseSocket has returned, not when it has completed,
// while a callback still runs with it.
#include "simulation/canaries/canary.h"
#include "simulation/driver/listener.h"
#include "simulation/run.h"
#include "simulation/server.h"
#include "simulation/visitor.h"

namespace owsk::scenarios {
namespace {

constexpr ULONG context_tag = 0x74787443;  // "Ctxt"
constexpr ULONG alive = 0xA11FE;

struct Context {
    ULONG magic;
    KSPIN_LOCK lock;
    ULONG bytes;
};

NTAPI NTSTATUS on_receive(PVOID opaque, ULONG, PWSK_DATA_INDICATION, SIZE_T bytes, SIZE_T*) {
    auto* context = static_cast<Context*>(opaque);
    KIRQL irql;
    for (unsigned times = 0; times < 3; ++times) {
        if (context->magic != alive) {
            KeBugCheckEx(MANUALLY_INITIATED_CRASH, 0, 0, 0, 0);
        }
        KeAcquireSpinLock(&context->lock, &irql);
        context->bytes += static_cast<ULONG>(bytes);
        KeReleaseSpinLock(&context->lock, irql);
    }
    return STATUS_SUCCESS;
}

const WSK_CLIENT_CONNECTION_DISPATCH dispatch = {on_receive, nullptr, nullptr};

NTAPI NTSTATUS on_closed(PDEVICE_OBJECT, PIRP, PVOID event) {
    KeSetEvent(static_cast<PKEVENT>(event), IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

void close(PWSK_SOCKET socket, Context* context) {
    const auto* functions = static_cast<const WSK_PROVIDER_CONNECTION_DISPATCH*>(socket->Dispatch);
    KEVENT closed;
    KeInitializeEvent(&closed, NotificationEvent, FALSE);
    PIRP irp = IoAllocateIrp(1, FALSE);
    IoSetCompletionRoutine(irp, on_closed, &closed, TRUE, TRUE, TRUE);
    functions->Basic.WskCloseSocket(socket, irp);
    context->magic = 0xDEAD;
    ExFreePoolWithTag(context, context_tag);
    KeWaitForSingleObject(&closed, Executive, KernelMode, FALSE, nullptr);
    IoFreeIrp(irp);
}

PWSK_SOCKET accept(Run& run, Listener& listener, Context* context) {
    const auto* functions =
        static_cast<const WSK_PROVIDER_LISTEN_DISPATCH*>(listener.api()->Dispatch);
    const CallRef call = listener.call("WskAccept", [&](PIRP irp) {
        return functions->WskAccept(listener.api(), 0, context, &dispatch, nullptr, nullptr, irp);
    });
    if (!NT_SUCCESS(call->wait())) {
        run.fail("WskAccept failed");
    }
    return reinterpret_cast<PWSK_SOCKET>(call->information());
}

void enable(PWSK_SOCKET socket) {
    const auto* functions = static_cast<const WSK_PROVIDER_BASIC_DISPATCH*>(socket->Dispatch);
    WSK_EVENT_CALLBACK_CONTROL control = {const_cast<PNPIID>(&NPI_WSK_INTERFACE_ID),
                                          WSK_EVENT_RECEIVE};
    functions->WskControlSocket(socket,
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

}  // namespace

OWSK_CANARY(context_freed_early,
            "a socket's context is freed while its callback runs",
            "bug check MANUALLY_INITIATED_CRASH: ",
            by_crash,  // the lock lies in what is freed, too
            by_sanitizer) {
    Server& server = run.add_server();
    run.add_visitor({.ip = server.ip(),
                     .comes = 1s,
                     .bytes = 2000,
                     .piece = 200,
                     .wants_echo = false,
                     .farewell = Farewell::none});
    server.perform([&] {
        Listener listener(server);
        listener.open({});
        auto* context =
            static_cast<Context*>(ExAllocatePoolZero(NonPagedPoolNx, sizeof(Context), context_tag));
        context->magic = alive;
        KeInitializeSpinLock(&context->lock);
        PWSK_SOCKET socket = accept(run, listener, context);
        enable(socket);
        Server::sleep(run.moment(200us));
        close(socket, context);
        listener.close_and_wait();
    });
    run.finish();
}

}  // namespace owsk::scenarios
