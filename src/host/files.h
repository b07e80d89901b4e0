// SPDX-License-Identifier: MIT
// The files of the machine we run on, as the executive's file functions need them: opened by an
// absolute path, read and written at an offset.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"

namespace owsk::host {

class File {
  public:
    virtual ~File() = default;
    // How many bytes were there; 0 at the end of the file.
    virtual Result<std::size_t> read(std::span<std::byte> bytes, std::uint64_t offset) noexcept = 0;
    virtual Result<std::size_t> write(std::span<const std::byte> bytes,
                                      std::uint64_t offset) noexcept = 0;
    virtual Result<std::uint64_t> size() const noexcept = 0;
};

struct FileOpening {
    bool read = false;
    bool write = false;
    // What to do if the file exists, and if it does not.
    enum class Existing : std::uint8_t { open, truncate, refuse };
    Existing existing = Existing::open;
    bool create = false;
};

class Files {
  public:
    virtual ~Files() = default;
    // STATUS_OBJECT_NAME_NOT_FOUND if the last part of the path is missing,
    // STATUS_OBJECT_PATH_NOT_FOUND if something before it is.
    virtual Result<std::unique_ptr<File>> open(const std::string& path,
                                               const FileOpening& opening) noexcept = 0;
};

}  // namespace owsk::host
