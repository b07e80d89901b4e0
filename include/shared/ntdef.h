/* SPDX-License-Identifier: MIT */
/* Basic NT types and macros; mirrors the WDK's shared header ntdef.h. */
#ifndef OWSK_SHARED_NTDEF_H
#define OWSK_SHARED_NTDEF_H
#define _NTDEF_

#include <stddef.h>

#include <sal.h>
#include <basetsd.h>
#include <guiddef.h>
#include <sdkddkver.h>

/* ---- Compiler adaptation -------------------------------------------------------------------- */

/* Compilers for a Windows target (_WIN32 defined) know these words; others get them from here.
 * Calling-convention keywords mean nothing on x64, and plain functions stay plain: only NTAPI and
 * the names defined from it carry the calling convention of the build flavour. */
#ifndef _WIN32
#undef __declspec
#define __declspec(x) __attribute__((OWSK_DECLSPEC_##x))
#define OWSK_DECLSPEC_align __aligned__
#define OWSK_DECLSPEC_allocate(section)
#define OWSK_DECLSPEC_code_seg(section)
#define OWSK_DECLSPEC_deprecated __deprecated__
#define OWSK_DECLSPEC_dllexport __visibility__("default")
#define OWSK_DECLSPEC_dllimport
#define OWSK_DECLSPEC_empty_bases
#define OWSK_DECLSPEC_guard(x)
#define OWSK_DECLSPEC_naked __naked__
#define OWSK_DECLSPEC_noalias
#define OWSK_DECLSPEC_noinline __noinline__
#define OWSK_DECLSPEC_noreturn __noreturn__
#define OWSK_DECLSPEC_nothrow __nothrow__
#define OWSK_DECLSPEC_novtable
#define OWSK_DECLSPEC_restrict
#define OWSK_DECLSPEC_safebuffers
#define OWSK_DECLSPEC_selectany __weak__
#define OWSK_DECLSPEC_uuid(x)
#undef __forceinline
#define __forceinline __inline__ __attribute__((__always_inline__))
#ifndef __cdecl
#define __cdecl
#endif
#ifndef __stdcall
#define __stdcall
#endif
#ifndef __fastcall
#define __fastcall
#endif
#ifndef __vectorcall
#define __vectorcall
#endif
#ifndef __unaligned
#define __unaligned
#endif
#ifndef __ptr64
#define __ptr64
#endif
#ifndef __ptr32
#define __ptr32
#endif
#ifndef __w64
#define __w64
#endif
#else
#ifndef __unaligned
#define __unaligned
#endif
#endif /* _WIN32 */

/* Calling convention of every kernel function, callback and dispatch-table member. The default
 * flavour uses the host's own; with OWSK_WIN64_ABI it is the Windows x64 convention. */
#ifndef NTAPI
#if defined(OWSK_WIN64_ABI) && !defined(_WIN32)
#define NTAPI __attribute__((ms_abi))
#else
#define NTAPI
#endif
#endif
#define FASTCALL NTAPI
#define CALLBACK NTAPI

/* Tells the loader of which flavour a module is, however it was built: a call with the other
 * convention would pass its arguments where nobody looks for them. */
#ifndef _WIN32
#ifdef OWSK_WIN64_ABI
#define OWSK_FLAVOUR_MARK owsk_module_of_flavour_win64
#else
#define OWSK_FLAVOUR_MARK owsk_module_of_flavour_native
#endif
#ifdef __cplusplus
extern "C" {
#endif
__attribute__((weak, used, visibility("default"))) char OWSK_FLAVOUR_MARK = 1;
#ifdef __cplusplus
}
#endif
#endif

#define DECLSPEC_IMPORT
#ifdef _WIN32
#define DECLSPEC_EXPORT
#else
#define DECLSPEC_EXPORT __attribute__((visibility("default")))
#endif
#define NTSYSAPI DECLSPEC_EXPORT
#define NTSYSCALLAPI DECLSPEC_EXPORT
#define NTKERNELAPI DECLSPEC_EXPORT
#define NTHALAPI DECLSPEC_EXPORT

