// SPDX-License-Identifier: MIT
// Connection requests by number: those that wait for the operator, and those that were accepted and whose
// socket has not arrived yet. Every other one is forgotten.
#pragma once

#include "text.h"

// More are rejected at once: the table must not be somebody else's way to our memory.
#define WAITING_MAX 64

VOID InitializeRequests(ULONG TimeLimitSeconds);
// Rejects what waits; from now on nothing is added. PASSIVE_LEVEL.
VOID StopRequests(VOID);
// After the listening socket has been closed.
VOID FreeRequests(VOID);

// Adds a request; 0 if that is impossible, otherwise its number.
ULONG AddAcceptedRequest(CONST WSK_INSPECT_ID *Id, CONST SOCKADDR *Remote);
ULONG AddWaitingRequest(CONST WSK_INSPECT_ID *Id, CONST SOCKADDR *Remote);
// A number for a request that is not added.
ULONG NumberRequest(VOID);

// The client has gone away. 0: not known any more.
ULONG ForgetRequest(CONST WSK_INSPECT_ID *Id);
// The socket of an accepted request has arrived. 0: not known.
ULONG TakeAcceptedRequest(CONST WSK_INSPECT_ID *Id);

// The operator's verdict. FALSE: no such request is waiting.
BOOLEAN DecideRequest(ULONG Number, WSK_INSPECT_ACTION Action);
// A line for each waiting request.
VOID DescribeWaitingRequests(PTEXT Text);
