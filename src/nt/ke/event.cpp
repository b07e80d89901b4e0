// SPDX-License-Identifier: MIT
// Events.
#include "nt/ke/irql.h"
#include "nt/ke/wait.h"
#include "nt/system.h"

using namespace owsk::nt;
using namespace owsk::nt::ke;

namespace {

owsk::Mutex& dispatcher_lock() noexcept {
    return System::current().dispatcher.mu;
}

}  // namespace

// KeInitializeEvent: make an event; Type says whether a wait resets it.
//
// IRQL       any
extern "C" VOID NTAPI KeInitializeEvent(PRKEVENT Event, EVENT_TYPE Type, BOOLEAN State) {
    static_assert(NotificationEvent == static_cast<int>(EventNotificationObject));
    static_assert(SynchronizationEvent == static_cast<int>(EventSynchronizationObject));
    initialize_header(
        Event->Header, static_cast<UCHAR>(Type), sizeof(KEVENT), State != FALSE ? 1 : 0);
}

// KeSetEvent: signal the event, and return whether it was signalled before.
//
// A waiting thread may free the event as soon as its wait returns. It cannot return while the lock
// is held, and the event is not touched after that.
//
// IRQL       <= DISPATCH_LEVEL
// Choice     Wait is ignored: a wait that follows takes the lock once more
extern "C" LONG NTAPI KeSetEvent(PRKEVENT Event, KPRIORITY Increment, BOOLEAN Wait) {
    UNREFERENCED_PARAMETER(Increment);
    UNREFERENCED_PARAMETER(Wait);
    require_irql_at_most(DISPATCH_LEVEL, "KeSetEvent");
    owsk::Lock lock(dispatcher_lock());
    require_initialized(Event->Header, "KeSetEvent", lock);
    const LONG previous = Event->Header.SignalState;
    Event->Header.SignalState = 1;
    wake_waiters_locked(Event->Header);
    return previous;
}

// KeResetEvent: make the event not signalled, and return whether it was signalled before.
//
// IRQL       <= DISPATCH_LEVEL
extern "C" LONG NTAPI KeResetEvent(PRKEVENT Event) {
    require_irql_at_most(DISPATCH_LEVEL, "KeResetEvent");
    const owsk::Lock lock(dispatcher_lock());
    const LONG previous = Event->Header.SignalState;
    Event->Header.SignalState = 0;
    return previous;
}

// KeClearEvent: make the event not signalled.
//
// IRQL       <= DISPATCH_LEVEL
extern "C" VOID NTAPI KeClearEvent(PRKEVENT Event) {
    require_irql_at_most(DISPATCH_LEVEL, "KeClearEvent");
    const owsk::Lock lock(dispatcher_lock());
    Event->Header.SignalState = 0;
}

// KeReadStateEvent: whether the event is signalled at this moment.
//
// IRQL       <= DISPATCH_LEVEL
extern "C" LONG NTAPI KeReadStateEvent(PRKEVENT Event) {
    require_irql_at_most(DISPATCH_LEVEL, "KeReadStateEvent");
    const owsk::Lock lock(dispatcher_lock());
    return Event->Header.SignalState;
}
