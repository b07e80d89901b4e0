// SPDX-License-Identifier: MIT
// ByteQueue: bytes that wait, first in, first out.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace owsk::net {

class ByteQueue {
  public:
    std::size_t size() const noexcept { return bytes_.size() - start_; }
    bool empty() const noexcept { return size() == 0; }
    // Valid until the next change.
    std::string_view view() const noexcept { return std::string_view(bytes_).substr(start_); }

    void push(std::string_view more) { bytes_.append(more); }
    // Precondition: count <= size().
    void pop(std::size_t count) noexcept {
        start_ += count;
        if (start_ == bytes_.size()) {
            clear();
        } else if (start_ >= wasted_max && start_ >= size()) {
            // Moving less than what was popped since keeps the cost for each byte constant.
            bytes_.erase(0, start_);
            start_ = 0;
        }
    }
    void clear() noexcept {
        bytes_.clear();
        start_ = 0;
    }

  private:
    static constexpr std::size_t wasted_max = 4096;

    std::string bytes_;
    std::size_t start_ = 0;
};

}  // namespace owsk::net
