/* SPDX-License-Identifier: MIT */
/* TCP/IP control codes and address helpers; mirrors the WDK's shared header mstcpip.h. */
#ifndef OWSK_SHARED_MSTCPIP_H
#define OWSK_SHARED_MSTCPIP_H

#include <ws2def.h>
#include <ws2ipdef.h>
#include <ip2string.h>

/* ---- Control codes -------------------------------------------------------------------------- */

#define SIO_RCVALL _WSAIOW(IOC_VENDOR, 1)
#define SIO_RCVALL_MCAST _WSAIOW(IOC_VENDOR, 2)
#define SIO_RCVALL_IGMPMCAST _WSAIOW(IOC_VENDOR, 3)
#define SIO_KEEPALIVE_VALS _WSAIOW(IOC_VENDOR, 4)
#define SIO_ABSORB_RTRALERT _WSAIOW(IOC_VENDOR, 5)
#define SIO_UCAST_IF _WSAIOW(IOC_VENDOR, 6)
#define SIO_LIMIT_BROADCASTS _WSAIOW(IOC_VENDOR, 7)
#define SIO_INDEX_BIND _WSAIOW(IOC_VENDOR, 8)
#define SIO_INDEX_MCASTIF _WSAIOW(IOC_VENDOR, 9)
#define SIO_INDEX_ADD_MCAST _WSAIOW(IOC_VENDOR, 10)
#define SIO_INDEX_DEL_MCAST _WSAIOW(IOC_VENDOR, 11)
#define SIO_UDP_CONNRESET _WSAIOW(IOC_VENDOR, 12)
#define SIO_RCVALL_MCAST_IF _WSAIOW(IOC_VENDOR, 13)
#define SIO_RCVALL_IF _WSAIOW(IOC_VENDOR, 14)
#define SIO_UDP_NETRESET _WSAIOW(IOC_VENDOR, 15)
#define SIO_LOOPBACK_FAST_PATH _WSAIOW(IOC_VENDOR, 16)
#define SIO_TCP_INITIAL_RTO _WSAIOW(IOC_VENDOR, 17)
#define SIO_APPLY_TRANSPORT_SETTING _WSAIOW(IOC_VENDOR, 19)
#define SIO_QUERY_TRANSPORT_SETTING _WSAIOW(IOC_VENDOR, 20)
#define SIO_TCP_SET_ICW _WSAIOW(IOC_VENDOR, 22)
#define SIO_TCP_SET_ACK_FREQUENCY _WSAIOW(IOC_VENDOR, 23)
#define SIO_SET_PRIORITY_HINT _WSAIOW(IOC_VENDOR, 24)
#define SIO_TCP_INFO _WSAIORW(IOC_VENDOR, 39)
#define SIO_ACQUIRE_PORT_RESERVATION _WSAIOW(IOC_VENDOR, 100)
#define SIO_RELEASE_PORT_RESERVATION _WSAIOW(IOC_VENDOR, 101)
#define SIO_ASSOCIATE_PORT_RESERVATION _WSAIOW(IOC_VENDOR, 102)
#define SIO_QUERY_RSS_SCALABILITY_INFO _WSAIOR(IOC_VENDOR, 210)
#define SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS _WSAIOW(IOC_VENDOR, 220)
#define SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT _WSAIOW(IOC_VENDOR, 221)
#define SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS _WSAIOW(IOC_VENDOR, 222)

C_ASSERT(SIO_LOOPBACK_FAST_PATH == 0x98000010 && SIO_QUERY_RSS_SCALABILITY_INFO == 0x580000D2);
C_ASSERT(SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS == 0x980000DC);
C_ASSERT(SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT == 0x980000DD);
C_ASSERT(SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS == 0x980000DE);

/* Input of SIO_KEEPALIVE_VALS; the times are in milliseconds. */
struct tcp_keepalive {
  ULONG onoff;
  ULONG keepalivetime;
  ULONG keepaliveinterval;
};

typedef enum {
  RCVALL_OFF = 0,
  RCVALL_ON = 1,
  RCVALL_SOCKETLEVELONLY = 2,
  RCVALL_IPLEVEL = 3
} RCVALL_VALUE, *PRCVALL_VALUE;

typedef struct {
  BOOLEAN RssEnabled;
} RSS_SCALABILITY_INFO, *PRSS_SCALABILITY_INFO;

