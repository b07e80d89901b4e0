/* SPDX-License-Identifier: MIT */
/* Winsock Kernel (WSK) network programming interface; mirrors the WDK's header wsk.h.
 *
 * Common rules that the short comments below do not repeat:
 * - A function that takes an IRP completes it exactly once, whatever it returns; STATUS_PENDING
 *   means "later". IoStatus.Status holds the result, IoStatus.Information the value named below.
 * - The caller runs at IRQL <= DISPATCH_LEVEL unless another level is given; so do completion
 *   routines and event callbacks. A callback never waits for another WSK request.
 * - STATUS_FILE_FORCED_CLOSED means that the socket is dead and only WskCloseSocket is left.
 * - "Documentation:" names the public documentation page. */
#ifndef OWSK_KM_WSK_H
#define OWSK_KM_WSK_H
#define _WSK_

#include <wdm.h>

#include <netioddk.h>
#include <ws2def.h>
#include <ws2ipdef.h>
#include <mstcpip.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef WSKAPI
#define WSKAPI NTAPI
#endif

/* Identifies the WSK interface: {2227E803-8D8B-11D4-ABAD-009027719E09}. */
extern CONST NPIID NPI_WSK_INTERFACE_ID;

/* ---- Versions ------------------------------------------------------------------------------- */

#define MAKE_WSK_VERSION(Mj, Mn) ((USHORT)((Mj) << 8) | (USHORT)((Mn)&0xff))
#define WSK_MAJOR_VERSION(V) ((UCHAR)((V) >> 8))
#define WSK_MINOR_VERSION(V) ((UCHAR)(V))

/* ---- Flags ---------------------------------------------------------------------------------- */

/* WskSocket: the socket category. */
#define WSK_FLAG_BASIC_SOCKET 0x00000000
#define WSK_FLAG_LISTEN_SOCKET 0x00000001
#define WSK_FLAG_CONNECTION_SOCKET 0x00000002
#define WSK_FLAG_DATAGRAM_SOCKET 0x00000004
#define WSK_FLAG_STREAM_SOCKET 0x00000008

/* WskDisconnect, WskDisconnectEvent. */
#define WSK_FLAG_ABORTIVE 0x00000001
/* WskSend and WskReceive: no provider supports out-of-band data. */
#define WSK_FLAG_OOB 0x00000001
/* WskSend. */
#define WSK_FLAG_NODELAY 0x00000002
/* WskReceive. */
#define WSK_FLAG_WAITALL 0x00000002
#define WSK_FLAG_DRAIN 0x00000004
/* WskReceiveEvent. */
#define WSK_FLAG_RELEASE_ASAP 0x00000002
#define WSK_FLAG_ENTIRE_MESSAGE 0x00000004
/* Every event callback with flags. */
#define WSK_FLAG_AT_DISPATCH_LEVEL 0x00000008

/* WskCaptureProviderNPI: special values of the timeout, which is otherwise in milliseconds. */
#define WSK_NO_WAIT 0
#define WSK_INFINITE_WAIT 0xffffffff

/* ---- Events --------------------------------------------------------------------------------- */

#define WSK_EVENT_SEND_BACKLOG 0x00000010
#define WSK_EVENT_RECEIVE 0x00000040
#define WSK_EVENT_DISCONNECT 0x00000080
#define WSK_EVENT_RECEIVE_FROM 0x00000100
#define WSK_EVENT_ACCEPT 0x00000200
/* Combined with exactly one event: disable it. */
#define WSK_EVENT_DISABLE 0x80000000

/* ---- Control codes, options, IOCTLs --------------------------------------------------------- */

/* WskControlClient. */
#define WSK_TRANSPORT_LIST_QUERY 2
#define WSK_TRANSPORT_LIST_CHANGE 3
#define WSK_CACHE_SD 4
#define WSK_RELEASE_SD 5
#define WSK_TDI_DEVICENAME_MAPPING 6
#define WSK_SET_STATIC_EVENT_CALLBACKS 7
#define WSK_TDI_BEHAVIOR 8
#define WSK_TDI_BEHAVIOR_BYPASS_TDI 0x00000001

/* WskControlSocket with WskSetOption or WskGetOption, level SOL_SOCKET. */
#define SO_WSK_SECURITY (WSK_SO_BASE + 1)
#define SO_WSK_EVENT_CALLBACK (WSK_SO_BASE + 2)

/* WskControlSocket with WskIoctl. */
#define SIO_WSK_SET_REMOTE_ADDRESS _WSAIOW(IOC_WSK, 0x1)
#define SIO_WSK_REGISTER_EXTENSION _WSAIORW(IOC_WSK, 0x2)
#define SIO_WSK_QUERY_IDEAL_SEND_BACKLOG _WSAIOR(IOC_WSK, 0x3)
#define SIO_WSK_QUERY_RECEIVE_BACKLOG _WSAIOR(IOC_WSK, 0x4)
#define SIO_WSK_QUERY_INSPECT_ID _WSAIOR(IOC_WSK, 0x5)
#define SIO_WSK_SET_SENDTO_ADDRESS _WSAIOW(IOC_WSK, 0x6)
#define SIO_WSK_SET_TCP_SILENT_MODE _WSAIO(IOC_WSK, 0x7)

C_ASSERT(SO_WSK_SECURITY == 0x4001 && SO_WSK_EVENT_CALLBACK == 0x4002);
C_ASSERT(SIO_WSK_SET_REMOTE_ADDRESS == 0x8F000001 && SIO_WSK_REGISTER_EXTENSION == 0xCF000002);
C_ASSERT(SIO_WSK_QUERY_IDEAL_SEND_BACKLOG == 0x4F000003);
C_ASSERT(SIO_WSK_QUERY_RECEIVE_BACKLOG == 0x4F000004);
C_ASSERT(SIO_WSK_QUERY_INSPECT_ID == 0x4F000005 && SIO_WSK_SET_SENDTO_ADDRESS == 0x8F000006);
C_ASSERT(SIO_WSK_SET_TCP_SILENT_MODE == 0x2F000007);

