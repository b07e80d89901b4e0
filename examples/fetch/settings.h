// SPDX-License-Identifier: MIT
// What the driver reads from the Parameters key below its registry key.
#pragma once

#include <ntddk.h>

#define SETTING_CHARS_MAX 256

typedef struct _SETTINGS {
    WCHAR Host[SETTING_CHARS_MAX];    // a name or an address
    WCHAR Service[SETTING_CHARS_MAX]; // a name or a port
    WCHAR Path[SETTING_CHARS_MAX];    // ASCII, encoded as URLs have it
    ULONG BytesMax;                   // of a response
} SETTINGS, *PSETTINGS;

NTSTATUS ReadSettings(PUNICODE_STRING RegistryPath, PSETTINGS Settings);
