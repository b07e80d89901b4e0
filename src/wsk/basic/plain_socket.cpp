// SPDX-License-Identifier: MIT
// Sockets without a transport object, and the table of basic sockets.
#include "wsk/basic/plain_socket.h"

#include "wsk/datagram/dispatch.h"
#include "wsk/socket/functions.h"
#include "wsk/stream/dispatch.h"

namespace owsk::wsk {

namespace {

const VOID* table_of(Category category) noexcept {
    switch (category) {
        case Category::datagram:
            return &datagram_dispatch;
        case Category::stream:
            return &stream_dispatch;
        default:
            return &basic_functions;
    }
}

}  // namespace

PlainSocket::PlainSocket(Client& client, Category category, host::Processor& processor) noexcept
    : Socket(client, category, table_of(category), processor) {}

std::string PlainSocket::description() const {
    switch (category()) {
        case Category::datagram:
            return "datagram socket";
        case Category::stream:
            return "stream socket";
        default:
            return "basic socket";
    }
}

}  // namespace owsk::wsk
