/* SPDX-License-Identifier: MIT */
/* GUID type, DEFINE_GUID and GUID comparison; mirrors the WDK's shared header guiddef.h. */
#ifndef OWSK_SHARED_GUIDDEF_H
#define OWSK_SHARED_GUIDDEF_H

#ifndef EXTERN_C
#ifdef __cplusplus
#define EXTERN_C extern "C"
#else
#define EXTERN_C extern
#endif
#endif

#ifndef GUID_DEFINED
#define GUID_DEFINED
typedef struct _GUID {
#if __SIZEOF_LONG__ == 4
  unsigned long Data1;
#else
  unsigned int Data1;
#endif
  unsigned short Data2;
  unsigned short Data3;
  unsigned char Data4[8];
} GUID;
#endif

typedef GUID *LPGUID;
typedef const GUID *LPCGUID;
typedef GUID IID, *LPIID;
typedef GUID CLSID, *LPCLSID;
typedef GUID FMTID, *LPFMTID;

#ifdef __cplusplus
#define REFGUID const GUID &
#define REFIID const IID &
#define REFCLSID const CLSID &
#define REFFMTID const FMTID &
#else
#define REFGUID const GUID *const
#define REFIID const IID *const
#define REFCLSID const CLSID *const
#define REFFMTID const FMTID *const
#endif

#endif /* OWSK_SHARED_GUIDDEF_H */

/* DEFINE_GUID declares a GUID; a source file that defines INITGUID before including the header
 * with the DEFINE_GUID lines also gets the definition (weak, so that several files may do so).
 * As in the WDK, this part is evaluated at every inclusion: INITGUID may be set late. */
#undef DEFINE_GUID
#ifdef INITGUID
#define DEFINE_GUID(name, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8)                              \
  EXTERN_C const GUID name __attribute__((weak));                                                 \
  const GUID name = {l, w1, w2, {b1, b2, b3, b4, b5, b6, b7, b8}}
#else
#define DEFINE_GUID(name, l, w1, w2, b1, b2, b3, b4, b5, b6, b7, b8) EXTERN_C const GUID name
#endif

#ifndef OWSK_SHARED_GUIDDEF_COMPARE
#define OWSK_SHARED_GUIDDEF_COMPARE
#ifdef __cplusplus
extern "C++" {
inline int IsEqualGUID(const GUID &a, const GUID &b) {
  return __builtin_memcmp(&a, &b, sizeof(GUID)) == 0;
}
inline int InlineIsEqualGUID(const GUID &a, const GUID &b) { return IsEqualGUID(a, b); }
#ifndef _SYS_GUID_OPERATOR_EQ_
#define _SYS_GUID_OPERATOR_EQ_
inline bool operator==(const GUID &a, const GUID &b) { return IsEqualGUID(a, b) != 0; }
inline bool operator!=(const GUID &a, const GUID &b) { return IsEqualGUID(a, b) == 0; }
#endif
}
static_assert(sizeof(GUID) == 16 && alignof(GUID) == 4, "GUID layout");
#else
#define IsEqualGUID(a, b) (__builtin_memcmp((a), (b), sizeof(GUID)) == 0)
#define InlineIsEqualGUID(a, b) IsEqualGUID(a, b)
_Static_assert(sizeof(GUID) == 16 && _Alignof(GUID) == 4, "GUID layout");
#endif
#define IsEqualIID(a, b) IsEqualGUID(a, b)
#define IsEqualCLSID(a, b) IsEqualGUID(a, b)
#endif
