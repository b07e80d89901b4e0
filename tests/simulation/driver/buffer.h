// SPDX-License-Identifier: MIT
// Buffer: nonpaged pool behind a chain of MDLs, for WSK_BUF.
#pragma once

#include <wsk.h>

#include <memory>
#include <string>
#include <string_view>

namespace owsk::scenarios {

class Buffer {
  public:
    // One MDL, or several if `pieces` is more. Precondition: memory.
    explicit Buffer(SIZE_T length, unsigned pieces = 1);
    explicit Buffer(std::string_view content, unsigned pieces = 1);
    ~Buffer();
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;

    WSK_BUF wsk() const { return {first_, 0, length_}; }
    WSK_BUF wsk(SIZE_T count) const { return {first_, 0, count}; }
    std::string text(SIZE_T count) const;

  private:
    void append(SIZE_T length);

    PMDL first_ = nullptr;
    PMDL last_ = nullptr;
    const SIZE_T length_;
};

using BufferRef = std::shared_ptr<Buffer>;

// The bytes of a WSK_BUF, wherever it comes from.
std::string text_of(const WSK_BUF& buffer);
// Of a list of indications.
std::string text_of(const WSK_DATA_INDICATION* indication);

}  // namespace owsk::scenarios
