// SPDX-License-Identifier: MIT
// The memory functions that are functions on Windows too, not names of memcpy and memset.
#include <wdm.h>

#include <cstddef>

namespace owsk::nt::rtl {

// RtlCompareMemory: the number of bytes that are equal before the first that differs.
//
// IRQL       any
extern "C" SIZE_T NTAPI RtlCompareMemory(const VOID* Source1, const VOID* Source2, SIZE_T Length) {
    const auto* const left = static_cast<const UCHAR*>(Source1);
    const auto* const right = static_cast<const UCHAR*>(Source2);
    SIZE_T equal = 0;
    while (equal < Length && left[equal] == right[equal]) {
        ++equal;
    }
    return equal;
}

}  // namespace owsk::nt::rtl
