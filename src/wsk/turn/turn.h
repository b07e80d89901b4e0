// SPDX-License-Identifier: MIT
// Turn: runs completions and callbacks one after another. A socket has one, or one for each role.
//
// At most one thread at a time has the turn, so what runs in it comes in order, and never on two
// threads at once. Normally that is the turn's processor: what the network announces takes the turn
// there at once, and whoever else leaves something to do (a queued request, a cancellation) asks
// for a turn and goes on. A driver's thread takes the turn only to complete the very request that
// it is passing in; it never runs a callback and never completes another request, because it may
// hold locks of the driver. Whatever else became due meanwhile is left to the processor.
//
// A call from inside a completion or a callback is made by the thread that has the turn already.
// Where the mode is to complete in the call, and no older completion waits, it completes its
// request there and then, inside the routine, up to completion_depth_max deep; the turn stays with
// the outer routine. Otherwise, and always in mode `windows` except for control operations, its
// completion comes after that routine has returned. What never completes inside a routine of its
// own socket: a close, a disabled callback that runs, and a WskReceive inside WskReceiveEvent, as
// the bytes that are just shown come first.
#pragma once

#include <openwsk/completion_mode.h>
#include <wdm.h>

#include <algorithm>

#include "host/host.h"
#include "wsk/request/request.h"
#include "wsk/request/request_queue.h"
#include "wsk/turn/turn_holder.h"
#include "wsk/turn/work.h"

namespace owsk::wsk {

class Turn final : private host::Task {
  public:
    Turn(Work& work, host::Processor& processor) noexcept : work_(work), processor_(processor) {}
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    host::Processor& processor() const noexcept { return processor_; }

    // Takes the IRP of a call. It counts until it has completed here.
    Request begin_locked(PIRP irp, Operation operation, RequestOwner& owner) noexcept
        OWSK_REQUIRES(socket_mutex);
    // Completes a decided request that needed nothing but its call: now or later, as `mode` says.
    // The return value is the call's.
    NTSTATUS finish(Request request, CompletionMode mode) noexcept OWSK_EXCLUDES(socket_mutex);
    // Whether the calling thread may complete the request that it is passing in; then it has the
    // turn, or has it once more, until finish_in_call() or give_back_locked().
    bool take_in_call_locked(CompletionMode mode) noexcept OWSK_REQUIRES(socket_mutex);
    NTSTATUS finish_in_call(Request request, CompletionMode mode) noexcept
        OWSK_EXCLUDES(socket_mutex);
    // The request has to wait after all.
    void give_back_locked() noexcept OWSK_REQUIRES(socket_mutex);
    // Leaves a decided request to the turn; the call returns STATUS_PENDING.
    NTSTATUS finish_later_locked(Request request) noexcept OWSK_REQUIRES(socket_mutex);
    // Queues a request until it can be served; the call returns STATUS_PENDING.
    NTSTATUS pend_locked(RequestQueue& queue, Request request) noexcept OWSK_REQUIRES(socket_mutex);

    // The same for one that was claimed from another queue.
    void pend_again_locked(RequestQueue& queue, Request request) noexcept
        OWSK_REQUIRES(socket_mutex);

    // Ends the wait of a queued request with a result.
    void decide_locked(Request request, NTSTATUS status, ULONG_PTR information) noexcept
        OWSK_REQUIRES(socket_mutex);
    void decide_all_locked(RequestQueue& queue, NTSTATUS status) noexcept
        OWSK_REQUIRES(socket_mutex);
    // Ends the wait of a request that the driver has cancelled.
    void withdraw_locked(Request request, ULONG_PTR progress) noexcept OWSK_REQUIRES(socket_mutex);
    // Takes the oldest request that is not just being cancelled out of its queue; null if there is
    // none. complete_claimed() follows, or finish_claimed_locked().
    Request claim_next_locked(RequestQueue& queue) noexcept OWSK_REQUIRES(socket_mutex);
    void complete_claimed(Request request) noexcept OWSK_EXCLUDES(socket_mutex);
    // The same for who does not have it: a decided request that was claimed is completed in it.
    void finish_claimed_locked(Request request) noexcept OWSK_REQUIRES(socket_mutex);

    void want_locked() noexcept OWSK_REQUIRES(socket_mutex);
    // At once, or after whoever has it. On the processor, by who has noted something under the
    // lock.
    void take_and_unlock() noexcept OWSK_RELEASE(socket_mutex);
    // Nothing runs here until release(): the driver is just told of the socket.
    void hold() noexcept OWSK_EXCLUDES(socket_mutex);
    void release() noexcept OWSK_EXCLUDES(socket_mutex);

    // Whether this turn has received so much that the next of it is left to another turn.
    bool has_its_share_locked() const noexcept OWSK_REQUIRES(socket_mutex) { return share_ == 0; }
    void note_received_locked(SIZE_T bytes) noexcept OWSK_REQUIRES(socket_mutex) {
        share_ -= static_cast<ULONG>(std::min<SIZE_T>(share_, bytes));
    }

    // The same for who has received nothing, and has worked for it long enough.
    void end_share_locked() noexcept OWSK_REQUIRES(socket_mutex) {
        share_ = 0;
        is_wanted_ = true;
    }

    // The request began at `other`, but has to wait for what runs here.
    void take_over_request_locked(Turn& other) noexcept OWSK_REQUIRES(socket_mutex) {
        --other.requests_;
        ++requests_;
    }

    // For who has put it off: it comes after whatever the processor has to do now, or by run().
    void post() noexcept { processor_.post(*this); }
    void run() noexcept override;

    // Nobody has it, it will not come, and no request is left.
    bool is_idle_locked() const noexcept OWSK_REQUIRES(socket_mutex);
    // Somebody waits for the request that is just completing in its call: another turn follows.
    void look_again_locked() noexcept OWSK_REQUIRES(socket_mutex) { is_wanted_ = true; }
    // No turn comes any more. Nothing that is wanted from now on is posted: the last task of the
    // work is its destruction, and nothing may be queued behind that.
    void stop_locked() noexcept OWSK_REQUIRES(socket_mutex) { is_over_ = true; }

  private:
    bool may_run_in_place() const noexcept override { return true; }
    void post_locked() noexcept OWSK_REQUIRES(socket_mutex);
    // True when the turn was the last one, and the work is over.
    bool run_locked() noexcept OWSK_REQUIRES(socket_mutex);
    // Leaves the lock to complete.
    bool complete_next_locked() noexcept OWSK_REQUIRES(socket_mutex);

    // The small ones first: they fit into what the task leaves free.
    bool is_wanted_ : 1 OWSK_GUARDED_BY(socket_mutex) = false;  // while somebody has it
    bool is_posted_ : 1 OWSK_GUARDED_BY(socket_mutex) = false;  // or will be, by who has put it off
    bool is_late_ : 1 OWSK_GUARDED_BY(socket_mutex) = false;    // it has been put off once
    bool is_over_ OWSK_GUARDED_BY(socket_mutex) = false;
    ULONG requests_ OWSK_GUARDED_BY(socket_mutex) = 0;  // begun and not completed
    ULONG share_ OWSK_GUARDED_BY(socket_mutex) = 0;     // bytes that the turn may still receive
    TurnHolder holder_ OWSK_GUARDED_BY(socket_mutex);
    Work& work_;
    host::Processor& processor_;
    RequestQueue completions_ OWSK_GUARDED_BY(socket_mutex);
};

}  // namespace owsk::wsk
