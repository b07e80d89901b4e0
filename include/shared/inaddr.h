/* SPDX-License-Identifier: MIT */
/* IPv4 address structure; mirrors the WDK's shared header inaddr.h. */
#ifndef OWSK_SHARED_INADDR_H
#define OWSK_SHARED_INADDR_H

#include <ntdef.h>

/* The Windows socket types have the names of the Linux ones but other layouts and values. */
#if defined(_SYS_SOCKET_H) || defined(_NETINET_IN_H)
#error "openwsk socket headers cannot share a translation unit with <sys/socket.h> or \
<netinet/in.h>: struct sockaddr, AF_INET6, SOL_SOCKET and others differ between Windows and \
Linux. Keep code that makes Linux socket calls in its own source file."
#endif

typedef struct in_addr {
  union {
    struct {
      UCHAR s_b1, s_b2, s_b3, s_b4;
    } S_un_b;
    struct {
      USHORT s_w1, s_w2;
    } S_un_w;
    ULONG S_addr; /* network byte order */
  } S_un;
} IN_ADDR, *PIN_ADDR, *LPIN_ADDR;
typedef const IN_ADDR *PCIN_ADDR;

#define s_addr S_un.S_addr
#define s_host S_un.S_un_b.s_b2
#define s_net S_un.S_un_b.s_b1
#define s_imp S_un.S_un_w.s_w2
#define s_impno S_un.S_un_b.s_b4
#define s_lh S_un.S_un_b.s_b3

C_ASSERT(sizeof(IN_ADDR) == 4 && TYPE_ALIGNMENT(IN_ADDR) == 4);

#endif /* OWSK_SHARED_INADDR_H */
