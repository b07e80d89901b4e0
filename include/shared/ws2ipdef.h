/* SPDX-License-Identifier: MIT */
/* IPv4, IPv6, TCP and UDP definitions for sockets; mirrors the WDK's shared header ws2ipdef.h. */
#ifndef OWSK_SHARED_WS2IPDEF_H
#define OWSK_SHARED_WS2IPDEF_H
#define _WS2IPDEF_

#include <ws2def.h>
#include <in6addr.h>

/* The Windows socket types have the names of the Linux ones but other layouts and values. */
#if defined(_SYS_SOCKET_H) || defined(_NETINET_IN_H)
#error "openwsk socket headers cannot share a translation unit with <sys/socket.h> or \
<netinet/in.h>: struct sockaddr, AF_INET6, SOL_SOCKET and others differ between Windows and \
Linux. Keep code that makes Linux socket calls in its own source file."
#endif

/* ---- Socket addresses ----------------------------------------------------------------------- */

typedef struct sockaddr_in6 {
  ADDRESS_FAMILY sin6_family;
  USHORT sin6_port; /* network byte order */
  ULONG sin6_flowinfo;
  IN6_ADDR sin6_addr;
  union {
    ULONG sin6_scope_id;
    SCOPE_ID sin6_scope_struct;
  };
} SOCKADDR_IN6_LH, SOCKADDR_IN6, *PSOCKADDR_IN6_LH, *PSOCKADDR_IN6;
typedef const SOCKADDR_IN6 *PCSOCKADDR_IN6;

typedef union _SOCKADDR_INET {
  SOCKADDR_IN Ipv4;
  SOCKADDR_IN6 Ipv6;
  ADDRESS_FAMILY si_family;
} SOCKADDR_INET, *PSOCKADDR_INET;
typedef const SOCKADDR_INET *PCSOCKADDR_INET;

typedef struct _sockaddr_in6_pair {
  PSOCKADDR_IN6 SourceAddress;
  PSOCKADDR_IN6 DestinationAddress;
} SOCKADDR_IN6_PAIR, *PSOCKADDR_IN6_PAIR;

typedef struct sockaddr_in6_w2ksp1 {
  short sin6_family;
  USHORT sin6_port;
  ULONG sin6_flowinfo;
  IN6_ADDR sin6_addr;
  ULONG sin6_scope_id;
} SOCKADDR_IN6_W2KSP1, *PSOCKADDR_IN6_W2KSP1;

C_ASSERT(sizeof(SOCKADDR_IN6) == 28 && TYPE_ALIGNMENT(SOCKADDR_IN6) == 4);
C_ASSERT(offsetof(SOCKADDR_IN6, sin6_port) == 2 && offsetof(SOCKADDR_IN6, sin6_flowinfo) == 4);
C_ASSERT(offsetof(SOCKADDR_IN6, sin6_addr) == 8 && offsetof(SOCKADDR_IN6, sin6_scope_id) == 24);
C_ASSERT(sizeof(SOCKADDR_INET) == 28 && TYPE_ALIGNMENT(SOCKADDR_INET) == 4);

/* ---- Option numbers, level IPPROTO_IP ------------------------------------------------------- */

#define IP_HDRINCL 2
#define IP_TOS 3
#define IP_TTL 4
#define IP_MULTICAST_IF 9
#define IP_MULTICAST_TTL 10
#define IP_MULTICAST_LOOP 11
#define IP_ADD_MEMBERSHIP 12
#define IP_DROP_MEMBERSHIP 13
#define IP_DONTFRAGMENT 14
#define IP_ADD_SOURCE_MEMBERSHIP 15
#define IP_DROP_SOURCE_MEMBERSHIP 16
#define IP_BLOCK_SOURCE 17
#define IP_UNBLOCK_SOURCE 18
#define IP_PKTINFO 19
#define IP_HOPLIMIT 21
#define IP_RECVTTL 21
#define IP_RECEIVE_BROADCAST 22
#define IP_RECVIF 24
#define IP_RECVDSTADDR 25
#define IP_IFLIST 28
#define IP_ADD_IFLIST 29
#define IP_DEL_IFLIST 30
#define IP_UNICAST_IF 31
#define IP_RTHDR 32
#define IP_GET_IFLIST 33
#define IP_RECVRTHDR 38
#define IP_TCLASS 39
#define IP_RECVTCLASS 40
#define IP_RECVTOS 40
#define IP_ORIGINAL_ARRIVAL_IF 47
#define IP_ECN 50
#define IP_RECVECN 50
#define IP_PKTINFO_EX 51
#define IP_WFP_REDIRECT_RECORDS 60
#define IP_WFP_REDIRECT_CONTEXT 70
#define IP_MTU_DISCOVER 71
#define IP_MTU 73
#define IP_NRT_INTERFACE 74
#define IP_RECVERR 75
#define IP_USER_MTU 76

