// SPDX-License-Identifier: MIT
// The states of a connection before it is one, and of its two directions, with the moves between
// them.
#pragma once

#include <cstdint>

namespace owsk::wsk {

// What a socket of WskSocket goes through before it is a connection.
enum class ConnectState : std::uint8_t {
    unbound,
    binding,
    bound,
    connecting,
    connected,
    listening,  // a stream socket, which will not connect any more
    spent,      // a connection or a listener was made in vain: of no use but to be closed
};

enum class SendState : std::uint8_t {
    unconnected,
    open,
    finishing,  // WskDisconnect was called, and waits for the sends before it
    fin_sent,   // the FIN is under way; nothing takes it back
    finished,   // and is acknowledged
    dead,       // reset by either side
};

enum class ReceiveState : std::uint8_t {
    unconnected,
    open,
    finished,  // everything up to the peer's FIN was read
    dead,
};

constexpr bool may_move(ConnectState from, ConnectState to) noexcept {
    switch (from) {
        case ConnectState::unbound:
            return to == ConnectState::binding;
        case ConnectState::binding:
            return to == ConnectState::unbound || to == ConnectState::bound;
        case ConnectState::bound:
            return to == ConnectState::connecting || to == ConnectState::listening ||
                   to == ConnectState::spent;
        case ConnectState::listening:
            return to == ConnectState::bound || to == ConnectState::spent;
        case ConnectState::connecting:
            return to == ConnectState::bound || to == ConnectState::connected ||
                   to == ConnectState::spent;
        case ConnectState::connected:
            return to == ConnectState::spent;
        case ConnectState::spent:
            return false;
    }
    return false;
}

constexpr bool may_move(SendState from, SendState to) noexcept {
    switch (from) {
        case SendState::unconnected:
            return to == SendState::open;
        case SendState::open:
            return to == SendState::finishing || to == SendState::dead;
        case SendState::finishing:
            return to == SendState::open || to == SendState::fin_sent || to == SendState::dead;
        case SendState::fin_sent:
            return to == SendState::finished || to == SendState::dead;
        case SendState::finished:
            return to == SendState::dead;
        case SendState::dead:
            return false;
    }
    return false;
}

constexpr bool may_move(ReceiveState from, ReceiveState to) noexcept {
    switch (from) {
        case ReceiveState::unconnected:
            return to == ReceiveState::open;
        case ReceiveState::open:
            return to == ReceiveState::finished || to == ReceiveState::dead;
        case ReceiveState::finished:
            return to == ReceiveState::dead;
        case ReceiveState::dead:
            return false;
    }
    return false;
}

}  // namespace owsk::wsk
