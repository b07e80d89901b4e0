/* SPDX-License-Identifier: MIT */
/* Structured exception handling, as far as it can be had: part of wdm.h. In this project's flavours
 * nothing raises an exception, so a guarded block simply runs and its handler is dead code. */
#ifndef OWSK_KM_WDM_SEH_H
#define OWSK_KM_WDM_SEH_H

#define EXCEPTION_EXECUTE_HANDLER 1
#define EXCEPTION_CONTINUE_SEARCH 0
#define EXCEPTION_CONTINUE_EXECUTION (-1)
#define GetExceptionCode() ((NTSTATUS)0)
#define GetExceptionInformation() ((PVOID)0)

/* libstdc++ has a __try of its own, which also just runs its block: C++ sources use that one. */
#ifndef __cplusplus
#undef __try
#define __try if (1)
#define __leave goto __leave_is_not_supported
#define try __try
#define except __except
#define finally __finally
#endif
#define __except(filter) else if (0 && (filter))
#define __finally

#endif /* OWSK_KM_WDM_SEH_H */
