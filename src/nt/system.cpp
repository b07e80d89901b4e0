// SPDX-License-Identifier: MIT
// The executive put together, and how threads come to belong to it.
#include "nt/system.h"

#include <cstdio>
#include <optional>
#include <utility>

#include "base/assert.h"
#include "nt/ke/crash_signals.h"
#include "nt/ke/irql.h"
#include "nt/ke/processor.h"

namespace owsk::nt {

namespace {

ps::ThreadRef new_thread(System& system, ThreadScope::Kind kind) {
    const char* const name = kind == ThreadScope::Kind::processor ? "processor" : "attached";
    return ob::make_object<ps::Thread>(system.host(), system.threads.next_id(), name);
}

}  // namespace

System::System(host::Host& host, probe::Probes& probes, Faults& faults)
    : host_(host),
      probes_(probes),
      faults_(faults),
      dispatcher(host),
      process(ob::make_object<ps::Process>()),
      threads(*this),
      work_queue(*this) {}

System::~System() = default;

void System::refuse_foreign_thread() noexcept {
    std::fputs(
        "openwsk: a Windows kernel function was called on a thread that belongs to no machine.\n"
        "Attach the thread (owsk::Machine::Attachment), or let the driver create it "
        "(PsCreateSystemThread).\n",
        stderr);
    abort_after_report();
}

void System::enter_processor() noexcept {
    // The thread ends before the machine does: the host's stop() waits for it.
    static thread_local std::optional<ThreadScope> scope;
    ke::become_processor();
    scope.emplace(*this, ThreadScope::Kind::processor);
}

void System::start() {
    work_queue.start();
}

void System::stop() noexcept {
    work_queue.stop();
    threads.join_ended();
    dispatcher.stop();
}

std::uint64_t System::report_leaks() {
    // A bug check is for the handler of this machine, whoever asks.
    System* const previous = std::exchange(System::current_, this);
    irps.require_freed_untouched("The end of the machine");
    pool.require_freed_untouched("The end of the machine");
    System::current_ = previous;
    return threads.report_leaks(probes_) + dispatcher.report_leaks(probes_) +
           handles.report_leaks(probes_) + irps.report_leaks(probes_) + pool.report_leaks(probes_) +
           drivers.report_leaks(probes_) + nmr.report_leaks(probes_);
}

ThreadScope::ThreadScope(System& system, Kind kind)
    : previous_(System::current_),
      previous_thread_(ps::current_thread_or_null()),
      previous_irql_(ke::current_irql()) {
    ke::prepare_thread_for_crashes();
    // A scope inside one of the same machine is on the same thread.
    if (previous_ != &system) {
        thread_ = new_thread(system, kind);
        ps::set_current_thread(thread_.get());
    }
    System::current_ = &system;
    ke::set_irql(kind == Kind::processor ? DISPATCH_LEVEL : PASSIVE_LEVEL);
}

ThreadScope::ThreadScope(System& system, ps::ThreadRef thread)
    : previous_(System::current_),
      previous_thread_(ps::current_thread_or_null()),
      previous_irql_(ke::current_irql()),
      thread_(std::move(thread)) {
    ke::prepare_thread_for_crashes();
    System::current_ = &system;
    ps::set_current_thread(thread_.get());
    ke::set_irql(PASSIVE_LEVEL);
}

ThreadScope::~ThreadScope() {
    if (thread_) {
        ps::end_thread(*thread_, thread_->exit_status);
    }
    System::current_ = previous_;
    ps::set_current_thread(previous_thread_);
    ke::set_irql(previous_irql_);
}

}  // namespace owsk::nt
