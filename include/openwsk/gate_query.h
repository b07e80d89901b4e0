// SPDX-License-Identifier: MIT
// SIO_OWSK_QUERY_GATE: how attempts (connection requests) are held for a listening socket while its
// driver inspects them. For driver code, in C and in C++. Windows does not have it: there it fails
// like any unknown control code.
//
//     OWSK_GATE gate;
//     SIZE_T size;
//     status = dispatch->WskControlSocket(socket, WskIoctl, SIO_OWSK_QUERY_GATE, 0, 0, NULL,
//                                         sizeof gate, &gate, &size, NULL);
//
// Socket     a listening socket with SO_CONDITIONAL_ACCEPT, after WskBind
// Input      none; the level is ignored
// Output     an OWSK_GATE, in nonpaged memory that stays until the call or the IRP completes
// Size       in bytes: in *OutputSizeReturned, in IoStatus.Information of the IRP, or in both.
//            Without an IRP OutputSizeReturned must be given
// IRQL       <= DISPATCH_LEVEL
// Completes  STATUS_SUCCESS, with the size that was written
//            STATUS_BUFFER_OVERFLOW when the output buffer is too small: nothing is written, and
//            the size is the one that is needed
//            STATUS_INVALID_PARAMETER without an IRP and without OutputSizeReturned
//            STATUS_INVALID_DEVICE_REQUEST for every other socket: not listening, not conditional,
//            or not bound
//            STATUS_FILE_FORCED_CLOSED when the socket no longer works
#pragma once

#include <ntddk.h>
#include <wsk.h>

#define SIO_OWSK_QUERY_GATE _WSAIOR(IOC_VENDOR, 0x04F50001)

#define OWSK_GATE_NAME_SIZE 16
#define OWSK_GATE_REASON_SIZE 1024

typedef struct {
    // "syn": the driver is asked before the handshake. "accepted": after it.
    CHAR Name[OWSK_GATE_NAME_SIZE];
    // Why this gate and not a better one; a sentence in UTF-8 for people, cut if it does not fit.
    // Both texts end with a zero.
    CHAR Reason[OWSK_GATE_REASON_SIZE];

    // What all gates of the machine have done since it started, in attempts and in segments.
    ULONG64 LateInspected;    // attempts inspected after the handshake: the SYN had slipped past
    ULONG64 Retransmissions;  // SYNs of attempts that were known already
    ULONG64 Dropped;          // SYNs above a bound: on all attempts, or on those of their client
    ULONG64 LateReset;  // connections reset uninspected by --gate strict: the SYN had slipped past
    ULONG64 Invalid;    // SYNs that TCP would drop, too: a wrong checksum, or sent to many hosts
    ULONG64 NotUnderstood;   // packets dropped because their headers cannot be parsed
    ULONG64 ResetsWithheld;  // spurious RSTs not sent to a client that was just let in
    ULONG64 Lost;            // SYNs and RSTs that found no room in the kernel's queues
    ULONG64 ResetOverShare;  // connections reset uninspected: their client has too many waiting
} OWSK_GATE, *POWSK_GATE;

C_ASSERT(SIO_OWSK_QUERY_GATE == 0x5CF50001);
C_ASSERT(sizeof(OWSK_GATE) == 1112);
