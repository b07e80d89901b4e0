// SPDX-License-Identifier: MIT
// The string functions of the C run time on 16-bit characters; see km/owsk_wchar.h. Case is that of
// the Rtl functions, which know no locale.
#include <owsk_wchar.h>

#include "nt/rtl/upcase.h"
#include "nt/rtl/utf.h"

namespace owsk::nt::crt {

namespace {

int compare(PCWSTR left, PCWSTR right, SIZE_T count, bool ignore_case) noexcept {
    for (; count != 0; --count, ++left, ++right) {
        const WCHAR l = ignore_case ? rtl::upcase(*left) : *left;
        const WCHAR r = ignore_case ? rtl::upcase(*right) : *right;
        if (l != r) {
            return l < r ? -1 : 1;
        }
        if (l == 0) {
            break;
        }
    }
    return 0;
}

}  // namespace

extern "C" SIZE_T NTAPI _owsk_wcslen(PCWSTR string) {
    return rtl::bounded_length(string);
}

extern "C" SIZE_T NTAPI _owsk_wcsnlen(PCWSTR string, SIZE_T count) {
    return rtl::bounded_length(string, count);
}

extern "C" PWSTR NTAPI _owsk_wcscpy(PWSTR destination, PCWSTR source) {
    PWSTR to = destination;
    while ((*to++ = *source++) != 0) {
    }
    return destination;
}

extern "C" PWSTR NTAPI _owsk_wcsncpy(PWSTR destination, PCWSTR source, SIZE_T count) {
    const SIZE_T length = rtl::bounded_length(source, count);
    for (SIZE_T i = 0; i < count; ++i) {
        destination[i] = i < length ? source[i] : 0;
    }
    return destination;
}

extern "C" PWSTR NTAPI _owsk_wcscat(PWSTR destination, PCWSTR source) {
    _owsk_wcscpy(destination + rtl::bounded_length(destination), source);
    return destination;
}

extern "C" PWSTR NTAPI _owsk_wcsncat(PWSTR destination, PCWSTR source, SIZE_T count) {
    PWSTR to = destination + rtl::bounded_length(destination);
    for (; count != 0 && *source != 0; --count) {
        *to++ = *source++;
    }
    *to = 0;
    return destination;
}

extern "C" int NTAPI _owsk_wcscmp(PCWSTR left, PCWSTR right) {
    return compare(left, right, MAXSIZE_T, false);
}

extern "C" int NTAPI _owsk_wcsncmp(PCWSTR left, PCWSTR right, SIZE_T count) {
    return compare(left, right, count, false);
}

extern "C" int NTAPI _owsk_wcsicmp(PCWSTR left, PCWSTR right) {
    return compare(left, right, MAXSIZE_T, true);
}

extern "C" int NTAPI _owsk_wcsnicmp(PCWSTR left, PCWSTR right, SIZE_T count) {
    return compare(left, right, count, true);
}

extern "C" PWSTR NTAPI _owsk_wcschr(PCWSTR string, WCHAR character) {
    for (;; ++string) {
        if (*string == character) {
            return const_cast<PWSTR>(string);
        }
        if (*string == 0) {
            return nullptr;
        }
    }
}

extern "C" PWSTR NTAPI _owsk_wcsrchr(PCWSTR string, WCHAR character) {
    PCWSTR last = nullptr;
    for (;; ++string) {
        if (*string == character) {
            last = string;
        }
        if (*string == 0) {
            return const_cast<PWSTR>(last);
        }
    }
}

extern "C" PWSTR NTAPI _owsk_wcsstr(PCWSTR string, PCWSTR part) {
    const SIZE_T length = rtl::bounded_length(part);
    for (;; ++string) {
        if (compare(string, part, length, false) == 0) {
            return const_cast<PWSTR>(string);
        }
        if (*string == 0) {
            return nullptr;
        }
    }
}

extern "C" PWSTR NTAPI _owsk_wcsupr(PWSTR string) {
    for (PWSTR unit = string; *unit != 0; ++unit) {
        *unit = rtl::upcase(*unit);
    }
    return string;
}

// As in the C locale of Windows, only ASCII letters have a lower case.
extern "C" PWSTR NTAPI _owsk_wcslwr(PWSTR string) {
    for (PWSTR unit = string; *unit != 0; ++unit) {
        if (*unit >= 'A' && *unit <= 'Z') {
            *unit = static_cast<WCHAR>(*unit - 'A' + 'a');
        }
    }
    return string;
}

}  // namespace owsk::nt::crt
