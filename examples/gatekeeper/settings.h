// SPDX-License-Identifier: MIT
// What the driver is told by the Parameters key below its registry key.
#pragma once

#include "addresses.h"

typedef struct _SETTINGS {
    SOCKADDR_STORAGE ClientAddress;   // REG_SZ "Address" (127.0.0.1), REG_DWORD "Port" (5003)
    SOCKADDR_STORAGE OperatorAddress; // the same address, REG_DWORD "OperatorPort" (5004)
    ULONG TimeLimitSeconds;           // REG_DWORD (30); 0: no limit
    ADDRESS_LIST Allow;               // REG_MULTI_SZ
    ADDRESS_LIST Deny;                // REG_MULTI_SZ; stronger than Allow
} SETTINGS, *PSETTINGS;

// PASSIVE_LEVEL. A missing value has its default; a wrong one is printed and is an error.
NTSTATUS ReadSettings(PUNICODE_STRING RegistryPath, PSETTINGS Settings);
VOID FreeSettings(PSETTINGS Settings);
