// SPDX-License-Identifier: MIT
// The number is held as a name of an abstract socket: the kernel keeps those for each network
// namespace, allows one holder, and forgets the name with the socket.
#include "net/linux/netfilter/process_slot.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <cstring>
#include <string>

#include "base/assert.h"

namespace owsk::net {

std::optional<ProcessSlot> ProcessSlot::claim() noexcept {
    for (unsigned number = 0; number < count; ++number) {
        if (std::optional<ProcessSlot> slot = claim(number)) {
            return slot;
        }
    }
    return std::nullopt;
}

std::optional<ProcessSlot> ProcessSlot::claim(unsigned number) noexcept {
    OWSK_ASSERT(number < count);
    host::UniqueFd fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    if (!fd) {
        return std::nullopt;
    }
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    // The zero in front makes it a name in no file system.
    const std::string name = "openwsk-" + std::to_string(number);
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    if (::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), length) != 0) {
        return std::nullopt;
    }
    return ProcessSlot(std::move(fd), number);
}

}  // namespace owsk::net
