// SPDX-License-Identifier: MIT
// The variable arguments of an NTAPI function: its calling convention decides what a list of them
// is, so that list is System V or Microsoft by flavour. Nothing else in the project asks.
#pragma once

#include <ntdef.h>

#include <cstdarg>
#include <cstdint>

#if defined(OWSK_WIN64_ABI)
#define OWSK_VA_LIST __builtin_ms_va_list
#define OWSK_VA_START(list, last) __builtin_ms_va_start(list, last)
#define OWSK_VA_ARG(list, type) __builtin_va_arg(list, type)
// A Microsoft list is a pointer. GCC 12's __builtin_ms_va_copy takes it for a System V list when
// the function that copies is a System V function.
#define OWSK_VA_COPY(to, from) ((to) = (from))
#define OWSK_VA_END(list) __builtin_ms_va_end(list)
#else
#define OWSK_VA_LIST va_list
#define OWSK_VA_START(list, last) va_start(list, last)
#define OWSK_VA_ARG(list, type) va_arg(list, type)
#define OWSK_VA_COPY(to, from) va_copy(to, from)
#define OWSK_VA_END(list) va_end(list)
#endif

namespace owsk::nt::rtl {

// A private copy of an argument list, so that functions can share one position in it; a bare
// va_list would advance for the callee only in one flavour, and for both in the other.
class Arguments {
  public:
    explicit Arguments(OWSK_VA_LIST list) noexcept { OWSK_VA_COPY(list_, list); }
    ~Arguments() { OWSK_VA_END(list_); }
    Arguments(const Arguments&) = delete;
    Arguments& operator=(const Arguments&) = delete;

    std::int32_t next_int32() noexcept { return OWSK_VA_ARG(list_, std::int32_t); }
    std::int64_t next_int64() noexcept { return OWSK_VA_ARG(list_, std::int64_t); }
    const void* next_pointer() noexcept { return OWSK_VA_ARG(list_, const void*); }
    double next_double() noexcept { return OWSK_VA_ARG(list_, double); }

  private:
    OWSK_VA_LIST list_;
};

}  // namespace owsk::nt::rtl
