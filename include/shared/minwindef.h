/* SPDX-License-Identifier: MIT */
/* Basic Windows macros for shared sources; mirrors the SDK's header minwindef.h. The integer types
 * come from ntdef.h. */
#ifndef OWSK_SHARED_MINWINDEF_H
#define OWSK_SHARED_MINWINDEF_H

#include <ntdef.h>

#define WINAPI NTAPI
#define APIENTRY NTAPI
#define FAR
#define NEAR
#define MAX_PATH 260

typedef UINT_PTR WPARAM;
typedef LONG_PTR LPARAM;
typedef LONG_PTR LRESULT;
typedef WORD ATOM;

#define MAKEWORD(a, b) ((WORD)(((BYTE)((DWORD_PTR)(a) & 0xff)) | (((WORD)(BYTE)(b)) << 8)))
#define MAKELONG(a, b) ((LONG)(((WORD)((DWORD_PTR)(a) & 0xffff)) | (((DWORD)(WORD)(b)) << 16)))
#define LOWORD(l) ((WORD)(((DWORD_PTR)(l)) & 0xffff))
#define HIWORD(l) ((WORD)((((DWORD_PTR)(l)) >> 16) & 0xffff))
#define LOBYTE(w) ((BYTE)(((DWORD_PTR)(w)) & 0xff))
#define HIBYTE(w) ((BYTE)((((DWORD_PTR)(w)) >> 8) & 0xff))

#endif /* OWSK_SHARED_MINWINDEF_H */
