/* SPDX-License-Identifier: MIT */
/* Interlocked operations and memory barriers over the compiler's atomics; part of wdm.h. */
#ifndef OWSK_KM_WDM_INTERLOCKED_H
#define OWSK_KM_WDM_INTERLOCKED_H

#include <ntdef.h>

/* Under a simulation others may go on before each of these operations, as they may on Windows at any
 * instruction, so that a loop that waits for them with one comes to its end. Elsewhere that costs one
 * look at a variable. */
#ifdef __cplusplus
extern "C" {
#endif
extern int owsk_simulations;
extern int owsk_fence;
NTSYSAPI VOID NTAPI owsk_pass_point(VOID);
NTSYSAPI VOID NTAPI owsk_let_others_run(VOID);
#ifdef __cplusplus
}
#endif
#define OWSK_IS_SIMULATED()                                                                        \
  (__builtin_expect(__atomic_load_n(&owsk_simulations, __ATOMIC_RELAXED) != 0, 0))
FORCEINLINE VOID owsk_point(VOID) {
  if (OWSK_IS_SIMULATED()) {
    owsk_pass_point();
  }
}

/* All are full barriers unless the name ends in NoFence, Acquire or Release. Any IRQL.
 * Documentation: nf-wdm-interlockedincrement and others. The names with an underscore are the
 * compiler intrinsics of the Windows tool chain, which sources use as well. */

#define OWSK_INTERLOCKED_FAMILY(suffix, type)                                                      \
  OWSK_INTERLOCKED_ORDER(suffix, type, , __ATOMIC_SEQ_CST)                                         \
  OWSK_INTERLOCKED_ORDER(suffix, type, NoFence, __ATOMIC_RELAXED)                                  \
  OWSK_INTERLOCKED_ORDER(suffix, type, Acquire, __ATOMIC_ACQUIRE)                                  \
  OWSK_INTERLOCKED_ORDER(suffix, type, Release, __ATOMIC_RELEASE)

/* For InterlockedCompareExchange the failure order may not be a release. */
#define OWSK_LOAD_ORDER(order)                                                                     \
  ((order) == __ATOMIC_RELEASE ? __ATOMIC_RELAXED : (order))

#define OWSK_INTERLOCKED_ORDER(suffix, type, fence, order)                                         \
  FORCEINLINE type Interlocked##Exchange##suffix##fence(type volatile *Target, type Value) {       \
    owsk_point();                                                                                  \
    return __atomic_exchange_n(Target, Value, order);                                              \
  }                                                                                                \
  FORCEINLINE type Interlocked##ExchangeAdd##suffix##fence(type volatile *Target, type Value) {    \
    owsk_point();                                                                                  \
    return __atomic_fetch_add(Target, Value, order);                                               \
  }                                                                                                \
  FORCEINLINE type Interlocked##Add##suffix##fence(type volatile *Target, type Value) {            \
    owsk_point();                                                                                  \
    return __atomic_add_fetch(Target, Value, order);                                               \
  }                                                                                                \
  FORCEINLINE type Interlocked##And##suffix##fence(type volatile *Target, type Value) {            \
    owsk_point();                                                                                  \
    return __atomic_fetch_and(Target, Value, order);                                               \
  }                                                                                                \
  FORCEINLINE type Interlocked##Or##suffix##fence(type volatile *Target, type Value) {             \
    owsk_point();                                                                                  \
    return __atomic_fetch_or(Target, Value, order);                                                \
  }                                                                                                \
  FORCEINLINE type Interlocked##Xor##suffix##fence(type volatile *Target, type Value) {            \
    owsk_point();                                                                                  \
    return __atomic_fetch_xor(Target, Value, order);                                               \
  }                                                                                                \
  FORCEINLINE type Interlocked##Increment##suffix##fence(type volatile *Target) {                  \
    owsk_point();                                                                                  \
    return __atomic_add_fetch(Target, 1, order);                                                   \
  }                                                                                                \
  FORCEINLINE type Interlocked##Decrement##suffix##fence(type volatile *Target) {                  \
    owsk_point();                                                                                  \
    return __atomic_sub_fetch(Target, 1, order);                                                   \
  }                                                                                                \
  FORCEINLINE type Interlocked##CompareExchange##suffix##fence(                                    \
      type volatile *Target, type Exchange, type Comparand) {                                      \
    owsk_point();                                                                                  \
    __atomic_compare_exchange_n(Target, &Comparand, Exchange, 0, order,                            \
                                OWSK_LOAD_ORDER(order));                                           \
    return Comparand;                                                                              \
  }