#define DECLSPEC_ALIGN(x) __attribute__((aligned(x)))
#define DECLSPEC_CACHEALIGN DECLSPEC_ALIGN(64)
#define SYSTEM_CACHE_ALIGNMENT_SIZE 64
#define DECLSPEC_NORETURN __attribute__((noreturn))
#define DECLSPEC_NOINLINE __attribute__((noinline))
#define DECLSPEC_NOTHROW __attribute__((nothrow))
#define DECLSPEC_SELECTANY __attribute__((weak))
#define DECLSPEC_NOVTABLE
#define DECLSPEC_DEPRECATED
#define DECLSPEC_DEPRECATED_DDK
#define DECLSPEC_ADDRSAFE
#define FORCEINLINE __forceinline
#define CFORCEINLINE FORCEINLINE
#define UNALIGNED __unaligned
#define RESTRICTED_POINTER __restrict
#define MAX_NATURAL_ALIGNMENT sizeof(ULONGLONG)
#define MEMORY_ALLOCATION_ALIGNMENT 16
#ifdef __cplusplus
#define TYPE_ALIGNMENT(t) alignof(t)
#else
#define TYPE_ALIGNMENT(t) _Alignof(t)
#endif

#ifndef EXTERN_C
#ifdef __cplusplus
#define EXTERN_C extern "C"
#else
#define EXTERN_C extern
#endif
#endif
#ifdef __cplusplus
#define EXTERN_C_START extern "C" {
#define EXTERN_C_END }
#else
#define EXTERN_C_START
#define EXTERN_C_END
#endif

#ifdef __cplusplus
#define C_ASSERT(e) static_assert(e, #e)
#else
#define C_ASSERT(e) _Static_assert(e, #e)
#endif

#ifdef __cplusplus
static_assert(sizeof(wchar_t) == 2, "WCHAR is 16 bits wide: compile with -fshort-wchar");
static_assert(sizeof(void *) == 8, "openwsk supports 64-bit targets only");
#else
_Static_assert(sizeof(wchar_t) == 2, "WCHAR is 16 bits wide: compile with -fshort-wchar");
_Static_assert(sizeof(void *) == 8, "openwsk supports 64-bit targets only");
#endif

#ifndef CONST
#define CONST const
#endif
#ifndef IN
#define IN
#endif
#ifndef OUT
#define OUT
#endif
#ifndef OPTIONAL
#define OPTIONAL
#endif
#define CRITICAL
#define ANYSIZE_ARRAY 1
#define _ANONYMOUS_UNION
#define _ANONYMOUS_STRUCT
#define DUMMYUNIONNAME
#define DUMMYUNIONNAME2
#define DUMMYUNIONNAME3
#define DUMMYSTRUCTNAME
#define DUMMYSTRUCTNAME2

/* ---- Integer and character types ------------------------------------------------------------ */

#ifndef VOID
#define VOID void
#endif
typedef void *PVOID, *LPVOID;
typedef const void *PCVOID, *LPCVOID;

typedef char CHAR, *PCHAR;
typedef signed char SCHAR, *PSCHAR;
typedef unsigned char UCHAR, *PUCHAR;
typedef char CCHAR, *PCCHAR;
typedef short SHORT, *PSHORT;
typedef unsigned short USHORT, *PUSHORT;
typedef short CSHORT, *PCSHORT;
typedef int INT, *PINT, *LPINT;
typedef unsigned int UINT, *PUINT, *LPUINT;
/* LONG is always 32 bits; it is C `long` only on targets where that has the Windows width. */
#if __SIZEOF_LONG__ == 4
typedef long LONG, *PLONG, *LPLONG;
typedef unsigned long ULONG, *PULONG;
typedef unsigned long DWORD, *PDWORD, *LPDWORD;
#else
typedef int LONG, *PLONG, *LPLONG;
typedef unsigned int ULONG, *PULONG;
typedef unsigned int DWORD, *PDWORD, *LPDWORD;
#endif
typedef long long LONGLONG, *PLONGLONG;
typedef unsigned long long ULONGLONG, *PULONGLONG;
typedef unsigned long long DWORDLONG, *PDWORDLONG;
typedef unsigned char BYTE, *PBYTE, *LPBYTE;
typedef unsigned short WORD, *PWORD, *LPWORD;
typedef int BOOL, *PBOOL, *LPBOOL;
typedef float FLOAT, *PFLOAT;
typedef double DOUBLE;
typedef UCHAR BOOLEAN, *PBOOLEAN;
typedef ULONG LOGICAL, *PLOGICAL;
typedef LONGLONG USN;
typedef ULONG CLONG, *PCLONG;
typedef UCHAR FCHAR;
typedef USHORT FSHORT;
typedef ULONG FLONG;
typedef ULONG LCID, *PLCID;
typedef USHORT LANGID;