#define IP_UNSPECIFIED_TYPE_OF_SERVICE (-1)
#define IP_UNSPECIFIED_HOP_LIMIT (-1)
#define IP_UNSPECIFIED_USER_MTU 0xffffffff

/* ---- Option numbers, level IPPROTO_IPV6 ----------------------------------------------------- */

#define IPV6_HOPOPTS 1
#define IPV6_HDRINCL 2
#define IPV6_UNICAST_HOPS 4
#define IPV6_MULTICAST_IF 9
#define IPV6_MULTICAST_HOPS 10
#define IPV6_MULTICAST_LOOP 11
#define IPV6_ADD_MEMBERSHIP 12
#define IPV6_JOIN_GROUP IPV6_ADD_MEMBERSHIP
#define IPV6_DROP_MEMBERSHIP 13
#define IPV6_LEAVE_GROUP IPV6_DROP_MEMBERSHIP
#define IPV6_DONTFRAG 14
#define IPV6_PKTINFO 19
#define IPV6_HOPLIMIT 21
#define IPV6_PROTECTION_LEVEL 23
#define IPV6_RECVIF 24
#define IPV6_RECVDSTADDR 25
#define IPV6_CHECKSUM 26
#define IPV6_V6ONLY 27
#define IPV6_IFLIST 28
#define IPV6_ADD_IFLIST 29
#define IPV6_DEL_IFLIST 30
#define IPV6_UNICAST_IF 31
#define IPV6_RTHDR 32
#define IPV6_GET_IFLIST 33
#define IPV6_RECVRTHDR 38
#define IPV6_TCLASS 39
#define IPV6_RECVTCLASS 40
#define IPV6_ECN 50
#define IPV6_RECVECN 50
#define IPV6_PKTINFO_EX 51
#define IPV6_WFP_REDIRECT_RECORDS 60
#define IPV6_WFP_REDIRECT_CONTEXT 70
#define IPV6_MTU_DISCOVER 71
#define IPV6_MTU 72
#define IPV6_NRT_INTERFACE 74
#define IPV6_RECVERR 75
#define IPV6_USER_MTU 76

#define PROTECTION_LEVEL_UNRESTRICTED 10
#define PROTECTION_LEVEL_EDGERESTRICTED 20
#define PROTECTION_LEVEL_RESTRICTED 30

#define MCAST_JOIN_GROUP 41
#define MCAST_LEAVE_GROUP 42
#define MCAST_BLOCK_SOURCE 43
#define MCAST_UNBLOCK_SOURCE 44
#define MCAST_JOIN_SOURCE_GROUP 45
#define MCAST_LEAVE_SOURCE_GROUP 46

/* ---- Option numbers, levels IPPROTO_TCP and IPPROTO_UDP ------------------------------------- */