typedef enum {
  WskInspectReject = 0,
  WskInspectAccept = 1,
  WskInspectPend = 2,
  WskInspectMax = 3
} WSK_INSPECT_ACTION, *PWSK_INSPECT_ACTION;

typedef enum {
  WskSetOption = 0,
  WskGetOption = 1,
  WskIoctl = 2,
  WskControlMax = 3
} WSK_CONTROL_SOCKET_TYPE, *PWSK_CONTROL_SOCKET_TYPE;

/* ---- Objects -------------------------------------------------------------------------------- */

/* The subsystem's side of a binding; opaque. */
typedef PVOID PWSK_CLIENT;

/* A socket. Dispatch points to the provider table of the socket's category. */
typedef struct _WSK_SOCKET {
  CONST VOID *Dispatch;
} WSK_SOCKET, *PWSK_SOCKET;

C_ASSERT(sizeof(WSK_SOCKET) == 8);

/* ---- Data ----------------------------------------------------------------------------------- */

/* A piece of an MDL chain; Offset lies within the first MDL. Mdl may be NULL when Length is 0.
 * Documentation: ns-wsk-_wsk_buf. */
typedef struct _WSK_BUF {
  PMDL Mdl;
  ULONG Offset;
  SIZE_T Length;
} WSK_BUF, *PWSK_BUF;

C_ASSERT(sizeof(WSK_BUF) == 24 && offsetof(WSK_BUF, Mdl) == 0);
C_ASSERT(offsetof(WSK_BUF, Offset) == 8 && offsetof(WSK_BUF, Length) == 16);

/* The datagrams of WskSendMessages. Documentation: ns-wsk-wsk_buf_list. */
typedef struct _WSK_BUF_LIST {
  struct _WSK_BUF_LIST *Next;
  WSK_BUF Buffer;
} WSK_BUF_LIST, *PWSK_BUF_LIST;

C_ASSERT(sizeof(WSK_BUF_LIST) == 32 && offsetof(WSK_BUF_LIST, Buffer) == 8);

/* Received stream data. Documentation: ns-wsk-_wsk_data_indication. */
typedef struct _WSK_DATA_INDICATION {
  struct _WSK_DATA_INDICATION *Next;
  WSK_BUF Buffer;
} WSK_DATA_INDICATION, *PWSK_DATA_INDICATION;

C_ASSERT(sizeof(WSK_DATA_INDICATION) == 32 && offsetof(WSK_DATA_INDICATION, Buffer) == 8);

/* Received datagrams. Documentation: ns-wsk-_wsk_datagram_indication. */
typedef struct _WSK_DATAGRAM_INDICATION {
  struct _WSK_DATAGRAM_INDICATION *Next;
  WSK_BUF Buffer;
  PCMSGHDR ControlInfo;
  ULONG ControlInfoLength;
  PSOCKADDR RemoteAddress;
} WSK_DATAGRAM_INDICATION, *PWSK_DATAGRAM_INDICATION;

C_ASSERT(sizeof(WSK_DATAGRAM_INDICATION) == 56);
C_ASSERT(offsetof(WSK_DATAGRAM_INDICATION, Buffer) == 8);
C_ASSERT(offsetof(WSK_DATAGRAM_INDICATION, ControlInfo) == 32);
C_ASSERT(offsetof(WSK_DATAGRAM_INDICATION, ControlInfoLength) == 40);
C_ASSERT(offsetof(WSK_DATAGRAM_INDICATION, RemoteAddress) == 48);

/* Names one connection request under inspection; compare the contents.
 * Documentation: ns-wsk-_wsk_inspect_id. */
typedef struct _WSK_INSPECT_ID {
  ULONG_PTR Key;
  ULONG SerialNumber;
} WSK_INSPECT_ID, *PWSK_INSPECT_ID;

C_ASSERT(sizeof(WSK_INSPECT_ID) == 16 && offsetof(WSK_INSPECT_ID, SerialNumber) == 8);

/* A transport that sockets can use. Documentation: ns-wsk-_wsk_transport. */
typedef struct _WSK_TRANSPORT {
  USHORT Version;
  USHORT SocketType;
  ULONG Protocol;
  ADDRESS_FAMILY AddressFamily;
  GUID ProviderId;
} WSK_TRANSPORT, *PWSK_TRANSPORT;

C_ASSERT(sizeof(WSK_TRANSPORT) == 28 && offsetof(WSK_TRANSPORT, SocketType) == 2);
C_ASSERT(offsetof(WSK_TRANSPORT, Protocol) == 4 && offsetof(WSK_TRANSPORT, AddressFamily) == 8);
C_ASSERT(offsetof(WSK_TRANSPORT, ProviderId) == 12);

/* Input of SO_WSK_EVENT_CALLBACK and WSK_SET_STATIC_EVENT_CALLBACKS.
 * Documentation: ns-wsk-_wsk_event_callback_control. */
typedef struct _WSK_EVENT_CALLBACK_CONTROL {
  PNPIID NpiId;
  ULONG EventMask;
} WSK_EVENT_CALLBACK_CONTROL, *PWSK_EVENT_CALLBACK_CONTROL;

C_ASSERT(sizeof(WSK_EVENT_CALLBACK_CONTROL) == 16);
C_ASSERT(offsetof(WSK_EVENT_CALLBACK_CONTROL, EventMask) == 8);

/* Input of SIO_WSK_REGISTER_EXTENSION. Documentation: ns-wsk-_wsk_extension_control_in. */
typedef struct _WSK_EXTENSION_CONTROL_IN {
  PNPIID NpiId;
  PVOID ClientContext;
  CONST VOID *ClientDispatch;
} WSK_EXTENSION_CONTROL_IN, *PWSK_EXTENSION_CONTROL_IN;

C_ASSERT(sizeof(WSK_EXTENSION_CONTROL_IN) == 24);
C_ASSERT(offsetof(WSK_EXTENSION_CONTROL_IN, ClientContext) == 8);
C_ASSERT(offsetof(WSK_EXTENSION_CONTROL_IN, ClientDispatch) == 16);

