// SPDX-License-Identifier: MIT
// ZwQueryInformationFile: the size of a file and the position in it.
#include <wdm.h>

#include <cstring>

#include "nt/ke/irql.h"
#include "nt/zw/open_file.h"

namespace owsk::nt::zw {

namespace {

template <typename Information>
NTSTATUS store(const Information& information,
               void* to,
               ULONG room,
               IO_STATUS_BLOCK* block) noexcept {
    if (room < sizeof information) {
        return STATUS_INFO_LENGTH_MISMATCH;
    }
    std::memcpy(to, &information, sizeof information);
    block->Status = STATUS_SUCCESS;
    block->Information = sizeof information;
    return STATUS_SUCCESS;
}

FILE_STANDARD_INFORMATION standard_information(std::uint64_t size) noexcept {
    FILE_STANDARD_INFORMATION information{};
    information.EndOfFile.QuadPart = static_cast<LONGLONG>(size);
    information.AllocationSize.QuadPart = static_cast<LONGLONG>(ROUND_TO_PAGES(size));
    information.NumberOfLinks = 1;
    return information;
}

}  // namespace

// ZwQueryInformationFile: one class of information about an open file.
//
// IRQL       PASSIVE_LEVEL
// Returns    STATUS_INVALID_INFO_CLASS for all but FileStandardInformation and
//            FilePositionInformation, STATUS_INFO_LENGTH_MISMATCH if the buffer is too short
extern "C" NTSTATUS NTAPI ZwQueryInformationFile(HANDLE FileHandle,
                                                 PIO_STATUS_BLOCK IoStatusBlock,
                                                 PVOID FileInformation,
                                                 ULONG Length,
                                                 FILE_INFORMATION_CLASS FileInformationClass) {
    ke::require_irql_at_most(PASSIVE_LEVEL, "ZwQueryInformationFile");
    const auto file = OpenFile::from_handle(FileHandle);
    if (!file) {
        return file.status();
    }
    switch (FileInformationClass) {
        case FileStandardInformation: {
            const Result<std::uint64_t> size = (*file)->size();
            return size ? store(standard_information(*size), FileInformation, Length, IoStatusBlock)
                        : size.status();
        }
        case FilePositionInformation: {
            FILE_POSITION_INFORMATION information{};
            information.CurrentByteOffset.QuadPart = static_cast<LONGLONG>((*file)->position());
            return store(information, FileInformation, Length, IoStatusBlock);
        }
        default:
            return STATUS_INVALID_INFO_CLASS;
    }
}

}  // namespace owsk::nt::zw