#define TCP_OFFLOAD_NO_PREFERENCE 0
#define TCP_OFFLOAD_NOT_PREFERRED 1
#define TCP_OFFLOAD_PREFERRED 2
#define TCP_EXPEDITED_1122 0x0002
#define TCP_KEEPALIVE 3
#define TCP_MAXSEG 4
#define TCP_MAXRT 5
#define TCP_STDURG 6
#define TCP_NOURG 7
#define TCP_ATMARK 8
#define TCP_NOSYNRETRIES 9
#define TCP_TIMESTAMPS 10
#define TCP_OFFLOAD_PREFERENCE 11
#define TCP_CONGESTION_ALGORITHM 12
#define TCP_DELAY_FIN_ACK 13
#define TCP_MAXRTMS 14
#define TCP_FASTOPEN 15
#define TCP_KEEPCNT 16
#define TCP_KEEPIDLE TCP_KEEPALIVE
#define TCP_KEEPINTVL 17
#define TCP_FAIL_CONNECT_ON_ICMP_ERROR 18
#define TCP_ICMP_ERROR_INFO 19
#define TCP_BSDURGENT 0x7000

#define UDP_NOCHECKSUM 1
#define UDP_SEND_MSG_SIZE 2
#define UDP_RECV_MAX_COALESCED_SIZE 3
#define UDP_COALESCED_INFO 3
#define UDP_CHECKSUM_COVERAGE 20

/* ---- Option and control-data structures ----------------------------------------------------- */

typedef struct ip_mreq {
  IN_ADDR imr_multiaddr;
  IN_ADDR imr_interface;
} IP_MREQ, *PIP_MREQ;

typedef struct ip_mreq_source {
  IN_ADDR imr_multiaddr;
  IN_ADDR imr_sourceaddr;
  IN_ADDR imr_interface;
} IP_MREQ_SOURCE, *PIP_MREQ_SOURCE;

typedef struct ipv6_mreq {
  IN6_ADDR ipv6mr_multiaddr;
  ULONG ipv6mr_interface;
} IPV6_MREQ, *PIPV6_MREQ;

typedef struct group_req {
  ULONG gr_interface;
  SOCKADDR_STORAGE gr_group;
} GROUP_REQ, *PGROUP_REQ;

typedef struct group_source_req {
  ULONG gsr_interface;
  SOCKADDR_STORAGE gsr_group;
  SOCKADDR_STORAGE gsr_source;
} GROUP_SOURCE_REQ, *PGROUP_SOURCE_REQ;

typedef enum _PMTUD_STATE {
  IP_PMTUDISC_NOT_SET,
  IP_PMTUDISC_DO,
  IP_PMTUDISC_DONT,
  IP_PMTUDISC_PROBE,
  IP_PMTUDISC_MAX
} PMTUD_STATE, *PPMTUD_STATE;

typedef struct in_pktinfo {
  IN_ADDR ipi_addr;
  ULONG ipi_ifindex;
} IN_PKTINFO, *PIN_PKTINFO;

typedef struct in6_pktinfo {
  IN6_ADDR ipi6_addr;
  ULONG ipi6_ifindex;
} IN6_PKTINFO, *PIN6_PKTINFO;

typedef struct in_pktinfo_ex {
  IN_PKTINFO pkt_info;
  SCOPE_ID scope_id;
} IN_PKTINFO_EX, *PIN_PKTINFO_EX;

typedef struct in6_pktinfo_ex {
  IN6_PKTINFO pkt_info;
  SCOPE_ID scope_id;
} IN6_PKTINFO_EX, *PIN6_PKTINFO_EX;

typedef struct in_recverr {
  IPPROTO protocol;
  ULONG info;
  UINT8 type;
  UINT8 code;
} IN_RECVERR, *PIN_RECVERR;

C_ASSERT(sizeof(IP_MREQ) == 8 && sizeof(IPV6_MREQ) == 20);
C_ASSERT(sizeof(GROUP_REQ) == 136 && offsetof(GROUP_REQ, gr_group) == 8);
C_ASSERT(sizeof(IN_PKTINFO) == 8 && offsetof(IN_PKTINFO, ipi_ifindex) == 4);
C_ASSERT(sizeof(IN6_PKTINFO) == 20 && offsetof(IN6_PKTINFO, ipi6_ifindex) == 16);
C_ASSERT(sizeof(IN_RECVERR) == 12 && offsetof(IN_RECVERR, type) == 8);

#define INET_ADDRSTRLEN 22
#define INET6_ADDRSTRLEN 65

/* ---- IPv6 address constants and tests ------------------------------------------------------- */

