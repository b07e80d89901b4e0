// SPDX-License-Identifier: MIT
// One listening TCP port of a program on a simulated computer.
#include <openwsk/simulation.h>

#include <utility>

#include "machine/simulation/parts.h"

namespace owsk {

Address Server::local_address() const {
    return parts_->server.local();
}

std::size_t Server::waiting() const {
    return parts_->server.waiting();
}

std::optional<Client> Server::accept() {
    std::unique_ptr<net::TcpEndpoint> endpoint = parts_->server.accept();
    if (endpoint == nullptr) {
        return std::nullopt;
    }
    Client client;
    client.parts_ = std::make_shared<Client::Parts>(std::move(endpoint));
    return client;
}

}  // namespace owsk