OWSK_INTERLOCKED_FAMILY(, LONG)
OWSK_INTERLOCKED_FAMILY(64, LONG64)
OWSK_INTERLOCKED_FAMILY(16, SHORT)
OWSK_INTERLOCKED_FAMILY(8, CHAR)

#undef OWSK_INTERLOCKED_ORDER
#undef OWSK_INTERLOCKED_FAMILY
#undef OWSK_LOAD_ORDER

FORCEINLINE PVOID InterlockedExchangePointer(PVOID volatile *Target, PVOID Value) {
  owsk_point();
  return __atomic_exchange_n(Target, Value, __ATOMIC_SEQ_CST);
}
FORCEINLINE PVOID InterlockedCompareExchangePointer(PVOID volatile *Target, PVOID Exchange,
                                                      PVOID Comparand) {
  owsk_point();
  __atomic_compare_exchange_n(Target, &Comparand, Exchange, 0, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
  return Comparand;
}
FORCEINLINE PVOID InterlockedExchangePointerNoFence(PVOID volatile *Target, PVOID Value) {
  owsk_point();
  return __atomic_exchange_n(Target, Value, __ATOMIC_RELAXED);
}
FORCEINLINE PVOID InterlockedCompareExchangePointerNoFence(PVOID volatile *Target, PVOID Exchange,
                                                      PVOID Comparand) {
  owsk_point();
  __atomic_compare_exchange_n(Target, &Comparand, Exchange, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
  return Comparand;
}
FORCEINLINE PVOID InterlockedExchangePointerAcquire(PVOID volatile *Target, PVOID Value) {
  owsk_point();
  return __atomic_exchange_n(Target, Value, __ATOMIC_ACQUIRE);
}
FORCEINLINE PVOID InterlockedCompareExchangePointerAcquire(PVOID volatile *Target, PVOID Exchange,
                                                      PVOID Comparand) {
  owsk_point();
  __atomic_compare_exchange_n(Target, &Comparand, Exchange, 0, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE);
  return Comparand;
}
FORCEINLINE PVOID InterlockedExchangePointerRelease(PVOID volatile *Target, PVOID Value) {
  owsk_point();
  return __atomic_exchange_n(Target, Value, __ATOMIC_RELEASE);
}
FORCEINLINE PVOID InterlockedCompareExchangePointerRelease(PVOID volatile *Target, PVOID Exchange,
                                                      PVOID Comparand) {
  owsk_point();
  __atomic_compare_exchange_n(Target, &Comparand, Exchange, 0, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
  return Comparand;
}

/* Bit operations return the old bit. */
FORCEINLINE BOOLEAN InterlockedBitTestAndSet(LONG volatile *Base, LONG Bit) {
  owsk_point();
  const LONG mask = (LONG)(1u << (Bit & 31));
  return (BOOLEAN)((__atomic_fetch_or(Base + Bit / 32, mask, __ATOMIC_SEQ_CST) & mask) != 0);
}
FORCEINLINE BOOLEAN InterlockedBitTestAndReset(LONG volatile *Base, LONG Bit) {
  owsk_point();
  const LONG mask = (LONG)(1u << (Bit & 31));
  return (BOOLEAN)((__atomic_fetch_and(Base + Bit / 32, ~mask, __ATOMIC_SEQ_CST) & mask) != 0);
}

#define InterlockedExchangeAddSizeT(target, value)                                                 \
  (owsk_point(), __atomic_fetch_add((SIZE_T volatile *)(target), (SIZE_T)(value), __ATOMIC_SEQ_CST))
#define InterlockedIncrementSizeT(target)                                                          \
  (owsk_point(), __atomic_add_fetch((SIZE_T volatile *)(target), 1, __ATOMIC_SEQ_CST))
#define InterlockedDecrementSizeT(target)                                                          \
  (owsk_point(), __atomic_sub_fetch((SIZE_T volatile *)(target), 1, __ATOMIC_SEQ_CST))

#if !defined(_WIN32)
#define _InterlockedExchange InterlockedExchange
#define _InterlockedExchange64 InterlockedExchange64
#define _InterlockedExchange16 InterlockedExchange16
#define _InterlockedExchange8 InterlockedExchange8
#define _InterlockedExchangeAdd InterlockedExchangeAdd
#define _InterlockedExchangeAdd64 InterlockedExchangeAdd64
#define _InterlockedExchangeAdd16 InterlockedExchangeAdd16
#define _InterlockedExchangeAdd8 InterlockedExchangeAdd8
#define _InterlockedAnd InterlockedAnd
#define _InterlockedAnd64 InterlockedAnd64
#define _InterlockedAnd16 InterlockedAnd16
#define _InterlockedAnd8 InterlockedAnd8
#define _InterlockedOr InterlockedOr
#define _InterlockedOr64 InterlockedOr64
#define _InterlockedOr16 InterlockedOr16
#define _InterlockedOr8 InterlockedOr8
#define _InterlockedXor InterlockedXor
#define _InterlockedXor64 InterlockedXor64
#define _InterlockedXor16 InterlockedXor16
#define _InterlockedXor8 InterlockedXor8
#define _InterlockedIncrement InterlockedIncrement
#define _InterlockedIncrement64 InterlockedIncrement64
#define _InterlockedIncrement16 InterlockedIncrement16
#define _InterlockedIncrement8 InterlockedIncrement8
#define _InterlockedDecrement InterlockedDecrement
#define _InterlockedDecrement64 InterlockedDecrement64
#define _InterlockedDecrement16 InterlockedDecrement16
#define _InterlockedDecrement8 InterlockedDecrement8
#define _InterlockedCompareExchange InterlockedCompareExchange
#define _InterlockedCompareExchange64 InterlockedCompareExchange64
#define _InterlockedCompareExchange16 InterlockedCompareExchange16
#define _InterlockedCompareExchange8 InterlockedCompareExchange8
#define _InterlockedExchangePointer InterlockedExchangePointer
#define _InterlockedCompareExchangePointer InterlockedCompareExchangePointer
#define _InterlockedBitTestAndSet InterlockedBitTestAndSet
#define _interlockedbittestandset InterlockedBitTestAndSet
#define _interlockedbittestandreset InterlockedBitTestAndReset
#endif

#define OWSK_READ_WRITE(name, type)                                                                \
  FORCEINLINE type Read##name##NoFence(type const volatile *Source) {                              \
    owsk_point();                                                                                  \
    return __atomic_load_n(Source, __ATOMIC_RELAXED);                                              \
  }                                                                                                \
  FORCEINLINE type Read##name##Acquire(type const volatile *Source) {                              \
    owsk_point();                                                                                  \
    return __atomic_load_n(Source, __ATOMIC_ACQUIRE);                                              \
  }                                                                                                \
  FORCEINLINE VOID Write##name##NoFence(type volatile *Destination, type Value) {                  \
    owsk_point();                                                                                  \
    __atomic_store_n(Destination, Value, __ATOMIC_RELAXED);                                        \
  }                                                                                                \
  FORCEINLINE VOID Write##name##Release(type volatile *Destination, type Value) {                  \
    owsk_point();                                                                                  \
    __atomic_store_n(Destination, Value, __ATOMIC_RELEASE);                                        \
  }

