// SPDX-License-Identifier: MIT
// The operator's port: a command per line, an answer of one or more lines.
#include "connection.h"
#include "gatekeeper.h"
#include "requests.h"

static CONST CHAR Help[] = "list      the requests that wait, one per line, then how many\n"
                           "accept N  let request N in\n"
                           "reject N  turn request N away\n"
                           "help      this\n"
                           "quit      end this connection\n";

static BOOLEAN IsCommand(PCSTR Line, PCSTR Command)
{
    for (; *Command != 0; ++Line, ++Command) {
        if (*Line != *Command) {
            return FALSE;
        }
    }
    return *Line == 0;
}

// The number of "accept 3", with Command "accept "; 0 if the line is anything else.
static ULONG NumberAfter(PCSTR Line, PCSTR Command)
{
    ULONGLONG number = 0;

    for (; *Command != 0; ++Line, ++Command) {
        if (*Line != *Command) {
            return 0;
        }
    }
    for (; *Line >= '0' && *Line <= '9' && number <= MAXULONG; ++Line) {
        number = number * 10 + (ULONG)(*Line - '0');
    }
    return *Line == 0 && number <= MAXULONG ? (ULONG)number : 0;
}

static VOID Decide(PTEXT Output, ULONG Number, WSK_INSPECT_ACTION Action)
{
    PCSTR verdict = Action == WskInspectAccept ? "accepted" : "rejected";

    if (DecideRequest(Number, Action)) {
        DbgPrint("gatekeeper: request %u: %s by the operator\n", Number, verdict);
        AppendString(Output, verdict);
        AppendString(Output, " ");
        AppendNumber(Output, Number);
        AppendString(Output, "\n");
    } else {
        AppendString(Output, "no request ");
        AppendNumber(Output, Number);
        AppendString(Output, " is waiting\n");
    }
}

static VOID Obey(PCONNECTION Connection, PCSTR Line)
{
    ULONG accepted = NumberAfter(Line, "accept ");
    ULONG rejected = NumberAfter(Line, "reject ");

    if (accepted != 0) {
        Decide(&Connection->Output, accepted, WskInspectAccept);
    } else if (rejected != 0) {
        Decide(&Connection->Output, rejected, WskInspectReject);
    } else if (IsCommand(Line, "list")) {
        DescribeWaitingRequests(&Connection->Output);
    } else if (IsCommand(Line, "help")) {
        AppendString(&Connection->Output, Help);
    } else if (IsCommand(Line, "quit")) {
        AppendString(&Connection->Output, "goodbye\n");
        Connection->Leaving = TRUE;
    } else if (*Line != 0) {
        AppendString(&Connection->Output, "what? try help\n");
    }
}

// Takes one line at most, so that its answer has all the room.
static VOID Answer(PCONNECTION Connection)
{
    while (Connection->InputUsed < Connection->InputLength) {
        CHAR character = Connection->Input[Connection->InputUsed++];
        if (character == '\n') {
            // A line that is too long has lost its end, and is no command.
            Connection->Line[min(Connection->LineLength, LINE_MAX - 1)] = 0;
            Connection->LineLength = 0;
            Obey(Connection, Connection->Line);
            return;
        }
        if (character != '\r' && Connection->LineLength < LINE_MAX - 1) {
            Connection->Line[Connection->LineLength++] = character;
        }
    }
}

static NTSTATUS WSKAPI AcceptEvent(PVOID SocketContext, ULONG Flags, PSOCKADDR LocalAddress,
                                   PSOCKADDR RemoteAddress, PWSK_SOCKET AcceptSocket,
                                   PVOID *AcceptSocketContext,
                                   CONST WSK_CLIENT_CONNECTION_DISPATCH **AcceptSocketDispatch)
{
    PCONNECTION connection;

    UNREFERENCED_PARAMETER(SocketContext);
    UNREFERENCED_PARAMETER(Flags);
    UNREFERENCED_PARAMETER(LocalAddress);
    UNREFERENCED_PARAMETER(RemoteAddress);
    if (AcceptSocket == NULL) {
        DbgPrint("gatekeeper: the operator's listening socket is dead\n");
        return STATUS_REQUEST_NOT_ACCEPTED;
    }
    connection = NewConnection(AcceptSocket, Answer);
    if (connection == NULL) {
        return STATUS_REQUEST_NOT_ACCEPTED;
    }
    *AcceptSocketContext = NULL;
    *AcceptSocketDispatch = NULL;
    AppendString(&connection->Output, "gatekeeper: list, accept N, reject N, help, quit\n");
    StartConnection(connection);
    return STATUS_SUCCESS;
}

CONST WSK_CLIENT_LISTEN_DISPATCH OperatorListenDispatch = {AcceptEvent, NULL, NULL};