typedef const UCHAR *PCUCHAR;
typedef const USHORT *PCUSHORT;
typedef const ULONG *PCULONG;

#ifndef TRUE
#define TRUE 1
#endif
#ifndef FALSE
#define FALSE 0
#endif

typedef CHAR *PCH, *LPCH, *PNZCH;
typedef const CHAR *PCCH, *LPCCH, *PCNZCH;
typedef CHAR *PSTR, *LPSTR, *NPSTR, *PSZ, *PZZSTR;
typedef const CHAR *PCSTR, *LPCSTR, *PCSZ, *PCZZSTR;

typedef wchar_t WCHAR, *PWCHAR, *PWCH, *LPWCH;
typedef const WCHAR *PCWCH, *LPCWCH, *LPCWCHAR, *PCWCHAR;
typedef WCHAR *PWSTR, *LPWSTR, *NWPSTR, *PNZWCH, *PZZWSTR;
typedef const WCHAR *PCWSTR, *LPCWSTR, *PCNZWCH, *PCZZWSTR;
typedef PWSTR *PZPWSTR;
typedef PCWSTR *PZPCWSTR;
typedef WCHAR UNALIGNED *LPUWSTR, *PUWSTR;
typedef const WCHAR UNALIGNED *LPCUWSTR, *PCUWSTR;

#ifdef UNICODE
typedef WCHAR TCHAR, *PTCHAR, *PTSTR, *LPTSTR;
typedef const WCHAR *LPCTSTR, *PCTSTR;
#define __TEXT(quote) L##quote
#else
typedef CHAR TCHAR, *PTCHAR, *PTSTR, *LPTSTR;
typedef const CHAR *LPCTSTR, *PCTSTR;
#define __TEXT(quote) quote
#endif
#ifndef TEXT
#define TEXT(quote) __TEXT(quote)
#endif

#define ANSI_NULL ((CHAR)0)
#define UNICODE_NULL ((WCHAR)0)
#define UNICODE_STRING_MAX_BYTES ((USHORT)65534)
#define UNICODE_STRING_MAX_CHARS (32767)

#define MINCHAR 0x80
#define MAXCHAR 0x7f
#define MAXUCHAR 0xff
#define MINSHORT 0x8000
#define MAXSHORT 0x7fff
#define MAXUSHORT 0xffff
#define MINLONG 0x80000000
#define MAXLONG 0x7fffffff
#define MAXULONG 0xffffffff
#define MAXLONGLONG (0x7fffffffffffffffLL)
#define MAXULONGLONG (0xffffffffffffffffULL)

/* ---- Handles and status --------------------------------------------------------------------- */

typedef void *HANDLE;
typedef HANDLE *PHANDLE;
#define DECLARE_HANDLE(name)                                                                      \
  struct name##__ {                                                                               \
    int unused;                                                                                   \
  };                                                                                              \
  typedef struct name##__ *name

typedef LONG NTSTATUS;
typedef NTSTATUS *PNTSTATUS;

#define NT_SUCCESS(Status) (((NTSTATUS)(Status)) >= 0)
#define NT_INFORMATION(Status) ((((ULONG)(Status)) >> 30) == 1)
#define NT_WARNING(Status) ((((ULONG)(Status)) >> 30) == 2)
#define NT_ERROR(Status) ((((ULONG)(Status)) >> 30) == 3)
#define APPLICATION_ERROR_MASK 0x20000000
#define ERROR_SEVERITY_SUCCESS 0x00000000
#define ERROR_SEVERITY_INFORMATIONAL 0x40000000
#define ERROR_SEVERITY_WARNING 0x80000000
#define ERROR_SEVERITY_ERROR 0xC0000000

