// SPDX-License-Identifier: MIT
// ZwReadFile and ZwWriteFile. Both are synchronous: they return when all is done, so an APC has
// nothing to report and is refused.
#include <wdm.h>

#include <span>

#include "nt/ke/irql.h"
#include "nt/zw/open_file.h"

namespace owsk::nt::zw {

namespace {

NTSTATUS finish(IO_STATUS_BLOCK* block, NTSTATUS status, std::size_t bytes) noexcept {
    block->Status = status;
    block->Information = bytes;
    return status;
}

}  // namespace

// ZwReadFile: bytes of a file, from ByteOffset or from the current position.
//
// IRQL       PASSIVE_LEVEL
// Returns    STATUS_END_OF_FILE if there are none
extern "C" NTSTATUS NTAPI ZwReadFile(HANDLE FileHandle,
                                     HANDLE Event,
                                     PIO_APC_ROUTINE ApcRoutine,
                                     PVOID ApcContext,
                                     PIO_STATUS_BLOCK IoStatusBlock,
                                     PVOID Buffer,
                                     ULONG Length,
                                     PLARGE_INTEGER ByteOffset,
                                     PULONG Key) {
    UNREFERENCED_PARAMETER(ApcContext);
    UNREFERENCED_PARAMETER(Key);
    ke::require_irql_at_most(PASSIVE_LEVEL, "ZwReadFile");
    if (Event != nullptr || ApcRoutine != nullptr) {
        return STATUS_NOT_SUPPORTED;
    }
    const auto file = OpenFile::from_handle(FileHandle);
    if (!file) {
        return file.status();
    }
    const Result<std::size_t> count =
        (*file)->read({static_cast<std::byte*>(Buffer), Length}, ByteOffset);
    if (!count) {
        return finish(IoStatusBlock, count.status(), 0);
    }
    const bool at_end = *count == 0 && Length != 0;
    return finish(IoStatusBlock, at_end ? STATUS_END_OF_FILE : STATUS_SUCCESS, *count);
}

// ZwWriteFile: bytes to a file, at ByteOffset, at the current position or at the end.
//
// IRQL       PASSIVE_LEVEL
extern "C" NTSTATUS NTAPI ZwWriteFile(HANDLE FileHandle,
                                      HANDLE Event,
                                      PIO_APC_ROUTINE ApcRoutine,
                                      PVOID ApcContext,
                                      PIO_STATUS_BLOCK IoStatusBlock,
                                      PVOID Buffer,
                                      ULONG Length,
                                      PLARGE_INTEGER ByteOffset,
                                      PULONG Key) {
    UNREFERENCED_PARAMETER(ApcContext);
    UNREFERENCED_PARAMETER(Key);
    ke::require_irql_at_most(PASSIVE_LEVEL, "ZwWriteFile");
    if (Event != nullptr || ApcRoutine != nullptr) {
        return STATUS_NOT_SUPPORTED;
    }
    const auto file = OpenFile::from_handle(FileHandle);
    if (!file) {
        return file.status();
    }
    const Result<std::size_t> count =
        (*file)->write({static_cast<const std::byte*>(Buffer), Length}, ByteOffset);
    return finish(IoStatusBlock, count.status(), count ? *count : 0);
}

}  // namespace owsk::nt::zw
