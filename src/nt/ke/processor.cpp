// SPDX-License-Identifier: MIT
// Processors: how many there are, and which of them is calling.
#include "nt/ke/processor.h"

#include <wdm.h>

#include <cstdint>
#include <utility>

#include "base/assert.h"
#include "base/interleave.h"
#include "nt/ps/thread.h"
#include "nt/system.h"

namespace owsk::nt::ke {

namespace {

// The one that the calling thread has entered.
constinit thread_local host::Processor* entered = nullptr;

unsigned preferred_processor(host::Host& host) noexcept {
    // Ids count by fours.
    const auto id = reinterpret_cast<std::uintptr_t>(ps::current_thread().id());
    return static_cast<unsigned>(id / 4 % host.processor_count());
}

}  // namespace

unsigned current_processor() noexcept {
    if (entered != nullptr) {
        return entered->number();
    }
    host::Host& host = System::current().host();
    const host::Processor* const processor = host.current_processor();
    return processor != nullptr ? processor->number() : preferred_processor(host);
}

void enter_processor() noexcept {
    OWSK_ASSERT(entered == nullptr && holds_no_lock());
    host::Host& host = System::current().host();
    const unsigned count = host.processor_count();
    const unsigned preferred = preferred_processor(host);
    for (unsigned i = 0; i < count; ++i) {
        host::Processor& processor = host.processor((preferred + i) % count);
        if (processor.try_enter()) {
            entered = &processor;
            return;
        }
    }
    entered = &host.processor(preferred);
    entered->enter();
}

void leave_processor() noexcept {
    std::exchange(entered, nullptr)->leave();
}

void become_processor() noexcept {
    detail::is_processor = true;
}

}  // namespace owsk::nt::ke

using namespace owsk::nt;
using namespace owsk::nt::ke;

namespace {

ULONG processor_count() noexcept {
    return System::current().host().processor_count();
}

// Groups are for machines with more than 64 processors; this one has a single group.
bool is_group(USHORT group) noexcept {
    return group == 0 || group == ALL_PROCESSOR_GROUPS;
}

KAFFINITY all_processors() noexcept {
    const ULONG count = processor_count();
    return count >= 64 ? ~KAFFINITY{0} : (KAFFINITY{1} << count) - 1;
}

}  // namespace

// KeGetCurrentProcessorNumberEx: the number of the calling processor, also as group and number.
//
// IRQL       any
// Choice     below DISPATCH_LEVEL a thread always runs on the same one, and others may be there too
extern "C" ULONG NTAPI KeGetCurrentProcessorNumberEx(PPROCESSOR_NUMBER ProcNumber) {
    const unsigned number = current_processor();
    if (ProcNumber != nullptr) {
        *ProcNumber = {};
        ProcNumber->Number = static_cast<UCHAR>(number);
    }
    return number;
}

// KeGetCurrentProcessorNumber: the number of the calling processor in its group.
//
// IRQL       any
extern "C" ULONG NTAPI KeGetCurrentProcessorNumber(VOID) {
    return current_processor();
}

// KeGetCurrentProcessorIndex: the same, counted over all groups.
//
// IRQL       any
extern "C" ULONG NTAPI KeGetCurrentProcessorIndex(VOID) {
    return current_processor();
}

// KeQueryActiveProcessorCount: how many processors there are, and a bit for each.
//
// IRQL       any
extern "C" ULONG NTAPI KeQueryActiveProcessorCount(PKAFFINITY ActiveProcessors) {
    if (ActiveProcessors != nullptr) {
        *ActiveProcessors = all_processors();
    }
    return processor_count();
}

// KeQueryActiveProcessorCountEx: how many processors a group has; 0 for a group that is not there.
//
// IRQL       any
extern "C" ULONG NTAPI KeQueryActiveProcessorCountEx(USHORT GroupNumber) {
    return is_group(GroupNumber) ? processor_count() : 0;
}

// KeQueryMaximumProcessorCountEx: how many processors a group can have.
//
// IRQL       any
extern "C" ULONG NTAPI KeQueryMaximumProcessorCountEx(USHORT GroupNumber) {
    return is_group(GroupNumber) ? processor_count() : 0;
}

// KeGetProcessorNumberFromIndex: an index as group and number.
//
// IRQL       any
extern "C" NTSTATUS NTAPI KeGetProcessorNumberFromIndex(ULONG ProcIndex,
                                                        PPROCESSOR_NUMBER ProcNumber) {
    if (ProcIndex >= processor_count()) {
        return STATUS_INVALID_PARAMETER;
    }
    *ProcNumber = {};
    ProcNumber->Number = static_cast<UCHAR>(ProcIndex);
    return STATUS_SUCCESS;
}
