// SPDX-License-Identifier: MIT
// The formatting functions of the Microsoft run time that glibc lacks, or has for 32-bit
// characters.
#include <owsk_wchar.h>

#include "nt/rtl/format.h"

namespace owsk::nt::crt {

namespace {

// The text's length, or -1 if it does not fit; a NUL follows where there is room for one.
template <typename Char>
int print(Char* buffer, SIZE_T count, const Char* format, OWSK_VA_LIST list) noexcept {
    rtl::BufferSink<Char> sink(buffer, count);
    rtl::Arguments arguments(list);
    rtl::format_text<Char>(sink, format, arguments);
    if (sink.length() < count) {
        buffer[sink.length()] = 0;
    }
    return sink.overflowed() ? -1 : static_cast<int>(sink.length());
}

// The same with a NUL in any case.
template <typename Char>
int print_terminated(Char* buffer, SIZE_T count, const Char* format, OWSK_VA_LIST list) noexcept {
    if (count == 0) {
        return -1;
    }
    const int length = print(buffer, count, format, list);
    const bool full = length == static_cast<int>(count);
    buffer[count - 1] = length < 0 || full ? Char{0} : buffer[count - 1];
    return full ? -1 : length;
}

}  // namespace

extern "C" int NTAPI _vsnprintf(PSTR buffer, SIZE_T count, PCSTR format, OWSK_VA_LIST arguments) {
    return print(buffer, count, format, arguments);
}

extern "C" int NTAPI _vsnwprintf(PWSTR buffer,
                                 SIZE_T count,
                                 PCWSTR format,
                                 OWSK_VA_LIST arguments) {
    return print(buffer, count, format, arguments);
}

extern "C" int NTAPI _owsk_vswprintf(PWSTR buffer,
                                     SIZE_T count,
                                     PCWSTR format,
                                     OWSK_VA_LIST arguments) {
    return print_terminated(buffer, count, format, arguments);
}

extern "C" int NTAPI _snprintf(PSTR buffer, SIZE_T count, PCSTR format, ...) {
    OWSK_VA_LIST list;
    OWSK_VA_START(list, format);
    const int length = print(buffer, count, format, list);
    OWSK_VA_END(list);
    return length;
}

extern "C" int NTAPI _snwprintf(PWSTR buffer, SIZE_T count, PCWSTR format, ...) {
    OWSK_VA_LIST list;
    OWSK_VA_START(list, format);
    const int length = print(buffer, count, format, list);
    OWSK_VA_END(list);
    return length;
}

extern "C" int NTAPI _owsk_swprintf(PWSTR buffer, SIZE_T count, PCWSTR format, ...) {
    OWSK_VA_LIST list;
    OWSK_VA_START(list, format);
    const int length = print_terminated(buffer, count, format, list);
    OWSK_VA_END(list);
    return length;
}

}  // namespace owsk::nt::crt
