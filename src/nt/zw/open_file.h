// SPDX-License-Identifier: MIT
// OpenFile: a file of the host that a driver has opened. I/O on it is synchronous and one at a
// time.
#pragma once

#include <wdm.h>

#include <memory>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "host/files.h"
#include "nt/ob/object.h"

namespace owsk::nt::zw {

class OpenFile final : public ob::Object {
  public:
    struct Use {
        bool keeps_position;  // opened for synchronous I/O: may be used without an offset
        bool appends;         // opened with FILE_APPEND_DATA only
    };
    OpenFile(std::unique_ptr<host::File> file, std::string path, Use use);

    // The file behind a handle. STATUS_INVALID_DEVICE_REQUEST for a file object of another kind,
    // such as that of a socket.
    static Result<ob::Ref<OpenFile>> from_handle(HANDLE handle) noexcept;

    // How many bytes. `offset` is the driver's ByteOffset, which may be null or one of the
    // FILE_USE_FILE_POINTER_POSITION and FILE_WRITE_TO_END_OF_FILE values.
    Result<std::size_t> read(std::span<std::byte> bytes, const LARGE_INTEGER* offset) noexcept;
    Result<std::size_t> write(std::span<const std::byte> bytes,
                              const LARGE_INTEGER* offset) noexcept;
    Result<std::uint64_t> size() const noexcept { return file_->size(); }
    std::uint64_t position() const noexcept;

    std::string description() const override { return "file " + path_; }

  private:
    Result<std::uint64_t> start_locked(const LARGE_INTEGER* offset) const noexcept
        OWSK_REQUIRES(mu_);

    // First, because it is the body that ObReferenceObjectByHandle gives out.
    FILE_OBJECT object_{};
    const std::unique_ptr<host::File> file_;
    const std::string path_;
    const Use use_;
    mutable Mutex mu_{Rank::executive};
    std::uint64_t position_ OWSK_GUARDED_BY(mu_) = 0;
};

}  // namespace owsk::nt::zw
