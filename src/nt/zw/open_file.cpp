// SPDX-License-Identifier: MIT
// Where in a file an operation starts, and where the next one will.
#include "nt/zw/open_file.h"

#include <utility>

#include "nt/system.h"

namespace owsk::nt::zw {

namespace {

// A negative high part makes the low part a name for a place.
bool is_place(const LARGE_INTEGER& offset, ULONG place) noexcept {
    return offset.HighPart == -1 && offset.LowPart == place;
}

}  // namespace

OpenFile::OpenFile(std::unique_ptr<host::File> file, std::string path, Use use)
    : Object(ob::file_type), file_(std::move(file)), path_(std::move(path)), use_(use) {
    object_.Type = IO_TYPE_FILE;
    object_.Size = sizeof(FILE_OBJECT);
    OWSK_ASSERT(body() == &object_);
}

Result<ob::Ref<OpenFile>> OpenFile::from_handle(HANDLE handle) noexcept {
    const auto object = System::current().handles.find(handle, &ob::file_type);
    if (!object) {
        return object.status();
    }
    auto* const file = dynamic_cast<OpenFile*>((*object).get());
    if (file == nullptr) {
        return STATUS_INVALID_DEVICE_REQUEST;
    }
    return ob::Ref<OpenFile>::share(file);
}

Result<std::uint64_t> OpenFile::start_locked(const LARGE_INTEGER* offset) const noexcept {
    if (offset == nullptr || is_place(*offset, FILE_USE_FILE_POINTER_POSITION)) {
        return use_.keeps_position ? Result(position_) : STATUS_INVALID_PARAMETER;
    }
    if (offset->QuadPart < 0) {
        return STATUS_INVALID_PARAMETER;
    }
    return static_cast<std::uint64_t>(offset->QuadPart);
}

Result<std::size_t> OpenFile::read(std::span<std::byte> bytes,
                                   const LARGE_INTEGER* offset) noexcept {
    const Lock lock(mu_);
    const Result<std::uint64_t> start = start_locked(offset);
    if (!start) {
        return start.status();
    }
    const Result<std::size_t> count = file_->read(bytes, *start);
    if (count) {
        position_ = *start + *count;
    }
    return count;
}

Result<std::size_t> OpenFile::write(std::span<const std::byte> bytes,
                                    const LARGE_INTEGER* offset) noexcept {
    const Lock lock(mu_);
    const bool at_end =
        use_.appends || (offset != nullptr && is_place(*offset, FILE_WRITE_TO_END_OF_FILE));
    const Result<std::uint64_t> start = at_end ? file_->size() : start_locked(offset);
    if (!start) {
        return start.status();
    }
    const Result<std::size_t> count = file_->write(bytes, *start);
    if (count) {
        position_ = *start + *count;
    }
    return count;
}

std::uint64_t OpenFile::position() const noexcept {
    const Lock lock(mu_);
    return position_;
}

}  // namespace owsk::nt::zw
