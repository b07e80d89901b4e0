// SPDX-License-Identifier: MIT
// ZwCreateFile and ZwOpenFile, on regular files of the host.
#include <wdm.h>

#include "nt/ke/irql.h"
#include "nt/system.h"
#include "nt/zw/file_name.h"
#include "nt/zw/open_file.h"

namespace owsk::nt::zw {

namespace {

using Existing = host::FileOpening::Existing;

// What a disposition does, and what Information says of a file that was there.
struct Disposition {
    Existing existing;
    bool create;
    ULONG information;
};

constexpr Disposition dispositions[] = {
    {Existing::truncate, true, FILE_SUPERSEDED},    // FILE_SUPERSEDE
    {Existing::open, false, FILE_OPENED},           // FILE_OPEN
    {Existing::refuse, true, FILE_CREATED},         // FILE_CREATE
    {Existing::open, true, FILE_OPENED},            // FILE_OPEN_IF
    {Existing::truncate, false, FILE_OVERWRITTEN},  // FILE_OVERWRITE
    {Existing::truncate, true, FILE_OVERWRITTEN},   // FILE_OVERWRITE_IF
};
static_assert(std::size(dispositions) == FILE_MAXIMUM_DISPOSITION + 1);

struct Opened {
    std::unique_ptr<host::File> file;
    ULONG information;
};

Result<Opened> open(const std::string& path, ACCESS_MASK access, const Disposition& disposition) {
    host::FileOpening opening;
    opening.read = (access & (FILE_READ_DATA | FILE_EXECUTE | GENERIC_READ | GENERIC_ALL)) != 0;
    opening.write =
        (access & (FILE_WRITE_DATA | FILE_APPEND_DATA | GENERIC_WRITE | GENERIC_ALL)) != 0;
    // Linux truncates only what may be written.
    opening.write = opening.write || disposition.existing == Existing::truncate;
    host::Files& files = System::current().host().files();
    if (disposition.existing != Existing::refuse) {
        // First without creating, to learn whether the file was there.
        opening.existing = disposition.existing;
        Result<std::unique_ptr<host::File>> file = files.open(path, opening);
        if (file) {
            return Opened{std::move(*file), disposition.information};
        }
        if (file.status() != STATUS_OBJECT_NAME_NOT_FOUND || !disposition.create) {
            return file.status();
        }
    }
    opening.existing = disposition.existing;
    opening.create = true;
    Result<std::unique_ptr<host::File>> file = files.open(path, opening);
    return file ? Result(Opened{std::move(*file), FILE_CREATED}) : file.status();
}

bool is_supported(ULONG options) noexcept {
    return (options & (FILE_DIRECTORY_FILE | FILE_DELETE_ON_CLOSE | FILE_OPEN_BY_FILE_ID)) == 0;
}

OpenFile::Use use_of(ACCESS_MASK access, ULONG options) noexcept {
    constexpr ULONG synchronous = FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT;
    constexpr ACCESS_MASK anywhere = FILE_WRITE_DATA | GENERIC_WRITE | GENERIC_ALL;
    return {.keeps_position = (options & synchronous) != 0,
            .appends = (access & FILE_APPEND_DATA) != 0 && (access & anywhere) == 0};
}

}  // namespace

// ZwCreateFile: a handle to a file, which is created, opened or emptied as CreateDisposition says.
//
// Sharing modes, attributes and extended attributes have no counterpart on Linux and are ignored.
//
// IRQL       PASSIVE_LEVEL
// Returns    STATUS_NOT_SUPPORTED for directories and for files that are to vanish when closed
extern "C" NTSTATUS NTAPI ZwCreateFile(PHANDLE FileHandle,
                                       ACCESS_MASK DesiredAccess,
                                       POBJECT_ATTRIBUTES ObjectAttributes,
                                       PIO_STATUS_BLOCK IoStatusBlock,
                                       PLARGE_INTEGER AllocationSize,
                                       ULONG FileAttributes,
                                       ULONG ShareAccess,
                                       ULONG CreateDisposition,
                                       ULONG CreateOptions,
                                       PVOID EaBuffer,
                                       ULONG EaLength) {
    UNREFERENCED_PARAMETER(AllocationSize);
    UNREFERENCED_PARAMETER(FileAttributes);
    UNREFERENCED_PARAMETER(ShareAccess);
    UNREFERENCED_PARAMETER(EaBuffer);
    UNREFERENCED_PARAMETER(EaLength);
    ke::require_irql_at_most(PASSIVE_LEVEL, "ZwCreateFile");
    if (CreateDisposition > FILE_MAXIMUM_DISPOSITION) {
        return STATUS_INVALID_PARAMETER;
    }
    if (!is_supported(CreateOptions)) {
        return STATUS_NOT_SUPPORTED;
    }
    const Result<std::string> path = linux_path(*ObjectAttributes);
    if (!path) {
        return path.status();
    }
    System& system = System::current();
    // Before anything is created or cut.
    if (system.faults().strikes(Fault::handle_creation)) {
        IoStatusBlock->Status = STATUS_INSUFFICIENT_RESOURCES;
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    Result<Opened> opened = open(*path, DesiredAccess, dispositions[CreateDisposition]);
    if (!opened) {
        IoStatusBlock->Status = opened.status();
        return opened.status();
    }
    *FileHandle = system.handles.insert(
        ob::make_object<OpenFile>(
            std::move(opened->file), *path, use_of(DesiredAccess, CreateOptions)),
        DesiredAccess);
    IoStatusBlock->Status = STATUS_SUCCESS;
    IoStatusBlock->Information = opened->information;
    return STATUS_SUCCESS;
}

// ZwOpenFile: ZwCreateFile for a file that exists.
//
// IRQL       PASSIVE_LEVEL
extern "C" NTSTATUS NTAPI ZwOpenFile(PHANDLE FileHandle,
                                     ACCESS_MASK DesiredAccess,
                                     POBJECT_ATTRIBUTES ObjectAttributes,
                                     PIO_STATUS_BLOCK IoStatusBlock,
                                     ULONG ShareAccess,
                                     ULONG OpenOptions) {
    return ZwCreateFile(FileHandle,
                        DesiredAccess,
                        ObjectAttributes,
                        IoStatusBlock,
                        nullptr,
                        0,
                        ShareAccess,
                        FILE_OPEN,
                        OpenOptions,
                        nullptr,
                        0);
}

}  // namespace owsk::nt::zw
