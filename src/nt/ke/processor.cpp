// SPDX-License-Identifier: MIT
// Processors: how many there are, and which of them is calling.
#include "nt/ke/processor.h"

#include <wdm.h>

#include "nt/system.h"

namespace owsk::nt::ke {

unsigned current_processor() noexcept {
    const host::Processor* const processor = System::current().host().current_processor();
    return processor != nullptr ? processor->number() : 0;
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
// Choice     threads that are no processor count as running on processor 0
extern "C" ULONG NTAPI KeGetCurrentProcessorNumberEx(PPROCESSOR_NUMBER ProcNumber) {
    const unsigned number = current_processor();
    if (ProcNumber != nullptr) {
        *ProcNumber = {};
        ProcNumber->Number = static_cast<UCHAR>(number);
    }
    return number;
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
