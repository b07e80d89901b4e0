// SPDX-License-Identifier: MIT
// The listening socket of the clients: who may come in, and what those hear who did.
#include "connection.h"
#include "gatekeeper.h"
#include "requests.h"
#include "settings.h"

static CONST SETTINGS *Rules;

VOID InitializeInspection(CONST SETTINGS *Settings)
{
    Rules = Settings;
}

static WSK_INSPECT_ACTION WSKAPI InspectEvent(PVOID SocketContext, PSOCKADDR LocalAddress,
                                              PSOCKADDR RemoteAddress, PWSK_INSPECT_ID InspectID)
{
    ADDRESS_TEXT room;
    PCSTR from;
    ULONG number;

    UNREFERENCED_PARAMETER(SocketContext);
    UNREFERENCED_PARAMETER(LocalAddress);
    if (InspectID == NULL) {
        DbgPrint("gatekeeper: the listening socket is dead\n");
        return WskInspectReject;
    }
    from = AddressToText(RemoteAddress, &room);
    if (IsOnList(&Rules->Deny, RemoteAddress)) {
        DbgPrint("gatekeeper: request %u from %s: denied\n", NumberRequest(), from);
        return WskInspectReject;
    }
    if (IsOnList(&Rules->Allow, RemoteAddress)) {
        number = AddAcceptedRequest(InspectID, RemoteAddress);
        if (number != 0) {
            DbgPrint("gatekeeper: request %u from %s: allowed\n", number, from);
            return WskInspectAccept;
        }
    } else {
        number = AddWaitingRequest(InspectID, RemoteAddress);
        if (number != 0) {
            DbgPrint("gatekeeper: request %u from %s: waits for the operator\n", number, from);
            return WskInspectPend;
        }
    }
    DbgPrint("gatekeeper: request %u from %s: rejected, there is no room\n", NumberRequest(), from);
    return WskInspectReject;
}

static NTSTATUS WSKAPI AbortEvent(PVOID SocketContext, PWSK_INSPECT_ID InspectID)
{
    ULONG number = ForgetRequest(InspectID);

    UNREFERENCED_PARAMETER(SocketContext);
    if (number != 0) {
        DbgPrint("gatekeeper: request %u: the client has gone away\n", number);
    }
    return STATUS_SUCCESS;
}

static VOID Echo(PCONNECTION Connection)
{
    AppendBytes(&Connection->Output, Connection->Input + Connection->InputUsed,
                Connection->InputLength - Connection->InputUsed);
    Connection->InputUsed = Connection->InputLength; // the output has more room than the input
}

C_ASSERT(OUTPUT_MAX >= INPUT_MAX);

// The number of the request that this socket has come from; 0 if it is not known.
static ULONG RequestOf(PWSK_SOCKET Socket)
{
    CONST WSK_PROVIDER_CONNECTION_DISPATCH *dispatch = Socket->Dispatch;
    WSK_INSPECT_ID id;
    SIZE_T returned = 0;
    NTSTATUS status = dispatch->WskControlSocket(
        Socket, WskIoctl, SIO_WSK_QUERY_INSPECT_ID, 0, 0, NULL, sizeof(id), &id, &returned, NULL);

    return NT_SUCCESS(status) && returned == sizeof(id) ? TakeAcceptedRequest(&id) : 0;
}

static NTSTATUS WSKAPI AcceptEvent(PVOID SocketContext, ULONG Flags, PSOCKADDR LocalAddress,
                                   PSOCKADDR RemoteAddress, PWSK_SOCKET AcceptSocket,
                                   PVOID *AcceptSocketContext,
                                   CONST WSK_CLIENT_CONNECTION_DISPATCH **AcceptSocketDispatch)
{
    PCONNECTION connection;
    ADDRESS_TEXT room;
    ULONG number;

    UNREFERENCED_PARAMETER(SocketContext);
    UNREFERENCED_PARAMETER(Flags);
    UNREFERENCED_PARAMETER(LocalAddress);
    if (AcceptSocket == NULL) {
        return STATUS_REQUEST_NOT_ACCEPTED; // InspectEvent has said it
    }
    number = RequestOf(AcceptSocket);
    connection = number != 0 ? NewConnection(AcceptSocket, Echo) : NULL;
    if (connection == NULL) {
        return STATUS_REQUEST_NOT_ACCEPTED; // the provider closes the socket
    }
    DbgPrint("gatekeeper: request %u from %s: connected\n", number, AddressToText(RemoteAddress, &room));
    *AcceptSocketContext = NULL; // everything is done with IRPs from here on
    *AcceptSocketDispatch = NULL;
    AppendString(&connection->Output, "welcome, request ");
    AppendNumber(&connection->Output, number);
    AppendString(&connection->Output, "\n");
    StartConnection(connection);
    return STATUS_SUCCESS;
}

CONST WSK_CLIENT_LISTEN_DISPATCH ClientListenDispatch = {AcceptEvent, InspectEvent, AbortEvent};
