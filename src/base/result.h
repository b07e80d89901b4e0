// SPDX-License-Identifier: MIT
// Result<T>: a value, or the NTSTATUS that says why there is none. Shaped like std::expected.
#pragma once

#include <ntdef.h>
#include <ntstatus.h>

#include <optional>
#include <utility>

#include "base/assert.h"

namespace owsk {

template <typename T>
class [[nodiscard]] Result {
  public:
    Result(T value) : value_(std::move(value)) {}
    // Precondition: `status` is an error or a warning.
    Result(NTSTATUS status) : status_(status) { OWSK_ASSERT(!NT_SUCCESS(status)); }

    bool has_value() const noexcept { return value_.has_value(); }
    explicit operator bool() const noexcept { return has_value(); }
    NTSTATUS status() const noexcept { return status_; }

    T& operator*() noexcept {
        OWSK_ASSERT(has_value());
        return *value_;
    }
    const T& operator*() const noexcept {
        OWSK_ASSERT(has_value());
        return *value_;
    }
    T* operator->() noexcept { return &**this; }

  private:
    std::optional<T> value_;
    NTSTATUS status_ = STATUS_SUCCESS;
};

}  // namespace owsk
