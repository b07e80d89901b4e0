// SPDX-License-Identifier: MIT
// Reading a response of HTTP/1.1 (RFC 9112) that is complete: the connection has ended.
#pragma once

#include <ntddk.h>

typedef struct _RESPONSE {
    ULONG Status;
    PCHAR Body; // inside the bytes that were received
    SIZE_T BodyLength;
} RESPONSE, *PRESPONSE;

// Chunks of the body are joined in place. STATUS_INVALID_NETWORK_RESPONSE: it is no response.
// STATUS_CONNECTION_DISCONNECTED: it was cut off.
NTSTATUS ReadResponse(PCHAR Bytes, SIZE_T Length, PRESPONSE Response);
