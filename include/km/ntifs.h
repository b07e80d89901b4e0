/* SPDX-License-Identifier: MIT */
/* Mirrors the WDK header ntifs.h as far as network drivers need it: all of ntddk.h. */
#ifndef OWSK_KM_NTIFS_H
#define OWSK_KM_NTIFS_H
#define _NTIFS_

#include <ntddk.h>

#endif /* OWSK_KM_NTIFS_H */
