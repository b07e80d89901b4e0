// SPDX-License-Identifier: MIT
#include "idle.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <iostream>
#include <vector>

#include "client_socket.h"

namespace bench {

namespace {

constexpr std::size_t batch = 64;  // fewer than the backlog of any server

// The echo tells that the server has accepted, and is waited for together with others'.
void open(std::vector<ClientSocket>& connections, uint16_t port, std::size_t count) {
    while (connections.size() < count) {
        const std::size_t first = connections.size();
        for (std::size_t more = std::min(batch, count - first); more > 0; --more) {
            connections.emplace_back(port).send(std::array{std::byte{'e'}});
        }
        for (std::size_t index = first; index < connections.size(); ++index) {
            std::array<std::byte, 1> echo;
            connections[index].receive(echo);
        }
    }
}

}  // namespace

void keep_idle_connections(uint16_t port) {
    std::vector<ClientSocket> connections;
    for (std::size_t count = 0; std::cin >> count;) {
        open(connections, port, count);
        std::cout << "open " << connections.size() << std::endl;
    }
}

}  // namespace bench
