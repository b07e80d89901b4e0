// SPDX-License-Identifier: MIT
// What tests pass to WSK functions: calls with an IRP, and buffers of MDLs.
#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstring>

#include "conformance/wsk_fixture.h"
#include "nt/io/irp.h"
#include "wsk/request/request_owner.h"

namespace owsk::conformance {

namespace {

constexpr ULONG tag = 0x666E6F43;  // "Conf"

// Of KeWaitForSingleObject: relative, in units of 100 ns.
using Units = std::chrono::duration<LONGLONG, std::ratio<1, 10'000'000>>;

}  // namespace

unsigned next_in_sequence() {
    static std::atomic<unsigned> sequence = 0;
    return ++sequence;
}

struct Call::State {
    PIRP irp = nullptr;
    KEVENT done;
    bool started = false;
    NTSTATUS returned = STATUS_SUCCESS;
    std::function<void()>* on_complete = nullptr;

    std::atomic<unsigned> completions = 0;
    NTSTATUS status = STATUS_SUCCESS;
    ULONG_PTR information = 0;
    bool pending_returned = false;
    KIRQL irql = 0;
    std::thread::id thread;
    unsigned sequence = 0;
};

Call::Call(CCHAR stack_size) : state_(new State) {
    state_->irp = IoAllocateIrp(stack_size, FALSE);
    state_->on_complete = &on_complete;
    KeInitializeEvent(&state_->done, NotificationEvent, FALSE);
}

Call::~Call() {
    if (state_->started) {
        if (!completed()) {
            cancel();
        }
        if (wait() == STATUS_TIMEOUT) {
            return;  // the IRP is still in use: leave it
        }
        EXPECT_EQ(state_->completions, 1u);
    }
    IoFreeIrp(state_->irp);
    delete state_;
}

PIRP Call::irp() {
    if (state_->started) {
        wait();
        EXPECT_EQ(state_->completions, 1u);
        IoReuseIrp(state_->irp, STATUS_UNSUCCESSFUL);
        KeClearEvent(&state_->done);
        state_->completions = 0;
    }
    state_->started = true;
    IoSetCompletionRoutine(state_->irp, completion_routine, state_, TRUE, TRUE, TRUE);
    return state_->irp;
}

NTSTATUS Call::returns(NTSTATUS status) {
    state_->returned = status;
    return status;
}

bool Call::cancel() {
    return IoCancelIrp(state_->irp) != FALSE;
}

NTSTATUS Call::wait() const {
    LARGE_INTEGER timeout;
    timeout.QuadPart = -Units(limit).count();
    if (KeWaitForSingleObject(&state_->done, Executive, KernelMode, FALSE, &timeout) !=
        STATUS_SUCCESS) {
        ADD_FAILURE() << "does not complete in time: " << describe();
        return STATUS_TIMEOUT;
    }
    return state_->status;
}

bool Call::completed() const {
    return KeReadStateEvent(&state_->done) != 0;
}
NTSTATUS Call::returned() const {
    return state_->returned;
}
NTSTATUS Call::status() const {
    return state_->status;
}
ULONG_PTR Call::information() const {
    return state_->information;
}
bool Call::pending_returned() const {
    return state_->pending_returned;
}
KIRQL Call::irql() const {
    return state_->irql;
}
std::thread::id Call::thread() const {
    return state_->thread;
}
unsigned Call::sequence() const {
    return state_->sequence;
}
unsigned Call::completions() const {
    return state_->completions;
}

NTSTATUS Call::completion_routine(PDEVICE_OBJECT, PIRP irp, PVOID context) {
    State& state = *static_cast<State*>(context);
    ++state.completions;
    state.status = irp->IoStatus.Status;
    state.information = irp->IoStatus.Information;
    state.pending_returned = irp->PendingReturned != FALSE;
    state.irql = KeGetCurrentIrql();
    state.thread = std::this_thread::get_id();
    state.sequence = next_in_sequence();
    if (*state.on_complete) {
        (*state.on_complete)();
    }
    // Last: the test may destroy everything now.
    KeSetEvent(&state.done, IO_NO_INCREMENT, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

std::string Call::describe() const {
    if (!state_->started) {
        return "a call that has not been made";
    }
    if (completed()) {
        return "a call that returned " + status_name(returned()) + " and completed with " +
               status_name(status()) + ", Information " + std::to_string(information());
    }
    const std::string returned_what = " (it returned " + status_name(returned()) + ')';
    if (!nt::io::irp_is_held(state_->irp)) {
        return "a call whose IRP WSK does not hold, and which has not completed" + returned_what;
    }
    // What the provider notes of a request is in the IRP.
    const wsk::Request request = wsk::Request::of(state_->irp);
    const wsk::RequestOwner* const owner = request.owner();
    return std::string(function_of(request.operation())) +
           (owner == nullptr ? "" : " on the " + owner->description()) + returned_what;
}

void PrintTo(const Call& call, std::ostream* out) {
    *out << call.describe();
}

Buffer::Buffer(SIZE_T length) : length_(length) {
    if (length != 0) {
        append(length);
    }
}

Buffer::Buffer(std::string_view content) : Buffer(content.size()) {
    fill(content);
}

Buffer::Buffer(const std::vector<SIZE_T>& pieces, ULONG offset, SIZE_T length)
    : offset_(offset), length_(length) {
    for (const SIZE_T piece : pieces) {
        append(piece);
    }
}

Buffer::~Buffer() {
    while (first_ != nullptr) {
        PMDL mdl = std::exchange(first_, first_->Next);
        PVOID memory = MmGetMdlVirtualAddress(mdl);
        IoFreeMdl(mdl);
        ExFreePoolWithTag(memory, tag);
    }
}

void Buffer::append(SIZE_T length) {
    PVOID memory = ExAllocatePoolWithTag(NonPagedPoolNx, length, tag);
    std::memset(memory, '.', length);
    PMDL mdl = IoAllocateMdl(memory, static_cast<ULONG>(length), FALSE, FALSE, nullptr);
    MmBuildMdlForNonPagedPool(mdl);
    (first_ == nullptr ? first_ : last_->Next) = mdl;
    last_ = mdl;
}

std::string Buffer::all() const {
    std::string text;
    for (PMDL mdl = first_; mdl != nullptr; mdl = mdl->Next) {
        text.append(static_cast<const char*>(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority)),
                    MmGetMdlByteCount(mdl));
    }
    return text;
}

void Buffer::fill(std::string_view content) {
    for (PMDL mdl = first_; mdl != nullptr && !content.empty(); mdl = mdl->Next) {
        const std::size_t part = std::min<std::size_t>(content.size(), MmGetMdlByteCount(mdl));
        std::memcpy(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority), content.data(), part);
        content.remove_prefix(part);
    }
}

std::string text_of(const WSK_BUF& buffer) {
    std::string text;
    SIZE_T offset = buffer.Offset;
    for (PMDL mdl = buffer.Mdl; mdl != nullptr && text.size() < buffer.Length; mdl = mdl->Next) {
        const SIZE_T part =
            std::min<SIZE_T>(MmGetMdlByteCount(mdl) - offset, buffer.Length - text.size());
        text.append(
            static_cast<const char*>(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority)) +
                offset,
            part);
        offset = 0;
    }
    return text;
}

}  // namespace owsk::conformance