#define TCP_INITIAL_RTO_UNSPECIFIED_RTT ((USHORT)-1)
#define TCP_INITIAL_RTO_UNSPECIFIED_MAX_SYN_RETRANSMISSIONS ((UCHAR)-1)
#define TCP_INITIAL_RTO_DEFAULT_RTT 0
#define TCP_INITIAL_RTO_DEFAULT_MAX_SYN_RETRANSMISSIONS 0
typedef struct _TCP_INITIAL_RTO_PARAMETERS {
  USHORT Rtt; /* milliseconds */
  UCHAR MaxSynRetransmissions;
} TCP_INITIAL_RTO_PARAMETERS, *PTCP_INITIAL_RTO_PARAMETERS;

typedef struct _INET_PORT_RANGE {
  USHORT StartPort;
  USHORT NumberOfPorts;
} INET_PORT_RANGE, *PINET_PORT_RANGE;
typedef struct _INET_PORT_RESERVATION_TOKEN {
  ULONG64 Token;
} INET_PORT_RESERVATION_TOKEN, *PINET_PORT_RESERVATION_TOKEN;

C_ASSERT(sizeof(struct tcp_keepalive) == 12 && sizeof(RSS_SCALABILITY_INFO) == 1);

#ifdef __cplusplus
extern "C" {
#endif

/* ---- IPv4 addresses ------------------------------------------------------------------------- */

FORCEINLINE BOOLEAN IN4_ADDR_EQUAL(CONST IN_ADDR *a, CONST IN_ADDR *b) {
  return (BOOLEAN)(a->s_addr == b->s_addr);
}

FORCEINLINE BOOLEAN IN4_UNALIGNED_ADDR_EQUAL(CONST IN_ADDR *a, CONST IN_ADDR *b) {
  return (BOOLEAN)(__builtin_memcmp(a, b, sizeof(IN_ADDR)) == 0);
}

FORCEINLINE BOOLEAN IN4_IS_ADDR_UNSPECIFIED(CONST IN_ADDR *a) {
  return (BOOLEAN)(a->s_addr == INADDR_ANY);
}

FORCEINLINE BOOLEAN IN4_IS_ADDR_LOOPBACK(CONST IN_ADDR *a) {
  return (BOOLEAN)(a->S_un.S_un_b.s_b1 == 127);
}

FORCEINLINE BOOLEAN IN4_IS_ADDR_BROADCAST(CONST IN_ADDR *a) {
  return (BOOLEAN)(a->s_addr == INADDR_BROADCAST);
}

FORCEINLINE BOOLEAN IN4_IS_ADDR_MULTICAST(CONST IN_ADDR *a) {
  return (BOOLEAN)((a->S_un.S_un_b.s_b1 & 0xf0) == 0xe0);
}

FORCEINLINE BOOLEAN IN4_IS_ADDR_LINKLOCAL(CONST IN_ADDR *a) {
  return (BOOLEAN)(a->S_un.S_un_b.s_b1 == 169 && a->S_un.S_un_b.s_b2 == 254);
}

FORCEINLINE BOOLEAN IN4_IS_ADDR_RFC1918(CONST IN_ADDR *a) {
  return (BOOLEAN)(a->S_un.S_un_b.s_b1 == 10 ||
                   (a->S_un.S_un_b.s_b1 == 172 && (a->S_un.S_un_b.s_b2 & 0xf0) == 16) ||
                   (a->S_un.S_un_b.s_b1 == 192 && a->S_un.S_un_b.s_b2 == 168));
}

FORCEINLINE BOOLEAN IN4_IS_ADDR_SITELOCAL(CONST IN_ADDR *a) { return IN4_IS_ADDR_RFC1918(a); }

FORCEINLINE BOOLEAN IN4_IS_ADDR_MC_LINKLOCAL(CONST IN_ADDR *a) {
  return (BOOLEAN)(a->S_un.S_un_b.s_b1 == 224 && a->S_un.S_un_b.s_b2 == 0 &&
                   a->S_un.S_un_b.s_b3 == 0);
}

FORCEINLINE BOOLEAN IN4_IS_ADDR_MC_ADMINLOCAL(CONST IN_ADDR *a) {
  return (BOOLEAN)(a->S_un.S_un_b.s_b1 == 239 && a->S_un.S_un_b.s_b2 == 255);
}

FORCEINLINE BOOLEAN IN4_IS_ADDR_MC_SITELOCAL(CONST IN_ADDR *a) {
  return (BOOLEAN)(a->S_un.S_un_b.s_b1 == 239 && !IN4_IS_ADDR_MC_ADMINLOCAL(a));
}

FORCEINLINE BOOLEAN IN4ADDR_ISANY(CONST SOCKADDR_IN *a) {
  return IN4_IS_ADDR_UNSPECIFIED(&a->sin_addr);
}

FORCEINLINE BOOLEAN IN4ADDR_ISUNSPECIFIED(CONST SOCKADDR_IN *a) {
  return IN4_IS_ADDR_UNSPECIFIED(&a->sin_addr);
}

FORCEINLINE BOOLEAN IN4ADDR_ISLOOPBACK(CONST SOCKADDR_IN *a) {
  return IN4_IS_ADDR_LOOPBACK(&a->sin_addr);
}

FORCEINLINE VOID IN4ADDR_SETANY(PSOCKADDR_IN a) {
  __builtin_memset(a, 0, sizeof(*a));
  a->sin_family = AF_INET;
}

FORCEINLINE VOID IN4ADDR_SETLOOPBACK(PSOCKADDR_IN a) {
  __builtin_memset(a, 0, sizeof(*a));
  a->sin_family = AF_INET;
  a->sin_addr.S_un.S_un_b.s_b1 = 127;
  a->sin_addr.S_un.S_un_b.s_b4 = 1;
}

/* ---- IPv6 addresses that carry an IPv4 address ---------------------------------------------- */

FORCEINLINE CONST UCHAR *IN6_GET_ADDR_V4MAPPED(CONST IN6_ADDR *a) { return &a->u.Byte[12]; }
FORCEINLINE CONST UCHAR *IN6_GET_ADDR_V4COMPAT(CONST IN6_ADDR *a) { return &a->u.Byte[12]; }

FORCEINLINE VOID IN6_SET_ADDR_V4MAPPED(PIN6_ADDR a6, CONST IN_ADDR *a4) {
  __builtin_memset(a6, 0, sizeof(IN6_ADDR));
  a6->u.Word[5] = 0xffff;
  __builtin_memcpy(&a6->u.Byte[12], a4, sizeof(IN_ADDR));
}

FORCEINLINE VOID IN6_SET_ADDR_V4COMPAT(PIN6_ADDR a6, CONST IN_ADDR *a4) {
  __builtin_memset(a6, 0, sizeof(IN6_ADDR));
  __builtin_memcpy(&a6->u.Byte[12], a4, sizeof(IN_ADDR));
}

/* Makes a V4-mapped socket address; Port is in network byte order. */
FORCEINLINE VOID IN6ADDR_SETV4MAPPED(PSOCKADDR_IN6 a6, CONST IN_ADDR *a4, SCOPE_ID scope,
                                     USHORT port) {
  a6->sin6_family = AF_INET6;
  a6->sin6_port = port;
  a6->sin6_flowinfo = 0;
  IN6_SET_ADDR_V4MAPPED(&a6->sin6_addr, a4);
  a6->sin6_scope_struct = scope;
}

FORCEINLINE BOOLEAN IN6ADDR_ISV4MAPPED(CONST SOCKADDR_IN6 *a) {
  return IN6_IS_ADDR_V4MAPPED(&a->sin6_addr);
}

FORCEINLINE BOOLEAN IN6ADDR_ISUNSPECIFIED(CONST SOCKADDR_IN6 *a) {
  return IN6_IS_ADDR_UNSPECIFIED(&a->sin6_addr);
}

FORCEINLINE BOOLEAN IN6_UNALIGNED_ADDR_EQUAL(CONST IN6_ADDR *a, CONST IN6_ADDR *b) {
  return (BOOLEAN)(__builtin_memcmp(a, b, sizeof(IN6_ADDR)) == 0);
}

/* ---- Addresses of either family, chosen by sa_family ---------------------------------------- */

FORCEINLINE BOOLEAN INETADDR_ISANY(CONST SOCKADDR *a) {
  return a->sa_family == AF_INET6 ? IN6ADDR_ISANY((CONST SOCKADDR_IN6 *)(CONST VOID *)a)
                                  : IN4ADDR_ISANY((CONST SOCKADDR_IN *)(CONST VOID *)a);
}

FORCEINLINE BOOLEAN INETADDR_ISUNSPECIFIED(CONST SOCKADDR *a) { return INETADDR_ISANY(a); }

FORCEINLINE BOOLEAN INETADDR_ISLOOPBACK(CONST SOCKADDR *a) {
  return a->sa_family == AF_INET6 ? IN6ADDR_ISLOOPBACK((CONST SOCKADDR_IN6 *)(CONST VOID *)a)
                                  : IN4ADDR_ISLOOPBACK((CONST SOCKADDR_IN *)(CONST VOID *)a);
}

FORCEINLINE BOOLEAN INETADDR_ISV4MAPPED(CONST SOCKADDR *a) {
  return (BOOLEAN)(a->sa_family == AF_INET6 &&
                   IN6ADDR_ISV4MAPPED((CONST SOCKADDR_IN6 *)(CONST VOID *)a));
}

/* Sets address and port to zero (SETANY) or the loopback address; sa_family must be set before. */
FORCEINLINE VOID INETADDR_SETANY(PSOCKADDR a) {
  if (a->sa_family == AF_INET6) {
    IN6ADDR_SETANY((PSOCKADDR_IN6)(PVOID)a);
  } else {
    IN4ADDR_SETANY((PSOCKADDR_IN)(PVOID)a);
  }
}

FORCEINLINE VOID INETADDR_SETLOOPBACK(PSOCKADDR a) {
  if (a->sa_family == AF_INET6) {
    IN6ADDR_SETLOOPBACK((PSOCKADDR_IN6)(PVOID)a);
  } else {
    IN4ADDR_SETLOOPBACK((PSOCKADDR_IN)(PVOID)a);
  }
}

/* Port in network byte order. */
FORCEINLINE USHORT INETADDR_PORT(CONST SOCKADDR *a) {
  return ((CONST SOCKADDR_IN *)(CONST VOID *)a)->sin_port;
}

FORCEINLINE VOID INETADDR_SET_PORT(PSOCKADDR a, USHORT port) {
  ((PSOCKADDR_IN)(PVOID)a)->sin_port = port;
}

/* The bare address inside a socket address: 4 or 16 bytes. */
FORCEINLINE PUCHAR INETADDR_ADDRESS(CONST SOCKADDR *a) {
  return (PUCHAR)(ULONG_PTR)a + (a->sa_family == AF_INET6 ? 8 : 4);
}

FORCEINLINE VOID INETADDR_SET_ADDRESS(PSOCKADDR a, CONST UCHAR *bytes) {
  if (a->sa_family == AF_INET6) {
    __builtin_memcpy((PUCHAR)a + 8, bytes, sizeof(IN6_ADDR));
  } else {
    __builtin_memcpy((PUCHAR)a + 4, bytes, sizeof(IN_ADDR));
  }
}

FORCEINLINE SCOPE_ID INETADDR_SCOPE_ID(CONST SOCKADDR *a) {
  SCOPE_ID scope;
  scope.Value = a->sa_family == AF_INET6
                    ? ((CONST SOCKADDR_IN6 *)(CONST VOID *)a)->sin6_scope_id
                    : 0;
  return scope;
}

FORCEINLINE BOOLEAN INET_ADDR_EQUAL(ADDRESS_FAMILY af, CONST VOID *a, CONST VOID *b) {
  return (BOOLEAN)(af == AF_INET6 ? __builtin_memcmp(a, b, sizeof(IN6_ADDR)) == 0
                                  : __builtin_memcmp(a, b, sizeof(IN_ADDR)) == 0);
}

FORCEINLINE VOID INET_SET_ADDRESS(ADDRESS_FAMILY af, PUCHAR address, CONST UCHAR *value) {
  if (af == AF_INET6) {
    __builtin_memcpy(address, value, sizeof(IN6_ADDR));
  } else {
    __builtin_memcpy(address, value, sizeof(IN_ADDR));
  }
}

FORCEINLINE BOOLEAN INET_IS_ADDR_UNSPECIFIED(ADDRESS_FAMILY af, CONST VOID *a) {
  return af == AF_INET6 ? IN6_IS_ADDR_UNSPECIFIED((CONST IN6_ADDR *)a)
                        : IN4_IS_ADDR_UNSPECIFIED((CONST IN_ADDR *)a);
}

FORCEINLINE BOOLEAN INET_IS_ADDR_LOOPBACK(ADDRESS_FAMILY af, CONST VOID *a) {
  return af == AF_INET6 ? IN6_IS_ADDR_LOOPBACK((CONST IN6_ADDR *)a)
                        : IN4_IS_ADDR_LOOPBACK((CONST IN_ADDR *)a);
}

FORCEINLINE BOOLEAN INET_IS_ADDR_MULTICAST(ADDRESS_FAMILY af, CONST VOID *a) {
  return af == AF_INET6 ? IN6_IS_ADDR_MULTICAST((CONST IN6_ADDR *)a)
                        : IN4_IS_ADDR_MULTICAST((CONST IN_ADDR *)a);
}

FORCEINLINE BOOLEAN INET_IS_ADDR_LINKLOCAL(ADDRESS_FAMILY af, CONST VOID *a) {
  return af == AF_INET6 ? IN6_IS_ADDR_LINKLOCAL((CONST IN6_ADDR *)a)
                        : IN4_IS_ADDR_LINKLOCAL((CONST IN_ADDR *)a);
}

#ifdef __cplusplus
}
#endif

#endif /* OWSK_SHARED_MSTCPIP_H */
