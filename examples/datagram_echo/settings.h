// SPDX-License-Identifier: MIT
// What the driver is told by the Parameters key below its registry key.
#pragma once

#include <ntddk.h>
#include <wsk.h>

typedef struct _SETTINGS {
    SOCKADDR_STORAGE Address; // REG_SZ "Address" (127.0.0.1) with REG_DWORD "Port"
} SETTINGS, *PSETTINGS;

// PASSIVE_LEVEL. A missing value has its default; a wrong one is printed and is an error.
NTSTATUS ReadSettings(PUNICODE_STRING RegistryPath, ULONG DefaultPort, PSETTINGS Settings);
