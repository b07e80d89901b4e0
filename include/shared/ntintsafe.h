/* SPDX-License-Identifier: MIT */
/* Overflow-checked integer arithmetic; mirrors the WDK's header ntintsafe.h.
 *
 * Every function stores its result and returns STATUS_SUCCESS, or stores the type's error value
 * (all ones) and returns STATUS_INTEGER_OVERFLOW. Any IRQL. */
#ifndef OWSK_SHARED_NTINTSAFE_H
#define OWSK_SHARED_NTINTSAFE_H

#include <ntdef.h>
#include <ntstatus.h>

#ifdef __cplusplus
extern "C" {
#endif

#define OWSK_INTSAFE_OP(name, type, builtin)                                                      \
  FORCEINLINE NTSTATUS name(type a, type b, type *result) {                                       \
    if (builtin(a, b, result)) {                                                                  \
      *result = (type)-1;                                                                         \
      return STATUS_INTEGER_OVERFLOW;                                                             \
    }                                                                                             \
    return STATUS_SUCCESS;                                                                        \
  }
#define OWSK_INTSAFE_TYPE(prefix, type)                                                           \
  OWSK_INTSAFE_OP(prefix##Add, type, __builtin_add_overflow)                                      \
  OWSK_INTSAFE_OP(prefix##Sub, type, __builtin_sub_overflow)                                      \
  OWSK_INTSAFE_OP(prefix##Mult, type, __builtin_mul_overflow)
#define OWSK_INTSAFE_CONVERT(name, from, to)                                                      \
  FORCEINLINE NTSTATUS name(from value, to *result) {                                             \
    if (__builtin_add_overflow(value, (from)0, result)) {                                         \
      *result = (to)-1;                                                                           \
      return STATUS_INTEGER_OVERFLOW;                                                             \
    }                                                                                             \
    return STATUS_SUCCESS;                                                                        \
  }

OWSK_INTSAFE_TYPE(RtlUInt8, UINT8)
OWSK_INTSAFE_TYPE(RtlUShort, USHORT)
OWSK_INTSAFE_TYPE(RtlUInt, UINT)
OWSK_INTSAFE_TYPE(RtlULong, ULONG)
OWSK_INTSAFE_TYPE(RtlULongLong, ULONGLONG)
OWSK_INTSAFE_TYPE(RtlULongPtr, ULONG_PTR)
OWSK_INTSAFE_TYPE(RtlSizeT, SIZE_T)
OWSK_INTSAFE_TYPE(RtlSIZET, SIZE_T)
OWSK_INTSAFE_TYPE(RtlShort, SHORT)
OWSK_INTSAFE_TYPE(RtlInt, INT)
OWSK_INTSAFE_TYPE(RtlLong, LONG)
OWSK_INTSAFE_TYPE(RtlLongLong, LONGLONG)

OWSK_INTSAFE_CONVERT(RtlIntToUShort, INT, USHORT)
OWSK_INTSAFE_CONVERT(RtlIntToUInt, INT, UINT)
OWSK_INTSAFE_CONVERT(RtlIntToULong, INT, ULONG)
OWSK_INTSAFE_CONVERT(RtlIntToSizeT, INT, SIZE_T)
OWSK_INTSAFE_CONVERT(RtlIntToUChar, INT, UCHAR)
OWSK_INTSAFE_CONVERT(RtlIntToULongLong, INT, ULONGLONG)
OWSK_INTSAFE_CONVERT(RtlLongToUShort, LONG, USHORT)
OWSK_INTSAFE_CONVERT(RtlLongToULong, LONG, ULONG)
OWSK_INTSAFE_CONVERT(RtlLongToInt, LONG, INT)
OWSK_INTSAFE_CONVERT(RtlLongToUChar, LONG, UCHAR)
OWSK_INTSAFE_CONVERT(RtlLongToSizeT, LONG, SIZE_T)
OWSK_INTSAFE_CONVERT(RtlLongToULongLong, LONG, ULONGLONG)
OWSK_INTSAFE_CONVERT(RtlLongLongToULong, LONGLONG, ULONG)
OWSK_INTSAFE_CONVERT(RtlLongLongToLong, LONGLONG, LONG)
OWSK_INTSAFE_CONVERT(RtlLongLongToULongLong, LONGLONG, ULONGLONG)
OWSK_INTSAFE_CONVERT(RtlLongLongToSizeT, LONGLONG, SIZE_T)
OWSK_INTSAFE_CONVERT(RtlLongLongToInt, LONGLONG, INT)
OWSK_INTSAFE_CONVERT(RtlLongLongToUShort, LONGLONG, USHORT)
OWSK_INTSAFE_CONVERT(RtlUShortToUChar, USHORT, UCHAR)
OWSK_INTSAFE_CONVERT(RtlUShortToShort, USHORT, SHORT)
OWSK_INTSAFE_CONVERT(RtlUShortToUInt8, USHORT, UINT8)
OWSK_INTSAFE_CONVERT(RtlUIntToUShort, UINT, USHORT)
OWSK_INTSAFE_CONVERT(RtlUIntToInt, UINT, INT)
OWSK_INTSAFE_CONVERT(RtlUIntToUChar, UINT, UCHAR)
OWSK_INTSAFE_CONVERT(RtlUIntToLong, UINT, LONG)
OWSK_INTSAFE_CONVERT(RtlULongToUShort, ULONG, USHORT)
OWSK_INTSAFE_CONVERT(RtlULongToUChar, ULONG, UCHAR)
OWSK_INTSAFE_CONVERT(RtlULongToInt, ULONG, INT)
OWSK_INTSAFE_CONVERT(RtlULongToLong, ULONG, LONG)
OWSK_INTSAFE_CONVERT(RtlULongToUInt8, ULONG, UINT8)
OWSK_INTSAFE_CONVERT(RtlULongLongToULong, ULONGLONG, ULONG)
OWSK_INTSAFE_CONVERT(RtlULongLongToUShort, ULONGLONG, USHORT)
OWSK_INTSAFE_CONVERT(RtlULongLongToLong, ULONGLONG, LONG)
OWSK_INTSAFE_CONVERT(RtlULongLongToLongLong, ULONGLONG, LONGLONG)
OWSK_INTSAFE_CONVERT(RtlULongLongToSizeT, ULONGLONG, SIZE_T)
OWSK_INTSAFE_CONVERT(RtlULongLongToUInt, ULONGLONG, UINT)
OWSK_INTSAFE_CONVERT(RtlULongLongToInt, ULONGLONG, INT)
OWSK_INTSAFE_CONVERT(RtlULongLongToULongPtr, ULONGLONG, ULONG_PTR)
OWSK_INTSAFE_CONVERT(RtlSizeTToULong, SIZE_T, ULONG)
OWSK_INTSAFE_CONVERT(RtlSizeTToUShort, SIZE_T, USHORT)
OWSK_INTSAFE_CONVERT(RtlSizeTToLong, SIZE_T, LONG)
OWSK_INTSAFE_CONVERT(RtlSizeTToUInt, SIZE_T, UINT)
OWSK_INTSAFE_CONVERT(RtlSizeTToInt, SIZE_T, INT)
OWSK_INTSAFE_CONVERT(RtlSizeTToLongLong, SIZE_T, LONGLONG)
OWSK_INTSAFE_CONVERT(RtlSIZETToULong, SIZE_T, ULONG)
OWSK_INTSAFE_CONVERT(RtlSIZETToUShort, SIZE_T, USHORT)
OWSK_INTSAFE_CONVERT(RtlSIZETToLong, SIZE_T, LONG)
OWSK_INTSAFE_CONVERT(RtlSIZETToUInt, SIZE_T, UINT)
OWSK_INTSAFE_CONVERT(RtlULongPtrToULong, ULONG_PTR, ULONG)
OWSK_INTSAFE_CONVERT(RtlULongPtrToUShort, ULONG_PTR, USHORT)
OWSK_INTSAFE_CONVERT(RtlULongPtrToLong, ULONG_PTR, LONG)

#ifdef __cplusplus
}
#endif

#endif /* OWSK_SHARED_NTINTSAFE_H */
