// SPDX-License-Identifier: MIT
// Who may stand in whose way, and who is the nearer one.
#include "net/claim.h"

#include "net/flow.h"

namespace owsk::net {

bool is_link_local(const Address& address) noexcept {
    return address.family == Family::ipv6 && address.ip[0] == 0xFE &&
           (address.ip[1] & 0xC0) == 0x80;
}

bool may_be_same(const Address& a, const Address& b) noexcept {
    if (a.family != b.family || a.ip != b.ip) {
        return false;
    }
    return !is_link_local(a) || a.scope_id == b.scope_id || a.scope_id == 0 || b.scope_id == 0;
}

Claim::Claim(const Address& local, bool v6_only) noexcept
    : local_(v4_unmapped(local)),
      is_mapped_(local_.family != local.family),
      both_families_(local_.family == Family::ipv6 && local_.is_wildcard() && !v6_only) {}

bool Claim::meets(const Claim& other) const noexcept {
    if (local_.port != other.local_.port) {
        return false;
    }
    if (local_.family != other.local_.family) {
        return both_families_ || other.both_families_;
    }
    return is_wildcard() || other.is_wildcard() || may_be_same(local_, other.local_);
}

Fit Claim::fit(const Address& destination) const noexcept {
    const Address wanted = v4_unmapped(destination);
    if (local_.port != wanted.port) {
        return Fit::none;
    }
    if (local_.family != wanted.family) {
        return both_families_ ? Fit::both_families : Fit::none;
    }
    if (is_wildcard()) {
        return Fit::wildcard;
    }
    if (!may_be_same(local_, wanted)) {
        return Fit::none;
    }
    return is_mapped_ ? Fit::mapped_address : Fit::address;
}

}  // namespace owsk::net
