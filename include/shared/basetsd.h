/* SPDX-License-Identifier: MIT */
/* Sized and pointer-sized integer types; mirrors the WDK's shared header basetsd.h.
 *
 * The data model is the Windows one (LLP64) whatever the host's is: every 32-bit name is 32 bits
 * wide even where C `long` is 64. The pointer-sized names are the compiler's own types, so that
 * SIZE_T* and size_t* are the same type here as they are on Windows. */
#ifndef OWSK_SHARED_BASETSD_H
#define OWSK_SHARED_BASETSD_H

#ifndef __int64
#define __int64 long long
#endif
#ifndef __int32
#define __int32 int
#endif
#ifndef __int16
#define __int16 short
#endif
#ifndef __int8
#define __int8 char
#endif

#define POINTER_64
#define POINTER_32
#define FIRMWARE_PTR

typedef signed char INT8, *PINT8;
typedef short INT16, *PINT16;
typedef int INT32, *PINT32;
typedef long long INT64, *PINT64;
typedef unsigned char UINT8, *PUINT8;
typedef unsigned short UINT16, *PUINT16;
typedef unsigned int UINT32, *PUINT32;
typedef unsigned long long UINT64, *PUINT64;

typedef int LONG32, *PLONG32;
typedef unsigned int ULONG32, *PULONG32;
typedef unsigned int DWORD32, *PDWORD32;
typedef long long LONG64, *PLONG64;
typedef unsigned long long ULONG64, *PULONG64;
typedef unsigned long long DWORD64, *PDWORD64;

typedef __INTPTR_TYPE__ INT_PTR, *PINT_PTR;
typedef __UINTPTR_TYPE__ UINT_PTR, *PUINT_PTR;
typedef __INTPTR_TYPE__ LONG_PTR, *PLONG_PTR;
typedef __UINTPTR_TYPE__ ULONG_PTR, *PULONG_PTR;
typedef ULONG_PTR DWORD_PTR, *PDWORD_PTR;
typedef __SIZE_TYPE__ SIZE_T, *PSIZE_T;
typedef __INTPTR_TYPE__ SSIZE_T, *PSSIZE_T;
typedef int HALF_PTR, *PHALF_PTR;
typedef unsigned int UHALF_PTR, *PUHALF_PTR;

#define MAXUINT_PTR (~((UINT_PTR)0))
#define MAXINT_PTR ((INT_PTR)(MAXUINT_PTR >> 1))
#define MININT_PTR (~MAXINT_PTR)
#define MAXULONG_PTR (~((ULONG_PTR)0))
#define MAXLONG_PTR ((LONG_PTR)(MAXULONG_PTR >> 1))
#define MINLONG_PTR (~MAXLONG_PTR)
#define MAXSIZE_T (~((SIZE_T)0))
#define MAXSSIZE_T ((SSIZE_T)(MAXSIZE_T >> 1))
#define MINSSIZE_T (~MAXSSIZE_T)
#define MAXUINT8 ((UINT8)~((UINT8)0))
#define MAXINT8 ((INT8)(MAXUINT8 >> 1))
#define MAXUINT16 ((UINT16)~((UINT16)0))
#define MAXINT16 ((INT16)(MAXUINT16 >> 1))
#define MAXUINT32 ((UINT32)~((UINT32)0))
#define MAXINT32 ((INT32)(MAXUINT32 >> 1))
#define MAXUINT64 ((UINT64)~((UINT64)0))
#define MAXINT64 ((INT64)(MAXUINT64 >> 1))
#define MAXULONG32 ((ULONG32)~((ULONG32)0))
#define MAXULONG64 ((ULONG64)~((ULONG64)0))
#define MAXLONG64 ((LONG64)(MAXULONG64 >> 1))
#define MAXUINT ((unsigned int)~0u)
#define MAXINT ((int)(MAXUINT >> 1))

/* Truncating and extending conversions between handles, pointers and integers. */
#define HandleToULong(h) ((UINT32)(ULONG_PTR)(h))
#define HandleToLong(h) ((INT32)(LONG_PTR)(h))
#define HandleToUlong(h) HandleToULong(h)
#define ULongToHandle(ul) ((void *)(ULONG_PTR)(UINT32)(ul))
#define LongToHandle(l) ((void *)(LONG_PTR)(INT32)(l))
#define UlongToHandle(ul) ULongToHandle(ul)
#define PtrToUlong(p) ((UINT32)(ULONG_PTR)(p))
#define PtrToULong(p) PtrToUlong(p)
#define PtrToLong(p) ((INT32)(LONG_PTR)(p))
#define PtrToUint(p) ((UINT32)(ULONG_PTR)(p))
#define PtrToInt(p) ((INT32)(LONG_PTR)(p))
#define PtrToUshort(p) ((UINT16)(ULONG_PTR)(p))
#define PtrToShort(p) ((INT16)(LONG_PTR)(p))
#define UlongToPtr(ul) ((void *)(ULONG_PTR)(UINT32)(ul))
#define ULongToPtr(ul) UlongToPtr(ul)
#define LongToPtr(l) ((void *)(LONG_PTR)(INT32)(l))
#define UintToPtr(ui) ((void *)(ULONG_PTR)(UINT32)(ui))
#define IntToPtr(i) ((void *)(LONG_PTR)(INT32)(i))

#endif /* OWSK_SHARED_BASETSD_H */
