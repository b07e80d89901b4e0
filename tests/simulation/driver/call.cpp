// SPDX-License-Identifier: MIT
// From IoAllocateIrp to the completion routine.
#include "simulation/driver/call.h"

#include <utility>

#include "simulation/run.h"

namespace owsk::scenarios {

Call::Call(Run& run, const About& about, PIRP irp, Then then)
    : run_(run),
      about_(about),
      id_(run.irps.issued(about.what)),
      irp_(irp),
      then_(std::move(then)) {
    KeInitializeEvent(&done_, NotificationEvent, FALSE);
}

Call::~Call() {
    IoFreeIrp(irp_);
}

std::shared_ptr<Call> Call::prepare(Run& run, const About& about, Then then) {
    PIRP irp = IoAllocateIrp(1, FALSE);
    return irp == nullptr ? nullptr : std::make_shared<Call>(run, about, irp, std::move(then));
}

void Call::go(const Function& function) {
    const std::shared_ptr<Call> self = shared_from_this();
    self_ = self;
    if (about_.of_socket && !about_.is_close) {
        run_.callbacks.request_issued(about_.socket);
    }
    IoSetCompletionRoutine(irp_, routine, this, TRUE, TRUE, TRUE);
    if (about_.in_order) {
        order_ = run_.order.calling(about_.socket, about_.what);
    }
    caller_ = std::this_thread::get_id();
    returned_ = function(irp_);
    caller_ = {};
    run_.irps.returned(id_, returned_);
    if (about_.in_order) {
        run_.order.returned(order_);
    }
}

std::shared_ptr<Call> Call::make(Run& run,
                                 const About& about,
                                 const Function& function,
                                 Then then) {
    std::shared_ptr<Call> call = prepare(run, about, std::move(then));
    if (call != nullptr) {
        call->go(function);
    }
    return call;
}

NTSTATUS Call::routine(PDEVICE_OBJECT, PIRP irp, PVOID context) {
    static_cast<Call*>(context)->complete(irp);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

void Call::complete(PIRP irp) {
    // The IRP is freed with the last reference, here or where somebody waits.
    const std::shared_ptr<Call> self = std::move(self_);
    status_ = irp->IoStatus.Status;
    information_ = irp->IoStatus.Information;
    run_.irps.completed(id_, status_, irp->PendingReturned != FALSE);
    const bool serial = about_.of_socket && !about_.is_close;
    if (about_.in_order) {
        run_.order.completed(order_, status_);
    }
    if (serial) {
        run_.callbacks.begin(about_.socket,
                             about_.what,
                             CallbackChecker::not_an_event,
                             caller_ == std::this_thread::get_id());
        run_.callbacks.request_completed(about_.socket);
    } else if (about_.is_close) {
        run_.callbacks.close_completed(about_.socket);
    }
    complete_ = true;
    if (then_) {
        std::exchange(then_, {})(status_, information_);
    }
    if (serial) {
        run_.callbacks.end(about_.socket);
    }
    KeSetEvent(&done_, IO_NO_INCREMENT, FALSE);
}

void Call::cancel() {
    IoCancelIrp(irp_);
}

NTSTATUS Call::wait() {
    KeWaitForSingleObject(&done_, Executive, KernelMode, FALSE, nullptr);
    return status_;
}

bool Call::wait_for(LONGLONG milliseconds) {
    LARGE_INTEGER limit;
    limit.QuadPart = -milliseconds * 10'000;
    return KeWaitForSingleObject(&done_, Executive, KernelMode, FALSE, &limit) == STATUS_SUCCESS;
}

}  // namespace owsk::scenarios