/* Output of SIO_WSK_REGISTER_EXTENSION. Documentation: ns-wsk-_wsk_extension_control_out. */
typedef struct _WSK_EXTENSION_CONTROL_OUT {
  PVOID ProviderContext;
  CONST VOID *ProviderDispatch;
} WSK_EXTENSION_CONTROL_OUT, *PWSK_EXTENSION_CONTROL_OUT;

C_ASSERT(sizeof(WSK_EXTENSION_CONTROL_OUT) == 16);
C_ASSERT(offsetof(WSK_EXTENSION_CONTROL_OUT, ProviderDispatch) == 8);

/* One mapping of WSK_TDI_DEVICENAME_MAPPING. Documentation: ns-wsk-_wsk_tdi_map. */
typedef struct _WSK_TDI_MAP {
  USHORT SocketType;
  ADDRESS_FAMILY AddressFamily;
  ULONG Protocol;
  PCWSTR TdiDeviceName;
} WSK_TDI_MAP, *PWSK_TDI_MAP;

C_ASSERT(sizeof(WSK_TDI_MAP) == 16 && offsetof(WSK_TDI_MAP, AddressFamily) == 2);
C_ASSERT(offsetof(WSK_TDI_MAP, Protocol) == 4 && offsetof(WSK_TDI_MAP, TdiDeviceName) == 8);

/* Input of WSK_TDI_DEVICENAME_MAPPING. Documentation: ns-wsk-_wsk_tdi_map_info. */
typedef struct _WSK_TDI_MAP_INFO {
  CONST ULONG ElementCount;
  CONST WSK_TDI_MAP *Map;
} WSK_TDI_MAP_INFO, *PWSK_TDI_MAP_INFO;

C_ASSERT(sizeof(WSK_TDI_MAP_INFO) == 16 && offsetof(WSK_TDI_MAP_INFO, Map) == 8);

/* ---- Event callbacks (implemented by the application) --------------------------------------- */

struct _WSK_CLIENT_CONNECTION_DISPATCH;

/* Client-level event; none is defined so far. Return STATUS_NOT_IMPLEMENTED for unknown events.
 * Documentation: nc-wsk-pfn_wsk_client_event. */
typedef NTSTATUS(WSKAPI *PFN_WSK_CLIENT_EVENT)(
    PVOID ClientContext, ULONG EventType, PVOID Information, SIZE_T InformationLength);

/* A connection has been established on a listening socket; AcceptSocket NULL means that the
 * listening socket is dead. Return STATUS_SUCCESS to take it, STATUS_REQUEST_NOT_ACCEPTED to
 * have it closed. Documentation: nc-wsk-pfn_wsk_accept_event. */
typedef NTSTATUS(WSKAPI *PFN_WSK_ACCEPT_EVENT)(
    PVOID SocketContext, ULONG Flags, PSOCKADDR LocalAddress, PSOCKADDR RemoteAddress,
    PWSK_SOCKET AcceptSocket, PVOID *AcceptSocketContext,
    CONST struct _WSK_CLIENT_CONNECTION_DISPATCH **AcceptSocketDispatch);

/* A connection request has arrived on a listening socket with conditional accept; InspectID
 * NULL means that the listening socket is dead. WskInspectPend promises a later
 * WskInspectComplete. Documentation: nc-wsk-pfn_wsk_inspect_event. */
typedef WSK_INSPECT_ACTION(WSKAPI *PFN_WSK_INSPECT_EVENT)(
    PVOID SocketContext, PSOCKADDR LocalAddress, PSOCKADDR RemoteAddress,
    PWSK_INSPECT_ID InspectID);

/* A request that was accepted or is still being inspected has been dropped before it was
 * established. Return STATUS_SUCCESS. Documentation: nc-wsk-pfn_wsk_abort_event. */
typedef NTSTATUS(WSKAPI *PFN_WSK_ABORT_EVENT)(PVOID SocketContext, PWSK_INSPECT_ID InspectID);

/* Data has arrived on a connection; DataIndication NULL means that the socket is dead. Return
 * STATUS_SUCCESS (*BytesAccepted tells how much was taken, if not all), STATUS_PENDING (the
 * list is kept until WskRelease) or STATUS_DATA_NOT_ACCEPTED. Documentation:
 * nc-wsk-pfn_wsk_receive_event. */
typedef NTSTATUS(WSKAPI *PFN_WSK_RECEIVE_EVENT)(
    PVOID SocketContext, ULONG Flags, PWSK_DATA_INDICATION DataIndication, SIZE_T BytesIndicated,
    SIZE_T *BytesAccepted);

/* The remote side has disconnected, abortively if WSK_FLAG_ABORTIVE is set. Return
 * STATUS_SUCCESS. Documentation: nc-wsk-pfn_wsk_disconnect_event. */
typedef NTSTATUS(WSKAPI *PFN_WSK_DISCONNECT_EVENT)(PVOID SocketContext, ULONG Flags);

/* The amount of send data to keep outstanding has changed. Return STATUS_SUCCESS.
 * Documentation: nc-wsk-pfn_wsk_send_backlog_event. */
typedef NTSTATUS(WSKAPI *PFN_WSK_SEND_BACKLOG_EVENT)(PVOID SocketContext, SIZE_T IdealBacklogSize);

/* Datagrams have arrived; DataIndication NULL means that the socket is dead. Return
 * STATUS_SUCCESS, STATUS_PENDING (the list is kept until WskRelease) or
 * STATUS_DATA_NOT_ACCEPTED. Documentation: nc-wsk-pfn_wsk_receive_from_event. */
typedef NTSTATUS(WSKAPI *PFN_WSK_RECEIVE_FROM_EVENT)(
    PVOID SocketContext, ULONG Flags, PWSK_DATAGRAM_INDICATION DataIndication);

/* Data with control information has arrived; reserved for system use, never called.
 * Documentation: nc-wsk-pfn_wsk_receive_ex_event. */
typedef NTSTATUS(WSKAPI *PFN_WSK_RECEIVE_EX_EVENT)(
    PVOID SocketContext, ULONG Flags, PWSK_DATA_INDICATION DataIndication, PCMSGHDR ControlInfo,
    ULONG ControlInfoLength, SIZE_T BytesIndicated, SIZE_T *BytesAccepted);

