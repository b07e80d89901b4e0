/* SPDX-License-Identifier: MIT */
/* Security descriptors and what they are made of; part of wdm.h. */
#ifndef OWSK_KM_WDM_SE_H
#define OWSK_KM_WDM_SE_H

#include <ntdef.h>

#include <wdm/io_types.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Who: security identifiers -------------------------------------------------------------- */

typedef PVOID PSID;

#ifndef SID_IDENTIFIER_AUTHORITY_DEFINED
#define SID_IDENTIFIER_AUTHORITY_DEFINED
typedef struct _SID_IDENTIFIER_AUTHORITY {
  UCHAR Value[6];
} SID_IDENTIFIER_AUTHORITY, *PSID_IDENTIFIER_AUTHORITY;
#endif

typedef struct _SID {
  UCHAR Revision;
  UCHAR SubAuthorityCount;
  SID_IDENTIFIER_AUTHORITY IdentifierAuthority;
  ULONG SubAuthority[ANYSIZE_ARRAY];
} SID, *PISID;

#define SID_REVISION 1
#define SID_MAX_SUB_AUTHORITIES 15

/* ---- What they may do: lists of access control entries --------------------------------------- */

typedef struct _ACL {
  UCHAR AclRevision;
  UCHAR Sbz1;
  USHORT AclSize;
  USHORT AceCount;
  USHORT Sbz2;
} ACL, *PACL;

typedef struct _ACE_HEADER {
  UCHAR AceType;
  UCHAR AceFlags;
  USHORT AceSize;
} ACE_HEADER, *PACE_HEADER;

typedef struct _ACCESS_ALLOWED_ACE {
  ACE_HEADER Header;
  ACCESS_MASK Mask;
  ULONG SidStart;
} ACCESS_ALLOWED_ACE, *PACCESS_ALLOWED_ACE;

typedef struct _ACCESS_DENIED_ACE {
  ACE_HEADER Header;
  ACCESS_MASK Mask;
  ULONG SidStart;
} ACCESS_DENIED_ACE, *PACCESS_DENIED_ACE;

#define ACL_REVISION 2
#define ACL_REVISION_DS 4
#define ACCESS_ALLOWED_ACE_TYPE 0x0
#define ACCESS_DENIED_ACE_TYPE 0x1
#define INHERIT_ONLY_ACE 0x8

/* ---- Security descriptors ------------------------------------------------------------------- */

typedef USHORT SECURITY_DESCRIPTOR_CONTROL, *PSECURITY_DESCRIPTOR_CONTROL;

/* With pointers; not of a descriptor with SE_SELF_RELATIVE. */
typedef struct _SECURITY_DESCRIPTOR {
  UCHAR Revision;
  UCHAR Sbz1;
  SECURITY_DESCRIPTOR_CONTROL Control;
  PSID Owner;
  PSID Group;
  PACL Sacl;
  PACL Dacl;
} SECURITY_DESCRIPTOR, *PISECURITY_DESCRIPTOR;

/* With offsets from the descriptor, behind which everything lies in one piece. */
typedef struct _SECURITY_DESCRIPTOR_RELATIVE {
  UCHAR Revision;
  UCHAR Sbz1;
  SECURITY_DESCRIPTOR_CONTROL Control;
  ULONG Owner;
  ULONG Group;
  ULONG Sacl;
  ULONG Dacl;
} SECURITY_DESCRIPTOR_RELATIVE, *PISECURITY_DESCRIPTOR_RELATIVE;

#define SECURITY_DESCRIPTOR_REVISION 1
#define SECURITY_DESCRIPTOR_REVISION1 1
#define SECURITY_DESCRIPTOR_MIN_LENGTH (sizeof(SECURITY_DESCRIPTOR))

#define SE_OWNER_DEFAULTED 0x0001
#define SE_GROUP_DEFAULTED 0x0002
#define SE_DACL_PRESENT 0x0004
#define SE_DACL_DEFAULTED 0x0008
#define SE_SACL_PRESENT 0x0010
#define SE_SACL_DEFAULTED 0x0020
#define SE_SELF_RELATIVE 0x8000

C_ASSERT(sizeof(SID) == 12 && sizeof(ACL) == 8 && sizeof(ACCESS_ALLOWED_ACE) == 12);
C_ASSERT(sizeof(SECURITY_DESCRIPTOR) == 0x28 && sizeof(SECURITY_DESCRIPTOR_RELATIVE) == 0x14);
C_ASSERT(offsetof(SECURITY_DESCRIPTOR, Dacl) == 0x20);

/* Makes a descriptor, in the form with pointers, that has nothing yet. IRQL < DISPATCH_LEVEL.
 * Page nf-wdm-rtlcreatesecuritydescriptor. */
NTSYSAPI NTSTATUS NTAPI RtlCreateSecurityDescriptor(_Out_ PSECURITY_DESCRIPTOR SecurityDescriptor,
                                                    _In_ ULONG Revision);

/* Gives it a list of who may do what; none (NULL) lets everybody do everything. The list is not
 * copied. IRQL < DISPATCH_LEVEL. Page nf-wdm-rtlsetdaclsecuritydescriptor. */
NTSYSAPI NTSTATUS NTAPI RtlSetDaclSecurityDescriptor(_Inout_ PSECURITY_DESCRIPTOR SecurityDescriptor,
                                                     _In_ BOOLEAN DaclPresent, _In_opt_ PACL Dacl,
                                                     _In_ BOOLEAN DaclDefaulted);

/* Whether everything in it is well formed. IRQL < DISPATCH_LEVEL.
 * Page nf-wdm-rtlvalidsecuritydescriptor. */
NTSYSAPI BOOLEAN NTAPI RtlValidSecurityDescriptor(_In_ PSECURITY_DESCRIPTOR SecurityDescriptor);

/* How many bytes it has, with all that belongs to it. IRQL < DISPATCH_LEVEL.
 * Page nf-wdm-rtllengthsecuritydescriptor. */
NTSYSAPI ULONG NTAPI RtlLengthSecurityDescriptor(_In_ PSECURITY_DESCRIPTOR SecurityDescriptor);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* OWSK_KM_WDM_SE_H */
