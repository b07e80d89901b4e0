/* SPDX-License-Identifier: MIT */
/* Conversions between IP addresses and text; mirrors the WDK's shared header ip2string.h. */
#ifndef OWSK_SHARED_IP2STRING_H
#define OWSK_SHARED_IP2STRING_H

#include <inaddr.h>
#include <in6addr.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Writes the IPv4 address as text (S: at least 16 characters) and returns the address of the
 * terminator. Any IRQL. Documentation: nf-ip2string-rtlipv4addresstostringa. */
NTSYSAPI PSTR NTAPI RtlIpv4AddressToStringA(CONST struct in_addr *Addr, PSTR S);

/* Writes address and port as text; *AddressStringLength counts characters including the
 * terminator, in: room, out: used or needed. STATUS_INVALID_PARAMETER when the room is too small.
 * Documentation: nf-ip2string-rtlipv4addresstostringexa. */
NTSYSAPI NTSTATUS NTAPI RtlIpv4AddressToStringExA(CONST struct in_addr *Address, USHORT Port,
                                                  PSTR AddressString, PULONG AddressStringLength);

/* Parses an IPv4 address and reports where parsing stopped. STATUS_INVALID_PARAMETER when the text
 * is not one. Documentation: nf-ip2string-rtlipv4stringtoaddressa. */
NTSYSAPI NTSTATUS NTAPI RtlIpv4StringToAddressA(PCSTR S, BOOLEAN Strict, PCSTR *Terminator,
                                                struct in_addr *Addr);

/* Parses a whole string with optional port (written in network byte order).
 * STATUS_INVALID_PARAMETER otherwise. Documentation: nf-ip2string-rtlipv4stringtoaddressexa. */
NTSYSAPI NTSTATUS NTAPI RtlIpv4StringToAddressExA(PCSTR AddressString, BOOLEAN Strict,
                                                  struct in_addr *Address, PUSHORT Port);

/* Writes the IPv6 address as text (S: at least 46 characters) and returns the address of the
 * terminator. Any IRQL. Documentation: nf-ip2string-rtlipv6addresstostringa. */
NTSYSAPI PSTR NTAPI RtlIpv6AddressToStringA(CONST struct in6_addr *Addr, PSTR S);

/* Writes address, scope and port as text; *AddressStringLength counts characters including the
 * terminator, in: room, out: used or needed. STATUS_INVALID_PARAMETER when the room is too small.
 * Documentation: nf-ip2string-rtlipv6addresstostringexa. */
NTSYSAPI NTSTATUS NTAPI RtlIpv6AddressToStringExA(CONST struct in6_addr *Address, ULONG ScopeId,
                                                  USHORT Port, PSTR AddressString,
                                                  PULONG AddressStringLength);

/* Parses an IPv6 address and reports where parsing stopped. STATUS_INVALID_PARAMETER when the text
 * is not one. Documentation: nf-ip2string-rtlipv6stringtoaddressa. */
NTSYSAPI NTSTATUS NTAPI RtlIpv6StringToAddressA(PCSTR S, PCSTR *Terminator, struct in6_addr *Addr);

/* Parses a whole string with optional scope and port (written in network byte order).
 * STATUS_INVALID_PARAMETER otherwise. Documentation: nf-ip2string-rtlipv6stringtoaddressexa. */
NTSYSAPI NTSTATUS NTAPI RtlIpv6StringToAddressExA(PCSTR AddressString, struct in6_addr *Address,
                                                  PULONG ScopeId, PUSHORT Port);

/* Writes the IPv4 address as text (S: at least 16 characters) and returns the address of the
 * terminator. Any IRQL. Documentation: nf-ip2string-rtlipv4addresstostringw. */
NTSYSAPI PWSTR NTAPI RtlIpv4AddressToStringW(CONST struct in_addr *Addr, PWSTR S);

/* Writes address and port as text; *AddressStringLength counts characters including the
 * terminator, in: room, out: used or needed. STATUS_INVALID_PARAMETER when the room is too small.
 * Documentation: nf-ip2string-rtlipv4addresstostringexw. */
