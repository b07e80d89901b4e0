// SPDX-License-Identifier: MIT
// One TCP connection of a program on a simulated computer.
#include <openwsk/simulation.h>

#include "machine/simulation/parts.h"

namespace owsk {

std::string_view to_string(ClientState state) noexcept {
    switch (state) {
        case ClientState::connecting:
            return "connecting";
        case ClientState::connected:
            return "connected";
        case ClientState::finished:
            return "finished";
        case ClientState::refused:
            return "refused";
        case ClientState::reset:
            return "reset";
        case ClientState::timed_out:
            return "timed out";
        case ClientState::closed:
            return "closed";
    }
    return "";
}

ClientState Client::state() const {
    const net::TcpEndpoint& endpoint = parts_->endpoint;
    if (parts_->closed) {
        return ClientState::closed;
    }
    switch (endpoint.end()) {
        case net::TcpEnd::refused:
            return ClientState::refused;
        case net::TcpEnd::reset:
            return ClientState::reset;
        case net::TcpEnd::timed_out:
            return ClientState::timed_out;
        default:
            break;
    }
    if (endpoint.is_over()) {
        return ClientState::finished;
    }
    return endpoint.is_connected() ? ClientState::connected : ClientState::connecting;
}

Address Client::local_address() const {
    return parts_->endpoint.local();
}

Address Client::remote_address() const {
    return parts_->endpoint.remote();
}

void Client::send(std::string_view data) {
    parts_->endpoint.send(data);
}

void Client::finish() {
    parts_->endpoint.finish();
}

void Client::reset() {
    parts_->closed = true;
    parts_->endpoint.reset();
}

void Client::close() {
    parts_->closed = true;
    parts_->endpoint.close();
}

const std::string& Client::received() const {
    return parts_->endpoint.received();
}

bool Client::peer_finished() const {
    return parts_->endpoint.saw_end_of_stream();
}

std::size_t Client::unacknowledged() const {
    return parts_->endpoint.unacknowledged();
}

void Client::stop_reading() {
    parts_->endpoint.set_reading(false);
}

void Client::go_on_reading() {
    parts_->endpoint.set_reading(true);
}

}  // namespace owsk
