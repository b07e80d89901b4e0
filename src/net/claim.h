// SPDX-License-Identifier: MIT
// Claim: the addresses that a listener claims, and which packets are for it. The rules are those of
// Linux, of the simulated network and of WSK's table of sharing, once.
#pragma once

#include <openwsk/address.h>

#include <cstdint>

namespace owsk::net {

// Whether a link has to be named together with the address: the same one may be on several.
bool is_link_local(const Address& address) noexcept;

// Whether two addresses may be the same one of a computer; ports do not count. Scopes count for
// link-local addresses, where 0 stands for a link that is not known.
bool may_be_same(const Address& a, const Address& b) noexcept;

// How well a claim fits an address, in rising order. The best fit gets the packet.
enum class Fit : std::uint8_t {
    none,
    both_families,   // the wildcard of IPv6, which stands for IPv4 as well
    wildcard,        // that of the address's own family
    mapped_address,  // the very address, by an IPv6 socket that names an IPv4 address
    address,         // the very address
};

class Claim {
  public:
    // `v6_only`: an IPv6 wildcard stands for IPv6 alone.
    Claim(const Address& local, bool v6_only) noexcept;

    bool operator==(const Claim&) const = default;

    bool is_wildcard() const noexcept { return local_.is_wildcard(); }
    bool takes_both_families() const noexcept { return both_families_; }

    // Whether a packet may be for both.
    bool meets(const Claim& other) const noexcept;
    Fit fit(const Address& destination) const noexcept;

  private:
    Address local_;  // an IPv4 address that is written as an IPv6 one is an IPv4 address
    bool is_mapped_;
    bool both_families_;
};

}  // namespace owsk::net