NTSYSAPI NTSTATUS NTAPI RtlIpv4AddressToStringExW(CONST struct in_addr *Address, USHORT Port,
                                                  PWSTR AddressString, PULONG AddressStringLength);

/* Parses an IPv4 address and reports where parsing stopped. STATUS_INVALID_PARAMETER when the text
 * is not one. Documentation: nf-ip2string-rtlipv4stringtoaddressw. */
NTSYSAPI NTSTATUS NTAPI RtlIpv4StringToAddressW(PCWSTR S, BOOLEAN Strict, PCWSTR *Terminator,
                                                struct in_addr *Addr);

/* Parses a whole string with optional port (written in network byte order).
 * STATUS_INVALID_PARAMETER otherwise. Documentation: nf-ip2string-rtlipv4stringtoaddressexw. */
NTSYSAPI NTSTATUS NTAPI RtlIpv4StringToAddressExW(PCWSTR AddressString, BOOLEAN Strict,
                                                  struct in_addr *Address, PUSHORT Port);

/* Writes the IPv6 address as text (S: at least 46 characters) and returns the address of the
 * terminator. Any IRQL. Documentation: nf-ip2string-rtlipv6addresstostringw. */
NTSYSAPI PWSTR NTAPI RtlIpv6AddressToStringW(CONST struct in6_addr *Addr, PWSTR S);

/* Writes address, scope and port as text; *AddressStringLength counts characters including the
 * terminator, in: room, out: used or needed. STATUS_INVALID_PARAMETER when the room is too small.
 * Documentation: nf-ip2string-rtlipv6addresstostringexw. */
NTSYSAPI NTSTATUS NTAPI RtlIpv6AddressToStringExW(CONST struct in6_addr *Address, ULONG ScopeId,
                                                  USHORT Port, PWSTR AddressString,
                                                  PULONG AddressStringLength);

/* Parses an IPv6 address and reports where parsing stopped. STATUS_INVALID_PARAMETER when the text
 * is not one. Documentation: nf-ip2string-rtlipv6stringtoaddressw. */
NTSYSAPI NTSTATUS NTAPI RtlIpv6StringToAddressW(PCWSTR S, PCWSTR *Terminator,
                                                struct in6_addr *Addr);

/* Parses a whole string with optional scope and port (written in network byte order).
 * STATUS_INVALID_PARAMETER otherwise. Documentation: nf-ip2string-rtlipv6stringtoaddressexw. */
NTSYSAPI NTSTATUS NTAPI RtlIpv6StringToAddressExW(PCWSTR AddressString, struct in6_addr *Address,
                                                  PULONG ScopeId, PUSHORT Port);

#ifdef UNICODE
#define RtlIpv4AddressToString RtlIpv4AddressToStringW
#define RtlIpv4AddressToStringEx RtlIpv4AddressToStringExW
#define RtlIpv4StringToAddress RtlIpv4StringToAddressW
#define RtlIpv4StringToAddressEx RtlIpv4StringToAddressExW
#define RtlIpv6AddressToString RtlIpv6AddressToStringW
#define RtlIpv6AddressToStringEx RtlIpv6AddressToStringExW
#define RtlIpv6StringToAddress RtlIpv6StringToAddressW
#define RtlIpv6StringToAddressEx RtlIpv6StringToAddressExW
#else
#define RtlIpv4AddressToString RtlIpv4AddressToStringA
#define RtlIpv4AddressToStringEx RtlIpv4AddressToStringExA
#define RtlIpv4StringToAddress RtlIpv4StringToAddressA
#define RtlIpv4StringToAddressEx RtlIpv4StringToAddressExA
#define RtlIpv6AddressToString RtlIpv6AddressToStringA
#define RtlIpv6AddressToStringEx RtlIpv6AddressToStringExA
#define RtlIpv6StringToAddress RtlIpv6StringToAddressA
#define RtlIpv6StringToAddressEx RtlIpv6StringToAddressExA
#endif

#ifdef __cplusplus
}
#endif

#endif /* OWSK_SHARED_IP2STRING_H */
