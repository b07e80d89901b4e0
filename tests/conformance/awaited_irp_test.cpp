// SPDX-License-Identifier: MIT
// IRP rule P5: waiting for a call as Microsoft's samples do.
#include "conformance/wsk_fixture.h"

namespace owsk::conformance {
namespace {

class AwaitedWskIrp : public WskTest {};
OWSK_IN_EVERY_MODE(AwaitedWskIrp);

// An IRP whose completion routine sets an event, and leaves the IRP to whom made the call.
struct AwaitedIrp {
    AwaitedIrp() {
        KeInitializeEvent(&done, SynchronizationEvent, FALSE);
        IoSetCompletionRoutine(irp, routine, this, TRUE, TRUE, TRUE);
    }
    ~AwaitedIrp() { IoFreeIrp(irp); }
    AwaitedIrp(const AwaitedIrp&) = delete;
    AwaitedIrp& operator=(const AwaitedIrp&) = delete;

    static NTAPI NTSTATUS routine(PDEVICE_OBJECT, PIRP, PVOID context) {
        KeSetEvent(&static_cast<AwaitedIrp*>(context)->done, IO_NO_INCREMENT, FALSE);
        return STATUS_MORE_PROCESSING_REQUIRED;
    }
    void wait() { KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, nullptr); }

    PIRP irp = IoAllocateIrp(1, FALSE);
    KEVENT done;
};

TEST_P(AwaitedWskIrp, P5_TheCallerMayWaitForAnEventThatTheRoutineSets) {
    PWSK_SOCKET listener = nullptr;
    {
        AwaitedIrp awaited;
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
                             awaited.irp);
        awaited.wait();
        ASSERT_EQ(awaited.irp->IoStatus.Status, STATUS_SUCCESS);
        listener = reinterpret_cast<PWSK_SOCKET>(awaited.irp->IoStatus.Information);
    }
    {
        SOCKADDR_STORAGE address = sockaddr_of({"127.0.0.1", 0});
        AwaitedIrp awaited;
        const NTSTATUS returned =
            listen_functions(listener).WskBind(listener, generic(address), 0, awaited.irp);
        if (returned == STATUS_PENDING) {
            awaited.wait();
        }
        EXPECT_EQ(awaited.irp->IoStatus.Status, STATUS_SUCCESS);
    }
    AwaitedIrp awaited;
    basic_functions(listener).WskCloseSocket(listener, awaited.irp);
    awaited.wait();
    EXPECT_EQ(awaited.irp->IoStatus.Status, STATUS_SUCCESS);
}

}  // namespace
}  // namespace owsk::conformance
