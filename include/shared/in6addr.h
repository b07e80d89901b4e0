/* SPDX-License-Identifier: MIT */
/* IPv6 address structure; mirrors the WDK's shared header in6addr.h. */
#ifndef OWSK_SHARED_IN6ADDR_H
#define OWSK_SHARED_IN6ADDR_H

#include <ntdef.h>

/* The Windows socket types have the names of the Linux ones but other layouts and values. */
#if defined(_SYS_SOCKET_H) || defined(_NETINET_IN_H)
#error "openwsk socket headers cannot share a translation unit with <sys/socket.h> or \
<netinet/in.h>: struct sockaddr, AF_INET6, SOL_SOCKET and others differ between Windows and \
Linux. Keep code that makes Linux socket calls in its own source file."
#endif

typedef struct in6_addr {
  union {
    UCHAR Byte[16];
    USHORT Word[8];
  } u;
} IN6_ADDR, *PIN6_ADDR, *LPIN6_ADDR;
typedef const IN6_ADDR *PCIN6_ADDR;

#define in_addr6 in6_addr
#define _S6_un u
#define _S6_u8 Byte
#define s6_addr _S6_un._S6_u8
#define s6_bytes u.Byte
#define s6_words u.Word

C_ASSERT(sizeof(IN6_ADDR) == 16 && TYPE_ALIGNMENT(IN6_ADDR) == 2);

#endif /* OWSK_SHARED_IN6ADDR_H */