typedef UCHAR KIRQL, *PKIRQL;
typedef LONG KPRIORITY;

/* ---- 64-bit values -------------------------------------------------------------------------- */

typedef union _LARGE_INTEGER {
  struct {
    ULONG LowPart;
    LONG HighPart;
  };
  struct {
    ULONG LowPart;
    LONG HighPart;
  } u;
  LONGLONG QuadPart;
} LARGE_INTEGER, *PLARGE_INTEGER;

typedef union _ULARGE_INTEGER {
  struct {
    ULONG LowPart;
    ULONG HighPart;
  };
  struct {
    ULONG LowPart;
    ULONG HighPart;
  } u;
  ULONGLONG QuadPart;
} ULARGE_INTEGER, *PULARGE_INTEGER;

typedef LARGE_INTEGER PHYSICAL_ADDRESS, *PPHYSICAL_ADDRESS;

typedef struct _LUID {
  ULONG LowPart;
  LONG HighPart;
} LUID, *PLUID;

C_ASSERT(sizeof(LARGE_INTEGER) == 8 && TYPE_ALIGNMENT(LARGE_INTEGER) == 8);
C_ASSERT(offsetof(LARGE_INTEGER, HighPart) == 4 && offsetof(LARGE_INTEGER, u.HighPart) == 4);
C_ASSERT(sizeof(ULARGE_INTEGER) == 8 && offsetof(ULARGE_INTEGER, HighPart) == 4);
C_ASSERT(sizeof(LUID) == 8 && TYPE_ALIGNMENT(LUID) == 4 && offsetof(LUID, HighPart) == 4);

/* ---- Lists ---------------------------------------------------------------------------------- */

typedef struct _LIST_ENTRY {
  struct _LIST_ENTRY *Flink;
  struct _LIST_ENTRY *Blink;
} LIST_ENTRY, *PLIST_ENTRY, *RESTRICTED_POINTER PRLIST_ENTRY;

typedef struct _SINGLE_LIST_ENTRY {
  struct _SINGLE_LIST_ENTRY *Next;
} SINGLE_LIST_ENTRY, *PSINGLE_LIST_ENTRY;

C_ASSERT(sizeof(LIST_ENTRY) == 16 && offsetof(LIST_ENTRY, Blink) == 8);
C_ASSERT(sizeof(SINGLE_LIST_ENTRY) == 8);

/* ---- Counted strings ------------------------------------------------------------------------ */

typedef struct _STRING {
  USHORT Length;        /* bytes in use, without a terminator */
  USHORT MaximumLength; /* bytes available at Buffer */
  PCHAR Buffer;
} STRING, *PSTRING;
typedef STRING ANSI_STRING, OEM_STRING, UTF8_STRING;
typedef PSTRING PANSI_STRING, POEM_STRING, PUTF8_STRING;
typedef const STRING *PCANSI_STRING, *PCOEM_STRING, *PCUTF8_STRING;

typedef struct _CSTRING {
  USHORT Length;
  USHORT MaximumLength;
  const char *Buffer;
} CSTRING, *PCSTRING;
typedef STRING CANSI_STRING;

typedef struct _UNICODE_STRING {
  USHORT Length;        /* bytes in use, without a terminator */
  USHORT MaximumLength; /* bytes available at Buffer */
  PWCH Buffer;
} UNICODE_STRING, *PUNICODE_STRING;
typedef const UNICODE_STRING *PCUNICODE_STRING;

C_ASSERT(sizeof(STRING) == 16 && offsetof(STRING, MaximumLength) == 2);
C_ASSERT(offsetof(STRING, Buffer) == 8);
C_ASSERT(sizeof(UNICODE_STRING) == 16 && offsetof(UNICODE_STRING, MaximumLength) == 2);
C_ASSERT(offsetof(UNICODE_STRING, Buffer) == 8);

