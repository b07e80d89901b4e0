// SPDX-License-Identifier: MIT
// What the driver is told by the Parameters key below its registry key.
#pragma once

#include <ntddk.h>

typedef struct _SETTINGS {
    ULONG TargetPort;   // REG_DWORD
    ULONG Connections;  // REG_DWORD; at a time
} SETTINGS, *PSETTINGS;

// PASSIVE_LEVEL. Both have to be there; what is wrong is printed.
NTSTATUS ReadSettings(PUNICODE_STRING RegistryPath, PSETTINGS Settings);
