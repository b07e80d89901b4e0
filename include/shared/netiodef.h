/* SPDX-License-Identifier: MIT */
/* Identifier types of the Network Module Registrar; mirrors the WDK's shared header netiodef.h. */
#ifndef OWSK_SHARED_NETIODEF_H
#define OWSK_SHARED_NETIODEF_H

#include <ntdef.h>

/* Names a network programming interface. */
typedef GUID NPIID;
typedef CONST NPIID *PNPIID;

typedef enum _NPI_MODULEID_TYPE { MIT_GUID = 1, MIT_IF_LUID } NPI_MODULEID_TYPE;

/* Names a network module, a client or provider of an interface. */
typedef struct _NPI_MODULEID {
  USHORT Length;
  NPI_MODULEID_TYPE Type;
  union {
    GUID Guid;
    LUID IfLuid;
  };
} NPI_MODULEID;
typedef CONST NPI_MODULEID *PNPI_MODULEID;

C_ASSERT(sizeof(NPI_MODULEID) == 0x18 && TYPE_ALIGNMENT(NPI_MODULEID) == 4);
C_ASSERT(offsetof(NPI_MODULEID, Type) == 4 && offsetof(NPI_MODULEID, Guid) == 8);
C_ASSERT(offsetof(NPI_MODULEID, IfLuid) == 8);

#ifdef __cplusplus
extern "C" {
#endif

/* The two module identifiers name the same module. */
FORCEINLINE BOOLEAN NmrIsEqualNpiModuleId(PNPI_MODULEID ModuleId1, PNPI_MODULEID ModuleId2) {
  if (ModuleId1->Type != ModuleId2->Type) {
    return FALSE;
  }
  if (ModuleId1->Type == MIT_GUID) {
    return (BOOLEAN)(__builtin_memcmp(&ModuleId1->Guid, &ModuleId2->Guid, sizeof(GUID)) == 0);
  }
  return (BOOLEAN)(ModuleId1->IfLuid.LowPart == ModuleId2->IfLuid.LowPart &&
                   ModuleId1->IfLuid.HighPart == ModuleId2->IfLuid.HighPart);
}

#ifdef __cplusplus
}
#endif

#endif /* OWSK_SHARED_NETIODEF_H */
