// SPDX-License-Identifier: MIT
// Wrong: takes a successful IoCancelIrp for the completion, and uses the IRP again at once.
#include "simulation/canaries/canary.h"
#include "simulation/driver/listener.h"
#include "simulation/run.h"
#include "simulation/server.h"
#include "simulation/visitor.h"

namespace owsk::scenarios {
namespace {

struct Reader {
    PWSK_SOCKET socket = nullptr;
    Buffer buffer{SIZE_T{100}};
    PIRP irp = IoAllocateIrp(1, FALSE);
    KEVENT done;

    static NTAPI NTSTATUS complete(PDEVICE_OBJECT, PIRP, PVOID context) {
        KeSetEvent(&static_cast<Reader*>(context)->done, IO_NO_INCREMENT, FALSE);
        return STATUS_MORE_PROCESSING_REQUIRED;
    }

    void receive() {
        KeInitializeEvent(&done, NotificationEvent, FALSE);
        IoReuseIrp(irp, STATUS_UNSUCCESSFUL);
        IoSetCompletionRoutine(irp, complete, this, TRUE, TRUE, TRUE);
        WSK_BUF wsk = buffer.wsk();
        static_cast<const WSK_PROVIDER_CONNECTION_DISPATCH*>(socket->Dispatch)
            ->WskReceive(socket, &wsk, 0, irp);
    }
};

}  // namespace

OWSK_CANARY(irp_reused_early,
            "an IRP is used again while its cancellation completes",
            by_rule(Rule::irp_reused_while_pending),
            by_rule(Rule::irp_freed_while_pending),
            by_rule(Rule::irp_completed_while_pending)) {
    Server& server = run.add_server({.capricious = false});
    run.add_visitor({.ip = server.ip(), .comes = 1s, .bytes = 0, .farewell = Farewell::none});
    server.perform([&] {
        Listener listener(server);
        listener.open({});
        const CallRef accepted = listener.accept();
        accepted->wait();
        Reader reader;
        reader.socket = reinterpret_cast<PWSK_SOCKET>(accepted->information());
        reader.receive();
        Server::sleep(run.moment(100us));
        if (IoCancelIrp(reader.irp)) {
            reader.receive();
            IoCancelIrp(reader.irp);
        }
        KeWaitForSingleObject(&reader.done, Executive, KernelMode, FALSE, nullptr);
        IoFreeIrp(reader.irp);
        listener.close_connections();
        listener.wait_connections_closed();
        listener.close_and_wait();
    });
    run.finish();
}

}  // namespace owsk::scenarios
