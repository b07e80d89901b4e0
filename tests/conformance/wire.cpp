// SPDX-License-Identifier: MIT
// IP addresses as text.
#include "conformance/wire.h"

#include <arpa/inet.h>

namespace owsk::conformance {

bool parse_ip(const std::string& ip, std::uint8_t (&bytes)[16]) {
    const bool v6 = ip.find(':') != std::string::npos;
    return inet_pton(v6 ? AF_INET6 : AF_INET, ip.c_str(), bytes) == 1;
}

std::string format_ip(const std::uint8_t* bytes, bool is_v6) {
    char text[INET6_ADDRSTRLEN] = "";
    inet_ntop(is_v6 ? AF_INET6 : AF_INET, bytes, text, sizeof text);
    return text;
}

}  // namespace owsk::conformance
