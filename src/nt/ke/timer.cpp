// SPDX-License-Identifier: MIT
// The functions of KTIMER.
#include "nt/ke/irql.h"
#include "nt/ke/time.h"
#include "nt/ke/wait.h"
#include "nt/system.h"

using namespace owsk::nt;
using namespace owsk::nt::ke;

// KeInitializeTimerEx: make a timer that is not set; Type says whether a wait resets it.
//
// IRQL       <= DISPATCH_LEVEL
extern "C" VOID NTAPI KeInitializeTimerEx(PKTIMER Timer, TIMER_TYPE Type) {
    *Timer = {};
    const bool resets = Type == SynchronizationTimer;
    const auto object =
        static_cast<UCHAR>(resets ? TimerSynchronizationObject : TimerNotificationObject);
    initialize_header(Timer->Header, object, sizeof(KTIMER), 0);
}

// KeInitializeTimer: make a timer that stays signalled until it is set again.
//
// IRQL       <= DISPATCH_LEVEL
extern "C" VOID NTAPI KeInitializeTimer(PKTIMER Timer) {
    KeInitializeTimerEx(Timer, NotificationTimer);
}

// KeSetTimerEx: signal the timer and queue the DPC at DueTime, and then every Period milliseconds.
// Returns whether the timer was set already.
//
// IRQL       <= DISPATCH_LEVEL
// Keeps      Timer and Dpc until it has expired or is cancelled
// Choice     an absolute DueTime is converted when the timer is set; a later change of the system's
//            clock does not move it
extern "C" BOOLEAN NTAPI KeSetTimerEx(PKTIMER Timer,
                                      LARGE_INTEGER DueTime,
                                      LONG Period,
                                      PKDPC Dpc) {
    require_irql_at_most(DISPATCH_LEVEL, "KeSetTimer");
    System& system = System::current();
    const owsk::Instant due = instant_of(system.host().clock(), DueTime.QuadPart);
    owsk::Lock lock(system.dispatcher.mu);
    require_initialized(Timer->Header, "KeSetTimer", lock);
    const bool was_set = system.dispatcher.timers.remove_locked(*Timer);
    Timer->Header.SignalState = 0;
    Timer->Dpc = Dpc;
    Timer->Period = Period > 0 ? static_cast<ULONG>(Period) : 0;
    system.dispatcher.timers.insert_locked(*Timer, due);
    return was_set ? TRUE : FALSE;
}

// KeSetTimer: signal the timer and queue the DPC at DueTime.
//
// IRQL       <= DISPATCH_LEVEL
// Keeps      Timer and Dpc until it has expired or is cancelled
extern "C" BOOLEAN NTAPI KeSetTimer(PKTIMER Timer, LARGE_INTEGER DueTime, PKDPC Dpc) {
    return KeSetTimerEx(Timer, DueTime, 0, Dpc);
}

// KeCancelTimer: take back a timer that is set. Its DPC may be queued or running all the same.
//
// IRQL       <= DISPATCH_LEVEL
extern "C" BOOLEAN NTAPI KeCancelTimer(PKTIMER Timer) {
    require_irql_at_most(DISPATCH_LEVEL, "KeCancelTimer");
    System& system = System::current();
    const owsk::Lock lock(system.dispatcher.mu);
    return system.dispatcher.timers.remove_locked(*Timer) ? TRUE : FALSE;
}

// KeReadStateTimer: whether the timer is signalled at this moment.
//
// IRQL       <= DISPATCH_LEVEL
extern "C" BOOLEAN NTAPI KeReadStateTimer(PKTIMER Timer) {
    const owsk::Lock lock(System::current().dispatcher.mu);
    return Timer->Header.SignalState > 0 ? TRUE : FALSE;
}
