// SPDX-License-Identifier: MIT
// Call: one call of a WSK function with an IRP of its own, under the eyes of the checkers.
#pragma once

#include <wsk.h>

#include <functional>
#include <memory>
#include <thread>

#include "simulation/checkers/callbacks.h"
#include "simulation/checkers/irps.h"
#include "simulation/checkers/order.h"

namespace owsk::scenarios {

class Run;

class Call : public std::enable_shared_from_this<Call> {
  public:
    // In the completion routine, at IRQL <= DISPATCH_LEVEL.
    using Then = std::function<void(NTSTATUS status, ULONG_PTR information)>;
    using Function = std::function<NTSTATUS(PIRP irp)>;

    struct About {
        const char* what;
        // Whose turn it completes in; completions of no socket are not serial.
        bool of_socket = false;
        CallbackChecker::Id socket = 0;
        bool is_close = false;
        bool in_order = false;  // with others of its name on that socket
    };

    // Null if there is no memory for an IRP.
    static std::shared_ptr<Call> prepare(Run& run, const About& about, Then then);
    // Makes the call. Once.
    void go(const Function& function);
    // Both.
    static std::shared_ptr<Call> make(Run& run,
                                      const About& about,
                                      const Function& function,
                                      Then then = {});
    Call(Run& run, const About& about, PIRP irp, Then then);
    ~Call();
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    NTSTATUS returned() const { return returned_; }
    bool is_complete() const { return complete_; }
    // IoCancelIrp, at any time.
    void cancel();
    // At PASSIVE_LEVEL, until it has completed; its status.
    NTSTATUS wait();
    // False if it has not completed within this virtual time.
    bool wait_for(LONGLONG milliseconds);
    NTSTATUS status() const { return status_; }
    ULONG_PTR information() const { return information_; }

  private:
    static NTAPI NTSTATUS routine(PDEVICE_OBJECT, PIRP irp, PVOID context);
    void complete(PIRP irp);

    Run& run_;
    const About about_;
    const IrpChecker::Id id_;
    const PIRP irp_;
    KEVENT done_;
    Then then_;
    std::shared_ptr<Call> self_;  // while the IRP is on its way
    OrderChecker::Id order_;
    std::thread::id caller_;  // while the function runs
    bool complete_ = false;
    NTSTATUS returned_ = STATUS_PENDING;
    NTSTATUS status_ = STATUS_PENDING;
    ULONG_PTR information_ = 0;
};

using CallRef = std::shared_ptr<Call>;

// The status of a call that may not have been made; waits for it.
inline NTSTATUS wait(const CallRef& call) {
    return call == nullptr ? STATUS_INSUFFICIENT_RESOURCES : call->wait();
}

}  // namespace owsk::scenarios
