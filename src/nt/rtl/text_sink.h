// SPDX-License-Identifier: MIT
// Where formatted text goes, one unit at a time.
#pragma once

#include <ntdef.h>

#include <cstddef>
#include <string>

namespace owsk::nt::rtl {

template <typename Char>
class TextSink {
  public:
    virtual void put(Char unit) noexcept = 0;

  protected:
    ~TextSink() = default;
};

// A buffer of the caller: keeps what fits, remembers that something did not.
template <typename Char>
class BufferSink final : public TextSink<Char> {
  public:
    BufferSink(Char* buffer, std::size_t capacity) noexcept
        : buffer_(buffer), capacity_(capacity) {}

    void put(Char unit) noexcept override {
        if (length_ < capacity_) {
            buffer_[length_++] = unit;
        } else {
            overflowed_ = true;
        }
    }
    std::size_t length() const noexcept { return length_; }
    bool overflowed() const noexcept { return overflowed_; }

  private:
    Char* const buffer_;
    const std::size_t capacity_;
    std::size_t length_ = 0;
    bool overflowed_ = false;
};

class StringSink final : public TextSink<char> {
  public:
    void put(char unit) noexcept override { text_.push_back(unit); }
    const std::string& text() const noexcept { return text_; }

  private:
    std::string text_;
};

}  // namespace owsk::nt::rtl
