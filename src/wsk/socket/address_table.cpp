// SPDX-License-Identifier: MIT
// Sharing of local addresses.
#include "wsk/socket/address_table.h"

#include <vector>

namespace owsk::wsk {

namespace {

constexpr NTSTATUS ok = STATUS_SUCCESS;
constexpr NTSTATUS in_use = STATUS_ADDRESS_ALREADY_EXISTS;
constexpr NTSTATUS denied = STATUS_ACCESS_DENIED;
// The documentation asks the first socket's security descriptor here; the default one denies.
constexpr NTSTATUS check = STATUS_ACCESS_DENIED;

// Rows: the second socket, (none, reuse, exclusive) x (wildcard, specific). Columns: the first one.
constexpr NTSTATUS verdicts[6][6] = {
    {in_use, ok, in_use, ok, in_use, ok},
    {check, in_use, check, denied, denied, in_use},
    {denied, ok, ok, ok, denied, ok},
    {check, denied, ok, ok, denied, denied},
    {in_use, in_use, in_use, in_use, in_use, in_use},
    {check, in_use, check, in_use, denied, in_use},
};

constexpr std::size_t line(Sharing sharing, bool wild) noexcept {
    return 2 * static_cast<std::size_t>(sharing) + (wild ? 0 : 1);
}

}  // namespace

NTSTATUS sharing_verdict(Sharing second,
                         bool second_wild,
                         Sharing first,
                         bool first_wild) noexcept {
    return verdicts[line(second, second_wild)][line(first, first_wild)];
}

Result<AddressTable::Bound> AddressTable::bind(net::Network& network,
                                               const Address& address,
                                               Sharing sharing,
                                               net::ListenOptions options) {
    Lock lock(mu_);
    std::vector<net::Listener*> sharers;
    const net::Claim claim(address, options.v6_only);
    for (const Entry& entry : entries_) {
        if (address.port == 0 || !claim.meets(entry.claim)) {
            continue;
        }
        const NTSTATUS verdict =
            sharing_verdict(sharing, claim.is_wildcard(), entry.sharing, entry.claim.is_wildcard());
        if (!NT_SUCCESS(verdict)) {
            return verdict;
        }
        sharers.push_back(entry.listener);
    }
    options.share_port = !sharers.empty();
    for (net::Listener* sharer : sharers) {
        sharer->allow_port_sharing(true);
    }
    Result<std::unique_ptr<net::Listener>> listener = network.listen(address, options);
    // Only this bind was agreed on; another program's is not.
    for (net::Listener* sharer : sharers) {
        sharer->allow_port_sharing(false);
    }
    if (!listener) {
        return listener.status();
    }
    if (options.share_port) {
        (*listener)->allow_port_sharing(false);
    }
    const net::Claim held((*listener)->local_address(), options.v6_only);
    const Hold hold = entries_.insert(entries_.end(), {held, sharing, listener->get()});
    return Bound{std::move(*listener), hold};
}

void AddressTable::release(Hold hold) noexcept {
    Lock lock(mu_);
    entries_.erase(hold);
}

}  // namespace owsk::wsk
