// SPDX-License-Identifier: MIT
// A pair: the connection of a client, and the one that is made for it to the target.
#pragma once

#include "proxy.h"

struct _PAIR;

// One of the two connections, and the pipe that takes what it receives to the other one.
typedef struct _SIDE {
    struct _PAIR *Pair;
    struct _SIDE *Other;
    PWSK_SOCKET Socket; // NULL: none yet, or no more
    CONST WSK_PROVIDER_CONNECTION_DISPATCH *Dispatch;
    PIRP Irp;      // receive from here, send or disconnect there: one after another
    PIRP AbortIrp; // of AbortPair
    PMDL Mdl;
    PVOID Buffer;
} SIDE, *PSIDE;

typedef struct _PAIR {
    LIST_ENTRY Link; // in Proxy.Pairs while Listed
    LONG References;
    LONG Pipes;         // that are not over yet
    BOOLEAN Listed;     // by Proxy.Lock, as are the next two
    BOOLEAN Connecting; // Irp is that of WskSocketConnect
    BOOLEAN Aborted;
    PIRP Irp; // accept, connect, close: one after another
    SIDE Client;
    SIDE Target;
} PAIR, *PPAIR;

// NULL: out of memory, or the driver is being unloaded. One reference is the caller's.
PPAIR AllocatePair(VOID);
// Closes the sockets and frees the memory, if it was the last reference.
VOID DropPair(PPAIR Pair);
// The client's socket is there: connects to the target, then joins both until they end. Takes over
// the caller's reference.
VOID StartPair(PPAIR Pair);
// Ends all pairs that there are.
VOID AbortPairs(VOID);