/* ---- Client dispatch tables ----------------------------------------------------------------- */

typedef struct _WSK_CLIENT_DISPATCH {
  USHORT Version;
  USHORT Reserved; /* 0 */
  PFN_WSK_CLIENT_EVENT WskClientEvent;
} WSK_CLIENT_DISPATCH, *PWSK_CLIENT_DISPATCH;

C_ASSERT(sizeof(WSK_CLIENT_DISPATCH) == 16 && offsetof(WSK_CLIENT_DISPATCH, Reserved) == 2);
C_ASSERT(offsetof(WSK_CLIENT_DISPATCH, WskClientEvent) == 8);

typedef struct _WSK_CLIENT_LISTEN_DISPATCH {
  PFN_WSK_ACCEPT_EVENT WskAcceptEvent;
  PFN_WSK_INSPECT_EVENT WskInspectEvent;
  PFN_WSK_ABORT_EVENT WskAbortEvent;
} WSK_CLIENT_LISTEN_DISPATCH, *PWSK_CLIENT_LISTEN_DISPATCH;

C_ASSERT(sizeof(WSK_CLIENT_LISTEN_DISPATCH) == 24);
C_ASSERT(offsetof(WSK_CLIENT_LISTEN_DISPATCH, WskInspectEvent) == 8);
C_ASSERT(offsetof(WSK_CLIENT_LISTEN_DISPATCH, WskAbortEvent) == 16);

typedef struct _WSK_CLIENT_CONNECTION_DISPATCH {
  PFN_WSK_RECEIVE_EVENT WskReceiveEvent;
  PFN_WSK_DISCONNECT_EVENT WskDisconnectEvent;
  PFN_WSK_SEND_BACKLOG_EVENT WskSendBacklogEvent;
} WSK_CLIENT_CONNECTION_DISPATCH, *PWSK_CLIENT_CONNECTION_DISPATCH;

C_ASSERT(sizeof(WSK_CLIENT_CONNECTION_DISPATCH) == 24);
C_ASSERT(offsetof(WSK_CLIENT_CONNECTION_DISPATCH, WskDisconnectEvent) == 8);
C_ASSERT(offsetof(WSK_CLIENT_CONNECTION_DISPATCH, WskSendBacklogEvent) == 16);

typedef struct _WSK_CLIENT_DATAGRAM_DISPATCH {
  PFN_WSK_RECEIVE_FROM_EVENT WskReceiveFromEvent;
} WSK_CLIENT_DATAGRAM_DISPATCH, *PWSK_CLIENT_DATAGRAM_DISPATCH;

C_ASSERT(sizeof(WSK_CLIENT_DATAGRAM_DISPATCH) == 8);

typedef struct _WSK_CLIENT_STREAM_DISPATCH {
  CONST WSK_CLIENT_LISTEN_DISPATCH *Listen;
  CONST WSK_CLIENT_CONNECTION_DISPATCH *Connect;
} WSK_CLIENT_STREAM_DISPATCH, *PWSK_CLIENT_STREAM_DISPATCH;

C_ASSERT(sizeof(WSK_CLIENT_STREAM_DISPATCH) == 16);
C_ASSERT(offsetof(WSK_CLIENT_STREAM_DISPATCH, Connect) == 8);

/* ---- Client-level functions ----------------------------------------------------------------- */

/* Creates a socket of the category in Flags. Information: the PWSK_SOCKET. Documentation:
 * nc-wsk-pfn_wsk_socket. */
typedef NTSTATUS(WSKAPI *PFN_WSK_SOCKET)(
    PWSK_CLIENT Client, ADDRESS_FAMILY AddressFamily, USHORT SocketType, ULONG Protocol,
    ULONG Flags, PVOID SocketContext, CONST VOID *Dispatch, PEPROCESS OwningProcess,
    PETHREAD OwningThread, PSECURITY_DESCRIPTOR SecurityDescriptor, PIRP Irp);

/* Creates, binds and connects a connection-oriented socket. Information: the PWSK_SOCKET.
 * Documentation: nc-wsk-pfn_wsk_socket_connect. */
typedef NTSTATUS(WSKAPI *PFN_WSK_SOCKET_CONNECT)(
    PWSK_CLIENT Client, USHORT SocketType, ULONG Protocol, PSOCKADDR LocalAddress,
    PSOCKADDR RemoteAddress, ULONG Flags, PVOID SocketContext,
    CONST WSK_CLIENT_CONNECTION_DISPATCH *Dispatch, PEPROCESS OwningProcess, PETHREAD OwningThread,
    PSECURITY_DESCRIPTOR SecurityDescriptor, PIRP Irp);

/* Client control operation. STATUS_BUFFER_OVERFLOW: the output is too small,
 * *OutputSizeReturned tells the size. Only WSK_TRANSPORT_LIST_CHANGE takes an IRP.
 * Documentation: nc-wsk-pfn_wsk_control_client. */
typedef NTSTATUS(WSKAPI *PFN_WSK_CONTROL_CLIENT)(
    PWSK_CLIENT Client, ULONG ControlCode, SIZE_T InputSize, PVOID InputBuffer, SIZE_T OutputSize,
    PVOID OutputBuffer, SIZE_T *OutputSizeReturned, PIRP Irp);

/* Resolves a name; the list goes back through WskFreeAddressInfo. PASSIVE_LEVEL.
 * STATUS_NO_MATCH: the name cannot be resolved. Documentation: nc-wsk-pfn_wsk_get_address_info. */
typedef NTSTATUS(WSKAPI *PFN_WSK_GET_ADDRESS_INFO)(
    PWSK_CLIENT Client, PUNICODE_STRING NodeName, PUNICODE_STRING ServiceName, ULONG NameSpace,
    GUID *Provider, PADDRINFOEXW Hints, PADDRINFOEXW *Result, PEPROCESS OwningProcess,
    PETHREAD OwningThread, PIRP Irp);

/* Frees a list that WskGetAddressInfo has returned. PASSIVE_LEVEL. Documentation:
 * nc-wsk-pfn_wsk_free_address_info. */
