// SPDX-License-Identifier: MIT
// The client of the simulation, made to read only when it is asked to.
#include "conformance/sim_wire.h"

#include <algorithm>

#include "conformance/transport.h"

namespace owsk::conformance {

namespace {

Endpoint endpoint_of(const Address& address) {
    return {format_ip(address.ip.data(), address.family == Family::ipv6), address.port};
}

}  // namespace

SimWire::~SimWire() {
    SimWire::close();
}

bool SimWire::start_connect(const Endpoint& to, const Endpoint& from, int receive_buffer) {
    close();
    Computer::ConnectOptions options;
    options.from_ip = from.ip;
    options.from_port = from.port;
    options.receive_buffer = static_cast<std::size_t>(receive_buffer);
    client_ = computer_.connect(to.ip, to.port, options);
    client_->stop_reading();
    taken_ = 0;
    return true;
}

bool SimWire::finish_connect() {
    const bool decided =
        transport().wait_until([this] { return client_->state() != ClientState::connecting; });
    return decided && client_->state() != ClientState::refused &&
           client_->state() != ClientState::timed_out;
}

Endpoint SimWire::local() const {
    return endpoint_of(client_->local_address());
}

Endpoint SimWire::remote() const {
    return endpoint_of(client_->remote_address());
}

bool SimWire::send(const std::string& data) {
    const ClientState state = client_->state();
    if (state != ClientState::connecting && state != ClientState::connected) {
        return false;
    }
    client_->send(data);
    return true;
}

bool SimWire::wait_until_arrived() const {
    return transport().wait_until([this] { return client_->unacknowledged() == 0; });
}

std::string SimWire::receive(std::size_t length) {
    read_until([&] { return client_->received().size() - taken_ >= length; });
    std::string data = client_->received().substr(taken_, length);
    taken_ += data.size();
    return data;
}

// A FIN that came first hides a reset, as it does for recv(2).
bool SimWire::saw_reset() {
    read_until([] { return false; });
    return !client_->peer_finished() && client_->state() == ClientState::reset;
}

bool SimWire::saw_end() {
    read_until([] { return false; });
    return client_->peer_finished();
}

bool SimWire::saw_reset_after_end() {
    return saw_end() &&
           transport().wait_until([this] { return client_->state() == ClientState::reset; });
}

void SimWire::shutdown_send() {
    client_->finish();
}

void SimWire::reset() {
    client_->reset();
}

void SimWire::close() {
    if (client_) {
        client_->close();
    }
}

bool SimWire::has_ended() const {
    const ClientState state = client_->state();
    return client_->peer_finished() ||
           (state != ClientState::connecting && state != ClientState::connected);
}

void SimWire::read_until(const std::function<bool()>& condition) {
    client_->go_on_reading();
    transport().wait_until([&] { return condition() || has_ended(); });
    client_->stop_reading();
}

}  // namespace owsk::conformance
