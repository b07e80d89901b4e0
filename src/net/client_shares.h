// SPDX-License-Identifier: MIT
// ClientShares: how many of a listener's places each client may take. Few clients do not take all:
// each may have as many as are still free, so that one alone ends at the half, two at three
// quarters at most, and there is room for somebody who has none. The one rule, for every gate.
#pragma once

#include <openwsk/address.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>

namespace owsk::net {

class ClientShares {
  public:
    // Whether one of `places` is left for that client. Its port does not count. An IPv6 client is
    // its network of 64 bits, all addresses of which one host may give itself; a link-local one is
    // its address on its link.
    bool has_room_for(const Address& client, std::size_t places) const noexcept;
    void add(const Address& client);
    // Precondition: it was added.
    void remove(const Address& client) noexcept;
    std::size_t taken() const noexcept { return taken_; }

  private:
    struct Client {
        std::array<std::uint64_t, 2> ip;
        std::uint32_t link;
        bool operator==(const Client&) const = default;
    };
    struct ClientHash {
        std::size_t operator()(const Client& client) const noexcept;
    };
    static Client client_of(const Address& address) noexcept;

    std::size_t taken_ = 0;
    // Those with no place any more stay for a while: most come again.
    std::unordered_map<Client, std::size_t, ClientHash> by_client_;
};

}  // namespace owsk::net
