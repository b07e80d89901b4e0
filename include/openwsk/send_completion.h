// SPDX-License-Identifier: MIT
// SendCompletion: when a WskSend completes its IRP, and gives the buffer back.
#pragma once

#include <cstdint>

namespace owsk {

enum class SendCompletion : std::uint8_t {
    buffered,      // when the network has taken the bytes
    acknowledged,  // when the peer has acknowledged them, as on Windows
};

}  // namespace owsk
