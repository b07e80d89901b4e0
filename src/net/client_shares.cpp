// SPDX-License-Identifier: MIT
// Counting by client.
#include "net/client_shares.h"

#include <cstring>

#include "base/assert.h"
#include "base/hash.h"
#include "net/claim.h"
#include "net/flow.h"

namespace owsk::net {

namespace {

// How many clients without a place are remembered, at least.
constexpr std::size_t remembered_min = 64;

}  // namespace

std::size_t ClientShares::ClientHash::operator()(const Client& client) const noexcept {
    return static_cast<std::size_t>(mix(mix(client.ip[0], client.ip[1]), client.link));
}

ClientShares::Client ClientShares::client_of(const Address& address) noexcept {
    Client client = {};
    // An IPv4 client is the same one however its address is written.
    const Address plain = v4_unmapped(address);
    if (plain.family == Family::ipv4) {
        std::memcpy(&client.ip[1], plain.ip.data(), 4);
        return client;
    }
    if (is_link_local(plain)) {
        std::memcpy(client.ip.data(), plain.ip.data(), sizeof client.ip);
        client.link = plain.scope_id;
        return client;
    }
    std::memcpy(client.ip.data(), plain.ip.data(), sizeof client.ip[0]);
    return client;
}

bool ClientShares::has_room_for(const Address& client, std::size_t places) const noexcept {
    if (taken_ >= places) {
        return false;
    }
    const std::size_t share = places - taken_;
    if (taken_ < share) {
        // All together have less.
        return true;
    }
    const auto known = by_client_.find(client_of(client));
    return known == by_client_.end() || known->second < share;
}

void ClientShares::add(const Address& client) {
    ++taken_;
    ++by_client_[client_of(client)];
    if (by_client_.size() > 2 * taken_ + remembered_min) {
        std::erase_if(by_client_, [](const auto& entry) { return entry.second == 0; });
    }
}

void ClientShares::remove(const Address& client) noexcept {
    const auto known = by_client_.find(client_of(client));
    OWSK_ASSERT(known != by_client_.end() && known->second != 0);
    --taken_;
    --known->second;
}

}  // namespace owsk::net
