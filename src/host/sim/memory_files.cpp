// SPDX-License-Identifier: MIT
// Paths as Linux takes them, without links: "/a//b/../c" is "/a/c".
#include "host/sim/memory_files.h"

#include <algorithm>
#include <cstring>

#include "base/assert.h"

namespace owsk::host {

namespace {

std::string normal(const std::string& path) {
    std::string text;
    for (std::size_t at = 0; at < path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string part = path.substr(at, end - at);
        at = end + 1;
        if (part == "..") {
            text.erase(std::min(text.rfind('/'), text.size()));
        } else if (!part.empty() && part != ".") {
            text += '/' + part;
        }
    }
    return text.empty() ? "/" : text;
}

std::string parent_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

}  // namespace

class MemoryFiles::OpenFile final : public File {
  public:
    OpenFile(std::shared_ptr<Bytes> bytes, const FileOpening& opening) noexcept
        : bytes_(std::move(bytes)), opening_(opening) {}

    Result<std::size_t> read(std::span<std::byte> bytes, std::uint64_t offset) noexcept override {
        if (opening_.write && !opening_.read) {
            return STATUS_ACCESS_DENIED;
        }
        if (offset >= bytes_->size()) {
            return std::size_t{0};
        }
        const std::size_t count = std::min(bytes.size(), bytes_->size() - offset);
        std::memcpy(bytes.data(), bytes_->data() + offset, count);
        return count;
    }

    Result<std::size_t> write(std::span<const std::byte> bytes,
                              std::uint64_t offset) noexcept override {
        if (!opening_.write) {
            return STATUS_ACCESS_DENIED;
        }
        if (offset > size_max || bytes.size() > size_max - offset) {
            return STATUS_DISK_FULL;
        }
        if (!bytes.empty()) {
            bytes_->resize(std::max<std::size_t>(bytes_->size(), offset + bytes.size()));
            std::memcpy(bytes_->data() + offset, bytes.data(), bytes.size());
        }
        return bytes.size();
    }

    Result<std::uint64_t> size() const noexcept override { return std::uint64_t{bytes_->size()}; }

  private:
    // Of one file; a simulated disk is small.
    static constexpr std::uint64_t size_max = 64 * 1024 * 1024;

    const std::shared_ptr<Bytes> bytes_;
    const FileOpening opening_;
};

MemoryFiles::MemoryFiles() : directories_{"/"} {}

Result<std::unique_ptr<File>> MemoryFiles::open(const std::string& path,
                                                const FileOpening& opening) noexcept {
    const std::string name = normal(path);
    if (directories_.contains(name)) {
        return STATUS_FILE_IS_A_DIRECTORY;
    }
    if (!directories_.contains(parent_of(name))) {
        return STATUS_OBJECT_PATH_NOT_FOUND;
    }
    auto file = files_.find(name);
    if (file == files_.end()) {
        if (!opening.create) {
            return STATUS_OBJECT_NAME_NOT_FOUND;
        }
        file = files_.emplace(name, std::make_shared<Bytes>()).first;
    } else if (opening.existing == FileOpening::Existing::refuse) {
        return STATUS_OBJECT_NAME_COLLISION;
    } else if (opening.existing == FileOpening::Existing::truncate) {
        file->second->clear();
    }
    return std::unique_ptr<File>(std::make_unique<OpenFile>(file->second, opening));
}

void MemoryFiles::put(const std::string& path, std::string_view contents) {
    OWSK_ASSERT(path.starts_with('/'));
    const std::string name = normal(path);
    add_directory(parent_of(name));
    const auto* const first = reinterpret_cast<const std::byte*>(contents.data());
    files_[name] = std::make_shared<Bytes>(first, first + contents.size());
}

void MemoryFiles::add_directory(const std::string& path) {
    for (std::string name = normal(path); directories_.insert(name).second;) {
        name = parent_of(name);
    }
}

std::unique_ptr<std::string> MemoryFiles::contents(const std::string& path) const {
    const auto file = files_.find(normal(path));
    if (file == files_.end()) {
        return nullptr;
    }
    const Bytes& bytes = *file->second;
    return std::make_unique<std::string>(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

}  // namespace owsk::host