#define IN6ADDR_ANY_INIT \
  { { { 0 } } }
#define IN6ADDR_LOOPBACK_INIT \
  { { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } } }
#define IN6ADDR_ALLNODESONNODE_INIT \
  { { { 0xff, 0x01, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } } }
#define IN6ADDR_ALLNODESONLINK_INIT \
  { { { 0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 } } }
#define IN6ADDR_ALLROUTERSONLINK_INIT \
  { { { 0xff, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2 } } }
#define IN6ADDR_LINKLOCALPREFIX_INIT \
  { { { 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 } } }
#define IN6ADDR_V4MAPPEDPREFIX_INIT \
  { { { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0, 0, 0 } } }
#define IN6ADDR_LINKLOCALPREFIX_LENGTH 64
#define IN6ADDR_MULTICASTPREFIX_LENGTH 8
#define IN6ADDR_V4MAPPEDPREFIX_LENGTH 96

/* Compared and copied by value only, so each source file has its own copy. */
static const IN6_ADDR in6addr_any __attribute__((unused)) = IN6ADDR_ANY_INIT;
static const IN6_ADDR in6addr_loopback __attribute__((unused)) = IN6ADDR_LOOPBACK_INIT;
static const IN6_ADDR in6addr_v4mappedprefix __attribute__((unused)) =
    IN6ADDR_V4MAPPEDPREFIX_INIT;
static const IN6_ADDR in6addr_allnodesonlink __attribute__((unused)) =
    IN6ADDR_ALLNODESONLINK_INIT;