typedef VOID(WSKAPI *PFN_WSK_FREE_ADDRESS_INFO)(PWSK_CLIENT Client, PADDRINFOEXW AddrInfo);

/* Translates an address to host and service name. PASSIVE_LEVEL. STATUS_NO_MATCH: no name.
 * Documentation: nc-wsk-pfn_wsk_get_name_info. */
typedef NTSTATUS(WSKAPI *PFN_WSK_GET_NAME_INFO)(
    PWSK_CLIENT Client, PSOCKADDR SockAddr, ULONG SockAddrLength, PUNICODE_STRING NodeName,
    PUNICODE_STRING ServiceName, ULONG Flags, PEPROCESS OwningProcess, PETHREAD OwningThread,
    PIRP Irp);

/* Documentation: ns-wsk-_wsk_provider_dispatch. */
typedef struct _WSK_PROVIDER_DISPATCH {
  USHORT Version;
  USHORT Reserved;
  PFN_WSK_SOCKET WskSocket;
  PFN_WSK_SOCKET_CONNECT WskSocketConnect;
  PFN_WSK_CONTROL_CLIENT WskControlClient;
  PFN_WSK_GET_ADDRESS_INFO WskGetAddressInfo;
  PFN_WSK_FREE_ADDRESS_INFO WskFreeAddressInfo;
  PFN_WSK_GET_NAME_INFO WskGetNameInfo;
} WSK_PROVIDER_DISPATCH, *PWSK_PROVIDER_DISPATCH;

C_ASSERT(sizeof(WSK_PROVIDER_DISPATCH) == 56 && offsetof(WSK_PROVIDER_DISPATCH, Reserved) == 2);
C_ASSERT(offsetof(WSK_PROVIDER_DISPATCH, WskSocket) == 8);
C_ASSERT(offsetof(WSK_PROVIDER_DISPATCH, WskSocketConnect) == 16);
C_ASSERT(offsetof(WSK_PROVIDER_DISPATCH, WskControlClient) == 24);
C_ASSERT(offsetof(WSK_PROVIDER_DISPATCH, WskGetAddressInfo) == 32);
C_ASSERT(offsetof(WSK_PROVIDER_DISPATCH, WskFreeAddressInfo) == 40);
C_ASSERT(offsetof(WSK_PROVIDER_DISPATCH, WskGetNameInfo) == 48);

/* ---- Socket functions ----------------------------------------------------------------------- */

/* Sets or gets a socket option or executes an IOCTL. Information: bytes of output. The
 * SIO_ADDRESS_LIST_* codes need PASSIVE_LEVEL. STATUS_EVENT_PENDING: a callback being disabled
 * without IRP is still running. Documentation: nc-wsk-pfn_wsk_control_socket. */
typedef NTSTATUS(WSKAPI *PFN_WSK_CONTROL_SOCKET)(
    PWSK_SOCKET Socket, WSK_CONTROL_SOCKET_TYPE RequestType, ULONG ControlCode, ULONG Level,
    SIZE_T InputSize, PVOID InputBuffer, SIZE_T OutputSize, PVOID OutputBuffer,
    SIZE_T *OutputSizeReturned, PIRP Irp);

/* Closes a socket: cancels its requests, waits for its callbacks, aborts a live connection.
 * Documentation: nc-wsk-pfn_wsk_close_socket. */
typedef NTSTATUS(WSKAPI *PFN_WSK_CLOSE_SOCKET)(PWSK_SOCKET Socket, PIRP Irp);

/* Binds a socket to a local address; a listening socket listens from then on.
 * STATUS_ADDRESS_ALREADY_EXISTS or STATUS_ACCESS_DENIED when the address is taken.
 * Documentation: nc-wsk-pfn_wsk_bind. */
typedef NTSTATUS(WSKAPI *PFN_WSK_BIND)(
    PWSK_SOCKET Socket, PSOCKADDR LocalAddress, ULONG Flags, PIRP Irp);

/* Makes a bound stream socket a listening one. Documentation: nc-wsk-pfn_wsk_listen. */
typedef NTSTATUS(WSKAPI *PFN_WSK_LISTEN)(PWSK_SOCKET Socket, PIRP Irp);

/* Accepts an incoming connection, now or when one arrives. Information: the PWSK_SOCKET.
 * Documentation: nc-wsk-pfn_wsk_accept. */
typedef NTSTATUS(WSKAPI *PFN_WSK_ACCEPT)(
    PWSK_SOCKET ListenSocket, ULONG Flags, PVOID AcceptSocketContext,
    CONST WSK_CLIENT_CONNECTION_DISPATCH *AcceptSocketDispatch, PSOCKADDR LocalAddress,
    PSOCKADDR RemoteAddress, PIRP Irp);

/* Gives the verdict on a connection request for which WskInspectPend was returned.
 * Documentation: nc-wsk-pfn_wsk_inspect_complete. */
typedef NTSTATUS(WSKAPI *PFN_WSK_INSPECT_COMPLETE)(
    PWSK_SOCKET ListenSocket, PWSK_INSPECT_ID InspectID, WSK_INSPECT_ACTION Action, PIRP Irp);

/* Connects a bound socket. Documentation: nc-wsk-pfn_wsk_connect. */
typedef NTSTATUS(WSKAPI *PFN_WSK_CONNECT)(
    PWSK_SOCKET Socket, PSOCKADDR RemoteAddress, ULONG Flags, PIRP Irp);

/* Connects a bound socket and sends up to 65535 bytes (STATUS_BUFFER_OVERFLOW: more were
 * given). Documentation: nc-wsk-pfn_wsk_connect_ex. */
typedef NTSTATUS(WSKAPI *PFN_WSK_CONNECT_EX)(
    PWSK_SOCKET Socket, PSOCKADDR RemoteAddress, PWSK_BUF Buffer, ULONG Flags, PIRP Irp);

/* Disconnects gracefully, after an optional last Buffer, or with WSK_FLAG_ABORTIVE at once.
 * Documentation: nc-wsk-pfn_wsk_disconnect. */
