/* SPDX-License-Identifier: MIT */
/* Kernel API for Windows driver code; mirrors the WDK header wdm.h and gathers the parts below. */
#ifndef OWSK_KM_WDM_H
#define OWSK_KM_WDM_H
#define _WDMDDK_

#include <ntdef.h>

#include <ntstatus.h>
#include <bugcodes.h>

#include <string.h>
#include <stdarg.h>
#include <stddef.h>

#include <wdm/lists.h>
#include <wdm/interlocked.h>
#include <wdm/rtl.h>
#include <wdm/dbg.h>
#include <wdm/ke.h>
#include <wdm/ex.h>

#include <wdm/mm.h>
#include <wdm/io_types.h>
#include <wdm/io.h>
#include <wdm/ob_ps.h>
#include <wdm/se.h>
#include <wdm/zw.h>

#endif /* OWSK_KM_WDM_H */
