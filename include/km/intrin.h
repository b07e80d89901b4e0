/* SPDX-License-Identifier: MIT */
/* Stands in for the compiler header intrin.h: the interlocked intrinsics and x86 vector types. */
#ifndef OWSK_KM_INTRIN_H
#define OWSK_KM_INTRIN_H

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

#include <ntdef.h>

#include <wdm/interlocked.h>

/* Loops that wait for others go round by it, as by YieldProcessor. */
#define _mm_pause() YieldProcessor()

#ifndef __debugbreak
#define __debugbreak() __builtin_trap()
#endif

#endif /* OWSK_KM_INTRIN_H */