OWSK_READ_WRITE(, LONG)
OWSK_READ_WRITE(64, LONG64)
OWSK_READ_WRITE(ULong, ULONG)
OWSK_READ_WRITE(ULong64, ULONG64)
OWSK_READ_WRITE(Pointer, PVOID)
#undef OWSK_READ_WRITE

/* ThreadSanitizer knows no fences. What it does know, and what orders at least as much, is an operation
 * on a word that all share. */
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define OWSK_NO_FENCES
#endif
#endif
#if defined(__SANITIZE_THREAD__)
#define OWSK_NO_FENCES
#endif
#if defined(OWSK_NO_FENCES)
#define OWSK_FENCE() ((void)__atomic_fetch_add(&owsk_fence, 0, __ATOMIC_SEQ_CST))
#else
#define OWSK_FENCE() __atomic_thread_fence(__ATOMIC_SEQ_CST)
#endif
#define MemoryBarrier() (owsk_point(), OWSK_FENCE())
#define KeMemoryBarrier() MemoryBarrier()
#define KeMemoryBarrierWithoutFence() (owsk_point(), __atomic_signal_fence(__ATOMIC_SEQ_CST))
#define YieldProcessor() (OWSK_IS_SIMULATED() ? owsk_let_others_run() : __builtin_ia32_pause())
#define PrefetchForWrite(p) __builtin_prefetch((p), 1)

#endif /* OWSK_KM_WDM_INTERLOCKED_H */
