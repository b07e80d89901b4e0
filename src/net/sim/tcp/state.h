// SPDX-License-Identifier: MIT
// The states of a connection, with the names of RFC 9293. LISTEN is not among them: a listener is
// another object here.
#pragma once

#include <cstdint>

namespace owsk::net {

enum class TcpState : std::uint8_t {
    closed,
    syn_sent,
    syn_received,
    established,
    fin_wait_1,
    fin_wait_2,
    close_wait,
    closing,
    last_ack,
    time_wait,
};

// "SYN-SENT", as the RFC writes it.
constexpr const char* name_of(TcpState state) noexcept {
    switch (state) {
        case TcpState::closed:
            return "CLOSED";
        case TcpState::syn_sent:
            return "SYN-SENT";
        case TcpState::syn_received:
            return "SYN-RECEIVED";
        case TcpState::established:
            return "ESTABLISHED";
        case TcpState::fin_wait_1:
            return "FIN-WAIT-1";
        case TcpState::fin_wait_2:
            return "FIN-WAIT-2";
        case TcpState::close_wait:
            return "CLOSE-WAIT";
        case TcpState::closing:
            return "CLOSING";
        case TcpState::last_ack:
            return "LAST-ACK";
        case TcpState::time_wait:
            return "TIME-WAIT";
    }
    return "?";
}

// How a connection came to its end.
enum class TcpEnd : std::uint8_t {
    none,       // it has not, or in peace
    refused,    // the peer answered our SYN with RST
    reset,      // the peer sent RST later
    timed_out,  // the peer has not answered for too long
    aborted,    // we sent RST
};

}  // namespace owsk::net
