// SPDX-License-Identifier: MIT
// The clocks of Windows, made of the host's.
#include "nt/ke/time.h"

#include <algorithm>

#include "base/interleave.h"
#include "nt/ke/bug_check.h"
#include "nt/ke/spin_lock.h"
#include "nt/system.h"

namespace owsk::nt::ke {

namespace {

using Units = std::chrono::duration<std::int64_t, std::ratio<1, 10'000'000>>;  // 100 ns

constexpr ULONGLONG tick = 156'250;  // the 15.625 ms between two clock interrupts

host::Clock& machine_clock() noexcept {
    return System::current().host().clock();
}

// For a driver that asks for the time, perhaps in a loop that waits for it to pass.
host::Clock& asked_clock() noexcept {
    pass(Point::clock);
    return machine_clock();
}

}  // namespace

Instant instant_of(host::Clock& clock, LONGLONG due) noexcept {
    constexpr LONGLONG century = Units(std::chrono::hours(100 * 365 * 24)).count();
    const LONGLONG from_now = due < 0 ? -std::max(due, -century)
                                      : std::clamp<LONGLONG>(due - clock.system_time(), 0, century);
    return clock.now() + Units(from_now);
}

ULONGLONG interrupt_time(host::Clock& clock) noexcept {
    return static_cast<ULONGLONG>(
        std::chrono::floor<Units>(clock.now().time_since_epoch()).count());
}

}  // namespace owsk::nt::ke

using namespace owsk::nt::ke;

// KeQuerySystemTime: 100 ns units since 1601-01-01 UTC.
//
// IRQL       any
extern "C" VOID NTAPI KeQuerySystemTime(PLARGE_INTEGER CurrentTime) {
    CurrentTime->QuadPart = asked_clock().system_time();
}

// KeQuerySystemTimePrecise: the same; here both are as precise as the host's clock.
//
// IRQL       any
extern "C" VOID NTAPI KeQuerySystemTimePrecise(PLARGE_INTEGER CurrentTime) {
    CurrentTime->QuadPart = asked_clock().system_time();
}

// KeQueryInterruptTime: 100 ns units since the machine's clock began.
//
// IRQL       any
extern "C" ULONGLONG NTAPI KeQueryInterruptTime(VOID) {
    return interrupt_time(asked_clock());
}

// KeQueryTickCount: clock interrupts since the machine's clock began.
//
// IRQL       any
extern "C" VOID NTAPI KeQueryTickCount(PLARGE_INTEGER CurrentCount) {
    CurrentCount->QuadPart = static_cast<LONGLONG>(interrupt_time(asked_clock()) / tick);
}

// KeQueryTimeIncrement: 100 ns units between two clock interrupts.
//
// IRQL       any
extern "C" ULONG NTAPI KeQueryTimeIncrement(VOID) {
    return static_cast<ULONG>(tick);
}

// KeQueryPerformanceCounter: a counter of 10 MHz, as on Windows 10 and later.
//
// IRQL       any
extern "C" LARGE_INTEGER NTAPI KeQueryPerformanceCounter(PLARGE_INTEGER PerformanceFrequency) {
    if (PerformanceFrequency != nullptr) {
        PerformanceFrequency->QuadPart = 10'000'000;
    }
    LARGE_INTEGER counter;
    counter.QuadPart = static_cast<LONGLONG>(interrupt_time(asked_clock()));
    return counter;
}

// KeStallExecutionProcessor: keep the thread busy for so long.
//
// IRQL       any
extern "C" VOID NTAPI KeStallExecutionProcessor(ULONG MicroSeconds) {
    const owsk::Instant end = machine_clock().now() + std::chrono::microseconds(MicroSeconds);
    for (unsigned round = 0; machine_clock().now() < end; ++round) {
        spin_pause(round);
    }
}