#ifdef __cplusplus
extern "C" {
#endif

FORCEINLINE BOOLEAN IN6_ADDR_EQUAL(CONST IN6_ADDR *x, CONST IN6_ADDR *y) {
  return (BOOLEAN)(__builtin_memcmp(x, y, sizeof(IN6_ADDR)) == 0);
}
#define IN6_ARE_ADDR_EQUAL IN6_ADDR_EQUAL

/* The first `words` 16-bit words are zero. */
FORCEINLINE BOOLEAN OwskIn6LeadingZero(CONST IN6_ADDR *a, int words) {
  USHORT bits = 0;
  int i;
  for (i = 0; i < words; i++) {
    bits = (USHORT)(bits | a->u.Word[i]);
  }
  return (BOOLEAN)(bits == 0);
}

FORCEINLINE BOOLEAN IN6_IS_ADDR_UNSPECIFIED(CONST IN6_ADDR *a) { return OwskIn6LeadingZero(a, 8); }

FORCEINLINE BOOLEAN IN6_IS_ADDR_LOOPBACK(CONST IN6_ADDR *a) {
  return (BOOLEAN)(OwskIn6LeadingZero(a, 7) && a->u.Byte[14] == 0 && a->u.Byte[15] == 1);
}

FORCEINLINE BOOLEAN IN6_IS_ADDR_MULTICAST(CONST IN6_ADDR *a) {
  return (BOOLEAN)(a->u.Byte[0] == 0xff);
}

FORCEINLINE BOOLEAN IN6_IS_ADDR_EUI64(CONST IN6_ADDR *a) {
  return (BOOLEAN)((a->u.Byte[0] & 0xe0) != 0 && !IN6_IS_ADDR_MULTICAST(a));
}

FORCEINLINE BOOLEAN IN6_IS_ADDR_LINKLOCAL(CONST IN6_ADDR *a) {
  return (BOOLEAN)(a->u.Byte[0] == 0xfe && (a->u.Byte[1] & 0xc0) == 0x80);
}

FORCEINLINE BOOLEAN IN6_IS_ADDR_SITELOCAL(CONST IN6_ADDR *a) {
  return (BOOLEAN)(a->u.Byte[0] == 0xfe && (a->u.Byte[1] & 0xc0) == 0xc0);
}

FORCEINLINE BOOLEAN IN6_IS_ADDR_GLOBAL(CONST IN6_ADDR *a) {
  unsigned high = a->u.Byte[0] & 0xf0u;
  return (BOOLEAN)(high != 0 && high != 0xf0);
}

/* ::ffff:a.b.c.d */
FORCEINLINE BOOLEAN IN6_IS_ADDR_V4MAPPED(CONST IN6_ADDR *a) {
  return (BOOLEAN)(OwskIn6LeadingZero(a, 5) && a->u.Word[5] == 0xffff);
}

/* ::a.b.c.d, other than the unspecified and the loopback address. */
FORCEINLINE BOOLEAN IN6_IS_ADDR_V4COMPAT(CONST IN6_ADDR *a) {
  return (BOOLEAN)(OwskIn6LeadingZero(a, 6) &&
                   !(a->u.Word[6] == 0 && a->u.Byte[14] == 0 &&
                     (a->u.Byte[15] == 0 || a->u.Byte[15] == 1)));
}

/* ::ffff:0:a.b.c.d */
FORCEINLINE BOOLEAN IN6_IS_ADDR_V4TRANSLATED(CONST IN6_ADDR *a) {
  return (BOOLEAN)(OwskIn6LeadingZero(a, 4) && a->u.Word[4] == 0xffff && a->u.Word[5] == 0);
}

FORCEINLINE BOOLEAN OwskIn6MulticastScope(CONST IN6_ADDR *a, unsigned scope) {
  return (BOOLEAN)(IN6_IS_ADDR_MULTICAST(a) && (a->u.Byte[1] & 0xfu) == scope);
}
FORCEINLINE BOOLEAN IN6_IS_ADDR_MC_NODELOCAL(CONST IN6_ADDR *a) {
  return OwskIn6MulticastScope(a, 1);
}
FORCEINLINE BOOLEAN IN6_IS_ADDR_MC_LINKLOCAL(CONST IN6_ADDR *a) {
  return OwskIn6MulticastScope(a, 2);
}
FORCEINLINE BOOLEAN IN6_IS_ADDR_MC_SITELOCAL(CONST IN6_ADDR *a) {
  return OwskIn6MulticastScope(a, 5);
}
FORCEINLINE BOOLEAN IN6_IS_ADDR_MC_ORGLOCAL(CONST IN6_ADDR *a) {
  return OwskIn6MulticastScope(a, 8);
}
FORCEINLINE BOOLEAN IN6_IS_ADDR_MC_GLOBAL(CONST IN6_ADDR *a) {
  return OwskIn6MulticastScope(a, 0xe);
}

FORCEINLINE VOID IN6_SET_ADDR_UNSPECIFIED(PIN6_ADDR a) {
  __builtin_memset(a, 0, sizeof(IN6_ADDR));
}

FORCEINLINE VOID IN6_SET_ADDR_LOOPBACK(PIN6_ADDR a) {
  __builtin_memset(a, 0, sizeof(IN6_ADDR));
  a->u.Byte[15] = 1;
}

/* Whole socket addresses; the SET functions leave the port alone only where they say so. */
FORCEINLINE VOID IN6ADDR_SETANY(PSOCKADDR_IN6 a) {
  a->sin6_family = AF_INET6;
  a->sin6_port = 0;
  a->sin6_flowinfo = 0;
  IN6_SET_ADDR_UNSPECIFIED(&a->sin6_addr);
  a->sin6_scope_id = 0;
}

FORCEINLINE VOID IN6ADDR_SETLOOPBACK(PSOCKADDR_IN6 a) {
  a->sin6_family = AF_INET6;
  a->sin6_port = 0;
  a->sin6_flowinfo = 0;
  IN6_SET_ADDR_LOOPBACK(&a->sin6_addr);
  a->sin6_scope_id = 0;
}

FORCEINLINE BOOLEAN IN6ADDR_ISANY(CONST SOCKADDR_IN6 *a) {
  return IN6_IS_ADDR_UNSPECIFIED(&a->sin6_addr);
}

FORCEINLINE BOOLEAN IN6ADDR_ISLOOPBACK(CONST SOCKADDR_IN6 *a) {
  return IN6_IS_ADDR_LOOPBACK(&a->sin6_addr);
}

#ifdef __cplusplus
}
#endif

#endif /* OWSK_SHARED_WS2IPDEF_H */