typedef NTSTATUS(WSKAPI *PFN_WSK_DISCONNECT)(
    PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PIRP Irp);

/* Stores the local address. STATUS_INVALID_DEVICE_STATE: the socket is not bound.
 * Documentation: nc-wsk-pfn_wsk_get_local_address. */
typedef NTSTATUS(WSKAPI *PFN_WSK_GET_LOCAL_ADDRESS)(
    PWSK_SOCKET Socket, PSOCKADDR LocalAddress, PIRP Irp);

/* Stores the peer address. STATUS_INVALID_DEVICE_STATE: the socket is not connected.
 * Documentation: nc-wsk-pfn_wsk_get_remote_address. */
typedef NTSTATUS(WSKAPI *PFN_WSK_GET_REMOTE_ADDRESS)(
    PWSK_SOCKET Socket, PSOCKADDR RemoteAddress, PIRP Irp);

/* Sends over a connection; completes when all is sent. Information: bytes sent. Documentation:
 * nc-wsk-pfn_wsk_send. */
typedef NTSTATUS(WSKAPI *PFN_WSK_SEND)(PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PIRP Irp);

/* Receives from a connection. Information: bytes received, 0 after the peer has disconnected.
 * Documentation: nc-wsk-pfn_wsk_receive. */
typedef NTSTATUS(WSKAPI *PFN_WSK_RECEIVE)(
    PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PIRP Irp);

/* WskSend with control information; reserved for system use. Documentation:
 * nc-wsk-pfn_wsk_send_ex. */
typedef NTSTATUS(WSKAPI *PFN_WSK_SEND_EX)(
    PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, ULONG ControlInfoLength, PCMSGHDR ControlInfo,
    PIRP Irp);

/* WskReceive with control information; reserved for system use. Documentation:
 * nc-wsk-pfn_wsk_receive_ex. */
typedef NTSTATUS(WSKAPI *PFN_WSK_RECEIVE_EX)(
    PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PULONG ControlInfoLength,
    PCMSGHDR ControlInfo, PULONG ControlFlags, PIRP Irp);

/* Sends one datagram. Information: bytes sent. Documentation: nc-wsk-pfn_wsk_send_to. */
typedef NTSTATUS(WSKAPI *PFN_WSK_SEND_TO)(
    PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PSOCKADDR RemoteAddress,
    ULONG ControlInfoLength, PCMSGHDR ControlInfo, PIRP Irp);

/* Sends one datagram for each list element. Information: bytes sent in all. Documentation:
 * nc-wsk-pfn_wsk_send_messages. */
typedef NTSTATUS(WSKAPI *PFN_WSK_SEND_MESSAGES)(
    PWSK_SOCKET Socket, PWSK_BUF_LIST BufferList, ULONG Flags, PSOCKADDR RemoteAddress,
    ULONG ControlInfoLength, PCMSGHDR ControlInfo, PIRP Irp);

/* Receives one datagram; *ControlFlags holds MSG_* bits. Information: bytes received.
 * Documentation: nc-wsk-pfn_wsk_receive_from. */
typedef NTSTATUS(WSKAPI *PFN_WSK_RECEIVE_FROM)(
    PWSK_SOCKET Socket, PWSK_BUF Buffer, ULONG Flags, PSOCKADDR RemoteAddress, PULONG ControlLength,
    PCMSGHDR ControlInfo, PULONG ControlFlags, PIRP Irp);

/* Gives back the list kept by a WskReceiveEvent that returned STATUS_PENDING. Documentation:
 * nc-wsk-pfn_wsk_release_data_indication_list. */
typedef NTSTATUS(WSKAPI *PFN_WSK_RELEASE_DATA_INDICATION_LIST)(
    PWSK_SOCKET Socket, PWSK_DATA_INDICATION DataIndication);

/* Gives back the list kept by a WskReceiveFromEvent that returned STATUS_PENDING.
 * Documentation: nc-wsk-pfn_wsk_release_datagram_indication_list. */
typedef NTSTATUS(WSKAPI *PFN_WSK_RELEASE_DATAGRAM_INDICATION_LIST)(
    PWSK_SOCKET Socket, PWSK_DATAGRAM_INDICATION DatagramIndication);

/* ---- Provider dispatch tables --------------------------------------------------------------- */

/* Functions that every socket has. Documentation: ns-wsk-_wsk_provider_basic_dispatch. */
typedef struct _WSK_PROVIDER_BASIC_DISPATCH {
  PFN_WSK_CONTROL_SOCKET WskControlSocket;
  PFN_WSK_CLOSE_SOCKET WskCloseSocket;
} WSK_PROVIDER_BASIC_DISPATCH, *PWSK_PROVIDER_BASIC_DISPATCH;

C_ASSERT(sizeof(WSK_PROVIDER_BASIC_DISPATCH) == 16);
C_ASSERT(offsetof(WSK_PROVIDER_BASIC_DISPATCH, WskCloseSocket) == 8);

/* Each table begins with the basic functions: in C++ they are the member Basic; in C they are
 * members of the table itself, in a nested pair of braces as far as initialisers go. The anonymous
 * structure has standard C form, so no compiler extension is needed. */
#ifdef __cplusplus
#define OWSK_PROVIDER_BASIC_DISPATCH WSK_PROVIDER_BASIC_DISPATCH Basic
#else
#define OWSK_PROVIDER_BASIC_DISPATCH                                                              \
  struct {                                                                                        \
    PFN_WSK_CONTROL_SOCKET WskControlSocket;                                                      \
    PFN_WSK_CLOSE_SOCKET WskCloseSocket;                                                          \
  }
#endif

/* Documentation: ns-wsk-_wsk_provider_listen_dispatch. */
typedef struct _WSK_PROVIDER_LISTEN_DISPATCH {
  OWSK_PROVIDER_BASIC_DISPATCH;
  PFN_WSK_BIND WskBind;
  PFN_WSK_ACCEPT WskAccept;
  PFN_WSK_INSPECT_COMPLETE WskInspectComplete;
  PFN_WSK_GET_LOCAL_ADDRESS WskGetLocalAddress;
} WSK_PROVIDER_LISTEN_DISPATCH, *PWSK_PROVIDER_LISTEN_DISPATCH;

