/* SPDX-License-Identifier: MIT */
/* Structured exception handling, as far as it can be had: part of wdm.h. Nothing raises an exception
 * here, so a guarded block runs and the handler of __except does not. __finally runs however its
 * block is left: that takes openwsk-seh, which openwsk_add_driver() compiles drivers with. */
#ifndef OWSK_KM_WDM_SEH_H
#define OWSK_KM_WDM_SEH_H

#define EXCEPTION_EXECUTE_HANDLER 1
#define EXCEPTION_CONTINUE_SEARCH 0
#define EXCEPTION_CONTINUE_EXECUTION (-1)
#define GetExceptionCode() ((NTSTATUS)0)
#define GetExceptionInformation() ((PVOID)0)

#ifndef __cplusplus
#undef __try
#define try __try
#define except __except
#define finally __finally
#endif

/* openwsk-seh sees the words themselves; the C++ library may have made `try` of the first. */
#ifndef OWSK_GUARDED_BLOCKS
#define OWSK_NEEDS_SEH(word)                                                                       \
  _Pragma("GCC error \"" word " needs openwsk-seh: build the driver with openwsk_add_driver(), "   \
          "or put the program that `pkg-config --variable=seh openwsk-driver` names in front of "  \
          "the compiler\"")
#ifndef __cplusplus
#define __try if (1)
#define __except(filter) else if (0 && (filter))
#else
#define __except(filter) OWSK_NEEDS_SEH("__except in C++")
#endif
#define __leave OWSK_NEEDS_SEH("__leave")
#define __finally OWSK_NEEDS_SEH("__finally")
#endif

#endif /* OWSK_KM_WDM_SEH_H */
