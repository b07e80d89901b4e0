// SPDX-License-Identifier: MIT
// DbgPrint and its kin: what a driver says to the kernel debugger. Each call is one probe
// `debug_print`; a thread that belongs to no machine writes to standard error.
#include <wdm.h>

#include <cstdio>

#include "nt/dbg/filter.h"
#include "nt/rtl/format.h"
#include "nt/system.h"

namespace owsk::nt::dbg {

namespace {

NTSTATUS print(const char* prefix, const char* format, OWSK_VA_LIST list) noexcept {
    rtl::StringSink sink;
    while (*prefix != 0) {
        sink.put(*prefix++);
    }
    rtl::Arguments arguments(list);
    rtl::format_text<char>(sink, format, arguments);
    if (System* const system = System::current_or_null()) {
        system->probes().debug_print({sink.text()});
    } else {
        std::fputs(sink.text().c_str(), stderr);
    }
    return STATUS_SUCCESS;
}

}  // namespace

// DbgPrint: text for the debugger. Unlike on Windows there is no limit of 512 bytes.
//
// IRQL       any
extern "C" ULONG NTAPI DbgPrint(PCSTR Format, ...) {
    OWSK_VA_LIST list;
    OWSK_VA_START(list, Format);
    const NTSTATUS status = print("", Format, list);
    OWSK_VA_END(list);
    return static_cast<ULONG>(status);
}

// DbgPrintEx: the same, if the filter lets the component and level through.
//
// IRQL       any
extern "C" ULONG NTAPI DbgPrintEx(ULONG ComponentId, ULONG Level, PCSTR Format, ...) {
    if (!is_shown(ComponentId, Level)) {
        return STATUS_SUCCESS;
    }
    OWSK_VA_LIST list;
    OWSK_VA_START(list, Format);
    const NTSTATUS status = print("", Format, list);
    OWSK_VA_END(list);
    return static_cast<ULONG>(status);
}

// vDbgPrintEx: DbgPrintEx for an argument list.
//
// IRQL       any
extern "C" ULONG NTAPI vDbgPrintEx(ULONG ComponentId,
                                   ULONG Level,
                                   PCCH Format,
                                   OWSK_VA_LIST arglist) {
    return vDbgPrintExWithPrefix("", ComponentId, Level, Format, arglist);
}

// vDbgPrintExWithPrefix: vDbgPrintEx with a text in front.
//
// IRQL       any
extern "C" ULONG NTAPI vDbgPrintExWithPrefix(
    PCCH Prefix, ULONG ComponentId, ULONG Level, PCCH Format, OWSK_VA_LIST arglist) {
    if (!is_shown(ComponentId, Level)) {
        return STATUS_SUCCESS;
    }
    return static_cast<ULONG>(print(Prefix, Format, arglist));
}

}  // namespace owsk::nt::dbg
