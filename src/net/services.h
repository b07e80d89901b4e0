// SPDX-License-Identifier: MIT
// The services that every computer knows, whatever its own table says, as each Windows has its file
// `services`. In the simulation there are no others.
#pragma once

#include <cstdint>
#include <string_view>

namespace owsk::net {

// 0: there is no such service over that transport.
struct ServicePorts {
    std::uint16_t stream = 0;
    std::uint16_t datagram = 0;

    bool none() const noexcept { return stream == 0 && datagram == 0; }
};

ServicePorts well_known_ports(std::string_view service) noexcept;
// Empty if the port has no name.
std::string_view well_known_service(std::uint16_t port, bool datagram) noexcept;

}  // namespace owsk::net