C_ASSERT(sizeof(WSK_PROVIDER_LISTEN_DISPATCH) == 48);
C_ASSERT(offsetof(WSK_PROVIDER_LISTEN_DISPATCH, WskBind) == 16);
C_ASSERT(offsetof(WSK_PROVIDER_LISTEN_DISPATCH, WskAccept) == 24);
C_ASSERT(offsetof(WSK_PROVIDER_LISTEN_DISPATCH, WskInspectComplete) == 32);
C_ASSERT(offsetof(WSK_PROVIDER_LISTEN_DISPATCH, WskGetLocalAddress) == 40);

/* Documentation: ns-wsk-_wsk_provider_datagram_dispatch. */
typedef struct _WSK_PROVIDER_DATAGRAM_DISPATCH {
  OWSK_PROVIDER_BASIC_DISPATCH;
  PFN_WSK_BIND WskBind;
  PFN_WSK_SEND_TO WskSendTo;
  PFN_WSK_RECEIVE_FROM WskReceiveFrom;
  PFN_WSK_RELEASE_DATAGRAM_INDICATION_LIST WskRelease;
  PFN_WSK_GET_LOCAL_ADDRESS WskGetLocalAddress;
  PFN_WSK_SEND_MESSAGES WskSendMessages;
} WSK_PROVIDER_DATAGRAM_DISPATCH, *PWSK_PROVIDER_DATAGRAM_DISPATCH;

C_ASSERT(sizeof(WSK_PROVIDER_DATAGRAM_DISPATCH) == 64);
C_ASSERT(offsetof(WSK_PROVIDER_DATAGRAM_DISPATCH, WskBind) == 16);
C_ASSERT(offsetof(WSK_PROVIDER_DATAGRAM_DISPATCH, WskSendTo) == 24);
C_ASSERT(offsetof(WSK_PROVIDER_DATAGRAM_DISPATCH, WskReceiveFrom) == 32);
C_ASSERT(offsetof(WSK_PROVIDER_DATAGRAM_DISPATCH, WskRelease) == 40);
C_ASSERT(offsetof(WSK_PROVIDER_DATAGRAM_DISPATCH, WskGetLocalAddress) == 48);
C_ASSERT(offsetof(WSK_PROVIDER_DATAGRAM_DISPATCH, WskSendMessages) == 56);

/* Documentation: ns-wsk-_wsk_provider_connection_dispatch. */
typedef struct _WSK_PROVIDER_CONNECTION_DISPATCH {
  OWSK_PROVIDER_BASIC_DISPATCH;
  PFN_WSK_BIND WskBind;
  PFN_WSK_CONNECT WskConnect;
  PFN_WSK_GET_LOCAL_ADDRESS WskGetLocalAddress;
  PFN_WSK_GET_REMOTE_ADDRESS WskGetRemoteAddress;
  PFN_WSK_SEND WskSend;
  PFN_WSK_RECEIVE WskReceive;
  PFN_WSK_DISCONNECT WskDisconnect;
  PFN_WSK_RELEASE_DATA_INDICATION_LIST WskRelease;
  PFN_WSK_CONNECT_EX WskConnectEx;
  PFN_WSK_SEND_EX WskSendEx;
  PFN_WSK_RECEIVE_EX WskReceiveEx;
} WSK_PROVIDER_CONNECTION_DISPATCH, *PWSK_PROVIDER_CONNECTION_DISPATCH;

C_ASSERT(sizeof(WSK_PROVIDER_CONNECTION_DISPATCH) == 104);
C_ASSERT(offsetof(WSK_PROVIDER_CONNECTION_DISPATCH, WskBind) == 16);
C_ASSERT(offsetof(WSK_PROVIDER_CONNECTION_DISPATCH, WskConnect) == 24);
C_ASSERT(offsetof(WSK_PROVIDER_CONNECTION_DISPATCH, WskGetLocalAddress) == 32);
C_ASSERT(offsetof(WSK_PROVIDER_CONNECTION_DISPATCH, WskGetRemoteAddress) == 40);
C_ASSERT(offsetof(WSK_PROVIDER_CONNECTION_DISPATCH, WskSend) == 48);
C_ASSERT(offsetof(WSK_PROVIDER_CONNECTION_DISPATCH, WskReceive) == 56);
C_ASSERT(offsetof(WSK_PROVIDER_CONNECTION_DISPATCH, WskDisconnect) == 64);
C_ASSERT(offsetof(WSK_PROVIDER_CONNECTION_DISPATCH, WskRelease) == 72);
C_ASSERT(offsetof(WSK_PROVIDER_CONNECTION_DISPATCH, WskConnectEx) == 80);
C_ASSERT(offsetof(WSK_PROVIDER_CONNECTION_DISPATCH, WskSendEx) == 88);
C_ASSERT(offsetof(WSK_PROVIDER_CONNECTION_DISPATCH, WskReceiveEx) == 96);

/* Documentation: ns-wsk-_wsk_provider_stream_dispatch. */
typedef struct _WSK_PROVIDER_STREAM_DISPATCH {
  OWSK_PROVIDER_BASIC_DISPATCH;
  PFN_WSK_BIND WskBind;
  PFN_WSK_ACCEPT WskAccept;
  PFN_WSK_CONNECT WskConnect;
  PFN_WSK_LISTEN WskListen;
  PFN_WSK_SEND WskSend;
  PFN_WSK_RECEIVE WskReceive;
  PFN_WSK_DISCONNECT WskDisconnect;
  PFN_WSK_RELEASE_DATA_INDICATION_LIST WskRelease;
  PFN_WSK_GET_LOCAL_ADDRESS WskGetLocalAddress;
  PFN_WSK_GET_REMOTE_ADDRESS WskGetRemoteAddress;
  PFN_WSK_CONNECT_EX WskConnectEx;
  PFN_WSK_SEND_EX WskSendEx;
  PFN_WSK_RECEIVE_EX WskReceiveEx;
} WSK_PROVIDER_STREAM_DISPATCH, *PWSK_PROVIDER_STREAM_DISPATCH;

