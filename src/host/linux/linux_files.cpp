// SPDX-License-Identifier: MIT
// Files by descriptor, and what an errno of the file system means as NTSTATUS.
#include "host/linux/linux_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "host/linux/unique_fd.h"

namespace owsk::host {

namespace {

constexpr struct {
    int error;
    NTSTATUS status;
} meanings[] = {
    {ENOENT, STATUS_OBJECT_NAME_NOT_FOUND},
    {ENOTDIR, STATUS_OBJECT_PATH_NOT_FOUND},
    {ELOOP, STATUS_OBJECT_PATH_NOT_FOUND},
    {EEXIST, STATUS_OBJECT_NAME_COLLISION},
    {EISDIR, STATUS_FILE_IS_A_DIRECTORY},
    {ENAMETOOLONG, STATUS_OBJECT_NAME_INVALID},
    {EACCES, STATUS_ACCESS_DENIED},
    {EPERM, STATUS_ACCESS_DENIED},
    {EROFS, STATUS_MEDIA_WRITE_PROTECTED},
    {ETXTBSY, STATUS_SHARING_VIOLATION},
    {EBUSY, STATUS_SHARING_VIOLATION},
    {ENOSPC, STATUS_DISK_FULL},
    {EDQUOT, STATUS_DISK_FULL},
    {EFBIG, STATUS_DISK_FULL},
    {EMFILE, STATUS_TOO_MANY_OPENED_FILES},
    {ENFILE, STATUS_INSUFFICIENT_RESOURCES},
    {ENOMEM, STATUS_INSUFFICIENT_RESOURCES},
    {EINVAL, STATUS_INVALID_PARAMETER},
    // The descriptor is ours and open, so what is wrong is the direction.
    {EBADF, STATUS_ACCESS_DENIED},
};

NTSTATUS status_of(int error) noexcept {
    for (const auto& meaning : meanings) {
        if (meaning.error == error) {
            return meaning.status;
        }
    }
    return STATUS_IO_DEVICE_ERROR;
}

// Repeats what a signal interrupts.
template <typename Call>
auto uninterrupted(Call call) noexcept {
    auto result = call();
    while (result < 0 && errno == EINTR) {
        result = call();
    }
    return result;
}

class LinuxFile final : public File {
  public:
    explicit LinuxFile(UniqueFd fd) noexcept : fd_(std::move(fd)) {}

    Result<std::size_t> read(std::span<std::byte> bytes, std::uint64_t offset) noexcept override {
        std::size_t done = 0;
        while (done < bytes.size()) {
            const ssize_t count = uninterrupted([&] {
                return ::pread(fd_.get(),
                               bytes.data() + done,
                               bytes.size() - done,
                               static_cast<off_t>(offset + done));
            });
            if (count < 0) {
                return status_of(errno);
            }
            if (count == 0) {
                break;
            }
            done += static_cast<std::size_t>(count);
        }
        return done;
    }

    Result<std::size_t> write(std::span<const std::byte> bytes,
                              std::uint64_t offset) noexcept override {
        std::size_t done = 0;
        while (done < bytes.size()) {
            const ssize_t count = uninterrupted([&] {
                return ::pwrite(fd_.get(),
                                bytes.data() + done,
                                bytes.size() - done,
                                static_cast<off_t>(offset + done));
            });
            if (count < 0) {
                return status_of(errno);
            }
            done += static_cast<std::size_t>(count);
        }
        return done;
    }

    Result<std::uint64_t> size() const noexcept override {
        struct stat status {};
        if (::fstat(fd_.get(), &status) != 0) {
            return status_of(errno);
        }
        return static_cast<std::uint64_t>(status.st_size);
    }

  private:
    const UniqueFd fd_;
};

int open_flags(const FileOpening& opening) noexcept {
    int flags = opening.read && opening.write ? O_RDWR : opening.write ? O_WRONLY : O_RDONLY;
    if (opening.create) {
        flags |= O_CREAT;
    }
    switch (opening.existing) {
        case FileOpening::Existing::open:
            break;
        case FileOpening::Existing::truncate:
            flags |= O_TRUNC;
            break;
        case FileOpening::Existing::refuse:
            flags |= O_EXCL;
            break;
    }
    return flags | O_CLOEXEC | O_NOCTTY;
}

bool is_directory(const std::string& path) noexcept {
    struct stat status {};
    return ::stat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode);
}

// One errno stands for a missing file and for a missing directory; NTSTATUS has one for each.
NTSTATUS not_found(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    const bool has_parent = slash == 0 || is_directory(path.substr(0, slash));
    return has_parent ? STATUS_OBJECT_NAME_NOT_FOUND : STATUS_OBJECT_PATH_NOT_FOUND;
}

}  // namespace

Result<std::unique_ptr<File>> LinuxFiles::open(const std::string& path,
                                               const FileOpening& opening) noexcept {
    constexpr mode_t mode = 0666;
    UniqueFd fd(uninterrupted([&] { return ::open(path.c_str(), open_flags(opening), mode); }));
    if (!fd) {
        return errno == ENOENT ? not_found(path) : status_of(errno);
    }
    struct stat status {};
    if (::fstat(fd.get(), &status) == 0 && S_ISDIR(status.st_mode)) {
        return STATUS_FILE_IS_A_DIRECTORY;
    }
    return std::unique_ptr<File>(std::make_unique<LinuxFile>(std::move(fd)));
}

}  // namespace owsk::host
