// SPDX-License-Identifier: MIT
// Wrong: looks at a flag, clears the event and waits for it; what is set in between is lost.
#include "simulation/canaries/canary.h"
#include "simulation/run.h"
#include "simulation/server.h"

namespace owsk::scenarios {
namespace {

// Outlives the wait: it may end before the event is set.
struct Mailbox {
    KEVENT arrived;
    WORK_QUEUE_ITEM item;
    bool is_full = false;
};

NTAPI void deliver(PVOID context) {
    auto& mailbox = *static_cast<Mailbox*>(context);
    mailbox.is_full = true;
    KeSetEvent(&mailbox.arrived, IO_NO_INCREMENT, FALSE);
}

}  // namespace

OWSK_CANARY(lost_wakeup, "an event is cleared between the flag and the wait", by_waiting) {
    Server& server = run.add_server({.registered = false});
    server.perform([&] {
        Mailbox& mailbox = server.keep<Mailbox>();
        KeInitializeEvent(&mailbox.arrived, NotificationEvent, FALSE);
        ExInitializeWorkItem(&mailbox.item, deliver, &mailbox);
        ExQueueWorkItem(&mailbox.item, DelayedWorkQueue);
        while (!mailbox.is_full) {
            KeClearEvent(&mailbox.arrived);
            KeWaitForSingleObject(&mailbox.arrived, Executive, KernelMode, FALSE, nullptr);
        }
    });
    run.finish();
}

}  // namespace owsk::scenarios