C_ASSERT(sizeof(WSK_PROVIDER_STREAM_DISPATCH) == 120);
C_ASSERT(offsetof(WSK_PROVIDER_STREAM_DISPATCH, WskBind) == 16);
C_ASSERT(offsetof(WSK_PROVIDER_STREAM_DISPATCH, WskAccept) == 24);
C_ASSERT(offsetof(WSK_PROVIDER_STREAM_DISPATCH, WskConnect) == 32);
C_ASSERT(offsetof(WSK_PROVIDER_STREAM_DISPATCH, WskListen) == 40);
C_ASSERT(offsetof(WSK_PROVIDER_STREAM_DISPATCH, WskSend) == 48);
C_ASSERT(offsetof(WSK_PROVIDER_STREAM_DISPATCH, WskReceive) == 56);
C_ASSERT(offsetof(WSK_PROVIDER_STREAM_DISPATCH, WskDisconnect) == 64);
C_ASSERT(offsetof(WSK_PROVIDER_STREAM_DISPATCH, WskRelease) == 72);
C_ASSERT(offsetof(WSK_PROVIDER_STREAM_DISPATCH, WskGetLocalAddress) == 80);
C_ASSERT(offsetof(WSK_PROVIDER_STREAM_DISPATCH, WskGetRemoteAddress) == 88);
C_ASSERT(offsetof(WSK_PROVIDER_STREAM_DISPATCH, WskConnectEx) == 96);
C_ASSERT(offsetof(WSK_PROVIDER_STREAM_DISPATCH, WskSendEx) == 104);
C_ASSERT(offsetof(WSK_PROVIDER_STREAM_DISPATCH, WskReceiveEx) == 112);

/* ---- Registration --------------------------------------------------------------------------- */

/* What the application registers. Documentation: ns-wsk-_wsk_client_npi. */
typedef struct _WSK_CLIENT_NPI {
  PVOID ClientContext;
  CONST WSK_CLIENT_DISPATCH *Dispatch;
} WSK_CLIENT_NPI, *PWSK_CLIENT_NPI;

/* What the subsystem offers. Documentation: ns-wsk-_wsk_provider_npi. */
typedef struct _WSK_PROVIDER_NPI {
  PWSK_CLIENT Client;
  CONST WSK_PROVIDER_DISPATCH *Dispatch;
} WSK_PROVIDER_NPI, *PWSK_PROVIDER_NPI;

/* Range of supported versions. Documentation: ns-wsk-_wsk_provider_characteristics. */
typedef struct _WSK_PROVIDER_CHARACTERISTICS {
  USHORT HighestVersion;
  USHORT LowestVersion;
} WSK_PROVIDER_CHARACTERISTICS, *PWSK_PROVIDER_CHARACTERISTICS;

/* State of a registration; opaque to the application. Documentation: ns-wsk-_wsk_registration. */
typedef struct _WSK_REGISTRATION {
  ULONGLONG ReservedRegistrationState;
  PVOID ReservedRegistrationContext;
  KSPIN_LOCK ReservedRegistrationLock;
} WSK_REGISTRATION, *PWSK_REGISTRATION;

C_ASSERT(sizeof(WSK_CLIENT_NPI) == 16 && offsetof(WSK_CLIENT_NPI, Dispatch) == 8);
C_ASSERT(sizeof(WSK_PROVIDER_NPI) == 16 && offsetof(WSK_PROVIDER_NPI, Dispatch) == 8);
C_ASSERT(sizeof(WSK_PROVIDER_CHARACTERISTICS) == 4);
C_ASSERT(offsetof(WSK_PROVIDER_CHARACTERISTICS, LowestVersion) == 2);
C_ASSERT(sizeof(WSK_REGISTRATION) == 24);
C_ASSERT(offsetof(WSK_REGISTRATION, ReservedRegistrationContext) == 8);
C_ASSERT(offsetof(WSK_REGISTRATION, ReservedRegistrationLock) == 16);

/* Registers an application. PASSIVE_LEVEL. The registration block and the dispatch table stay
 * valid until WskDeregister has returned. Documentation: nf-wsk-wskregister. */
NTKERNELAPI NTSTATUS WSKAPI WskRegister(
    PWSK_CLIENT_NPI WskClientNpi, PWSK_REGISTRATION WskRegistration);

/* Ends a registration; returns when every captured NPI is released, every socket closed and
 * every request complete. PASSIVE_LEVEL. Documentation: nf-wsk-wskderegister. */
NTKERNELAPI VOID WSKAPI WskDeregister(PWSK_REGISTRATION WskRegistration);

/* Obtains the subsystem's dispatch table, waiting for it if need be. PASSIVE_LEVEL, or IRQL <=
 * DISPATCH_LEVEL with WSK_NO_WAIT. STATUS_DEVICE_NOT_READY: not available in time;
 * STATUS_NOINTERFACE: version not supported. Documentation: nf-wsk-wskcaptureprovidernpi. */
NTKERNELAPI NTSTATUS WSKAPI WskCaptureProviderNPI(
    PWSK_REGISTRATION WskRegistration, ULONG WaitTimeout, PWSK_PROVIDER_NPI WskProviderNpi);

/* Undoes one successful WskCaptureProviderNPI. IRQL <= DISPATCH_LEVEL. Documentation:
 * nf-wsk-wskreleaseprovidernpi. */
NTKERNELAPI VOID WSKAPI WskReleaseProviderNPI(PWSK_REGISTRATION WskRegistration);

/* Tells the range of supported versions without waiting. IRQL <= DISPATCH_LEVEL.
 * STATUS_DEVICE_NOT_READY: the subsystem is not available yet. Documentation:
 * nf-wsk-wskqueryprovidercharacteristics. */
NTKERNELAPI NTSTATUS WSKAPI WskQueryProviderCharacteristics(
    PWSK_REGISTRATION WskRegistration, PWSK_PROVIDER_CHARACTERISTICS WskProviderCharacteristics);

#ifdef __cplusplus
}
#endif

#endif /* OWSK_KM_WSK_H */
