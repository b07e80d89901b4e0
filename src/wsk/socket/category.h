// SPDX-License-Identifier: MIT
// Category: which of WSK's kinds of sockets one is.
#pragma once

#include <wdm.h>

namespace owsk::wsk {

enum class Category : UCHAR { basic, listen, connection, datagram, stream };

// "listening socket", for reports.
constexpr const char* name_of(Category category) noexcept {
    switch (category) {
        case Category::basic:
            return "basic socket";
        case Category::listen:
            return "listening socket";
        case Category::connection:
            return "connection";
        case Category::datagram:
            return "datagram socket";
        case Category::stream:
            return "stream socket";
    }
    return "socket";
}

}  // namespace owsk::wsk