#ifdef __cplusplus
/* Gives RTL_CONSTANT_STRING the non-const element pointer that the structures want. */
extern "C++" {
template <class Char, decltype(sizeof(0)) Count>
constexpr Char *OwskConstantStringBuffer(const Char (&text)[Count]) {
  return const_cast<Char *>(&text[0]);
}
}
#define OWSK_CONSTANT_STRING_BUFFER(s) OwskConstantStringBuffer(s)
#else
#define OWSK_CONSTANT_STRING_BUFFER(s) ((void *)(s))
#endif
#define RTL_CONSTANT_STRING(s)                                                                    \
  { sizeof(s) - sizeof((s)[0]), sizeof(s), OWSK_CONSTANT_STRING_BUFFER(s) }

#define DECLARE_CONST_UNICODE_STRING(_var, _string)                                               \
  const WCHAR _var##_buffer[] = _string;                                                          \
  const UNICODE_STRING _var = {sizeof(_string) - sizeof(WCHAR), sizeof(_string),                  \
                               (PWCH)_var##_buffer}
#define DECLARE_GLOBAL_CONST_UNICODE_STRING(_var, _str)                                           \
  EXTERN_C const UNICODE_STRING _var DECLSPEC_SELECTANY;                                          \
  const UNICODE_STRING _var = RTL_CONSTANT_STRING(_str)
#define DECLARE_STATIC_CONST_UNICODE_STRING(_var, _string)                                        \
  static const WCHAR _var##_buffer[] = _string;                                                   \
  static const UNICODE_STRING _var = {sizeof(_string) - sizeof(WCHAR), sizeof(_string),           \
                                      (PWCH)_var##_buffer}
#define DECLARE_UNICODE_STRING_SIZE(_var, _size)                                                  \
  WCHAR _var##_buffer[_size];                                                                     \
  UNICODE_STRING _var = {0, (_size) * sizeof(WCHAR), _var##_buffer}

/* ---- Object attributes ---------------------------------------------------------------------- */

#define OBJ_HANDLE_TAGBITS 0x00000003
#define OBJ_PROTECT_CLOSE 0x00000001
#define OBJ_INHERIT 0x00000002
#define OBJ_AUDIT_OBJECT_CLOSE 0x00000004
#define OBJ_PERMANENT 0x00000010
#define OBJ_EXCLUSIVE 0x00000020
#define OBJ_CASE_INSENSITIVE 0x00000040
#define OBJ_OPENIF 0x00000080
#define OBJ_OPENLINK 0x00000100
#define OBJ_KERNEL_HANDLE 0x00000200
#define OBJ_FORCE_ACCESS_CHECK 0x00000400
#define OBJ_IGNORE_IMPERSONATED_DEVICEMAP 0x00000800
#define OBJ_DONT_REPARSE 0x00001000
#define OBJ_VALID_ATTRIBUTES 0x00001FF2

typedef struct _OBJECT_ATTRIBUTES {
  ULONG Length;
  HANDLE RootDirectory;
  PUNICODE_STRING ObjectName;
  ULONG Attributes;
  PVOID SecurityDescriptor;
  PVOID SecurityQualityOfService;
} OBJECT_ATTRIBUTES, *POBJECT_ATTRIBUTES;
typedef const OBJECT_ATTRIBUTES *PCOBJECT_ATTRIBUTES;

C_ASSERT(sizeof(OBJECT_ATTRIBUTES) == 0x30);
C_ASSERT(offsetof(OBJECT_ATTRIBUTES, RootDirectory) == 0x08);
C_ASSERT(offsetof(OBJECT_ATTRIBUTES, ObjectName) == 0x10);
C_ASSERT(offsetof(OBJECT_ATTRIBUTES, Attributes) == 0x18);
C_ASSERT(offsetof(OBJECT_ATTRIBUTES, SecurityDescriptor) == 0x20);
C_ASSERT(offsetof(OBJECT_ATTRIBUTES, SecurityQualityOfService) == 0x28);

#define InitializeObjectAttributes(p, n, a, r, s)                                                 \
  do {                                                                                            \
    (p)->Length = sizeof(OBJECT_ATTRIBUTES);                                                      \
    (p)->RootDirectory = (r);                                                                     \
    (p)->Attributes = (a);                                                                        \
    (p)->ObjectName = (n);                                                                        \
    (p)->SecurityDescriptor = (s);                                                                \
    (p)->SecurityQualityOfService = NULL;                                                         \
  } while (0)
#ifdef __cplusplus
#define RTL_CONSTANT_OBJECT_ATTRIBUTES(n, a)                                                      \
  { sizeof(OBJECT_ATTRIBUTES), NULL, const_cast<PUNICODE_STRING>(n), (a), NULL, NULL }
#else
#define RTL_CONSTANT_OBJECT_ATTRIBUTES(n, a)                                                      \
  { sizeof(OBJECT_ATTRIBUTES), NULL, (PUNICODE_STRING)(n), (a), NULL, NULL }
#endif

/* ---- Structure and array helpers ------------------------------------------------------------ */

#define FIELD_OFFSET(type, field) ((LONG)__builtin_offsetof(type, field))
#define UFIELD_OFFSET(type, field) ((ULONG)__builtin_offsetof(type, field))
#define RTL_FIELD_SIZE(type, field) (sizeof(((type *)0)->field))
#define RTL_SIZEOF_THROUGH_FIELD(type, field)                                                     \
  (FIELD_OFFSET(type, field) + RTL_FIELD_SIZE(type, field))
#define RTL_CONTAINS_FIELD(Struct, Size, Field)                                                   \
  ((((PCHAR)(&(Struct)->Field)) + sizeof((Struct)->Field)) <= (((PCHAR)(Struct)) + (Size)))
#define CONTAINING_RECORD(address, type, field)                                                   \
  ((type *)((PCHAR)(address) - (ULONG_PTR)__builtin_offsetof(type, field)))
#define RTL_NUMBER_OF_V1(A) (sizeof(A) / sizeof((A)[0]))
#define RTL_NUMBER_OF_V2(A) RTL_NUMBER_OF_V1(A)
#define RTL_NUMBER_OF(A) RTL_NUMBER_OF_V1(A)
#ifndef ARRAYSIZE
#define ARRAYSIZE(A) RTL_NUMBER_OF_V2(A)
#endif
#ifndef _countof
#define _countof(A) RTL_NUMBER_OF_V2(A)
#endif
#define _ARRAYSIZE(A) RTL_NUMBER_OF_V1(A)
#define RTL_NUMBER_OF_FIELD(type, field) (RTL_NUMBER_OF(((type *)0)->field))
#define RTL_BITS_OF(sizeOfArg) (sizeof(sizeOfArg) * 8)
#define RTL_BITS_OF_FIELD(type, field) (RTL_BITS_OF(((type *)0)->field))

#define UNREFERENCED_PARAMETER(P) ((void)(P))
#define DBG_UNREFERENCED_PARAMETER(P) ((void)(P))
#define DBG_UNREFERENCED_LOCAL_VARIABLE(V) ((void)(V))
#define DEFAULT_UNREACHABLE                                                                       \
  default:                                                                                        \
    __builtin_unreachable()

#define Int32x32To64(a, b) (((LONGLONG)((LONG)(a))) * ((LONGLONG)((LONG)(b))))
#define UInt32x32To64(a, b) (((ULONGLONG)((ULONG)(a))) * ((ULONGLONG)((ULONG)(b))))
#define Int64ShllMod32(a, b) ((ULONGLONG)(a) << (b))
#define Int64ShraMod32(a, b) ((LONGLONG)(a) >> (b))
#define Int64ShrlMod32(a, b) ((ULONGLONG)(a) >> (b))

#ifdef __cplusplus
#define DEFINE_ENUM_FLAG_OPERATORS(T)                                                             \
  extern "C++" {                                                                                  \
  constexpr T operator|(T a, T b) { return T((unsigned int)a | (unsigned int)b); }                \
  constexpr T operator&(T a, T b) { return T((unsigned int)a & (unsigned int)b); }                \
  constexpr T operator^(T a, T b) { return T((unsigned int)a ^ (unsigned int)b); }                \
  constexpr T operator~(T a) { return T(~(unsigned int)a); }                                      \
  inline T &operator|=(T &a, T b) { return a = a | b; }                                           \
  inline T &operator&=(T &a, T b) { return a = a & b; }                                           \
  inline T &operator^=(T &a, T b) { return a = a ^ b; }                                           \
  }
#else
#define DEFINE_ENUM_FLAG_OPERATORS(T)
#endif

#endif /* OWSK_SHARED_NTDEF_H */
