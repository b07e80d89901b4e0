// SPDX-License-Identifier: MIT
// Sharing of local addresses.
#include "wsk/socket/address_table.h"

#include <utility>
#include <vector>

namespace owsk::wsk {

namespace {

constexpr NTSTATUS ok = STATUS_SUCCESS;
constexpr NTSTATUS in_use = STATUS_ADDRESS_ALREADY_EXISTS;
constexpr NTSTATUS denied = STATUS_ACCESS_DENIED;
// Asks the first socket's security descriptor: STATUS_SUCCESS or STATUS_ACCESS_DENIED.
constexpr NTSTATUS check = STATUS_MORE_PROCESSING_REQUIRED;

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
                         const ShareTerms& first,
                         bool first_wild) noexcept {
    const NTSTATUS verdict = verdicts[line(second, second_wild)][line(first.sharing, first_wild)];
    if (verdict != check) {
        return verdict;
    }
    // Every socket here has the same security context, which asks for access: that of the system.
    return first.descriptor != nullptr && first.descriptor->allows_sharing() ? ok : denied;
}

template <typename Holder, typename Make>
Result<AddressTable::Bound<Holder>> AddressTable::hold(const Wish& wish, Make make) {
    Lock lock(mu_);
    bool is_shared = false;
    std::vector<net::PortHolder*> sharers;
    const net::Claim claim(wish.address, wish.v6_only);
    // Port 0 becomes one that nobody has.
    const Hold first = wish.address.port == 0 ? entries_.end() : entries_.begin();
    for (Hold entry = first; entry != entries_.end(); ++entry) {
        if (entry->transport != wish.transport || !claim.meets(entry->claim)) {
            continue;
        }
        const NTSTATUS verdict = sharing_verdict(
            wish.terms.sharing, claim.is_wildcard(), entry->terms, entry->claim.is_wildcard());
        if (!NT_SUCCESS(verdict)) {
            return verdict;
        }
        is_shared = true;
        sharers.push_back(entry->holder);
    }
    for (net::PortHolder* sharer : sharers) {
        sharer->allow_port_sharing(true);
    }
    Result<std::unique_ptr<Holder>> holder = make(is_shared);
    // Only this bind was agreed on; another program's is not.
    for (net::PortHolder* sharer : sharers) {
        sharer->allow_port_sharing(false);
    }
    if (!holder) {
        return holder.status();
    }
    if (is_shared) {
        (*holder)->allow_port_sharing(false);
    }
    const net::Claim held((*holder)->local_address(), wish.v6_only);
    const Hold entry =
        entries_.insert(entries_.end(), {wish.transport, held, wish.terms, holder->get()});
    return Bound<Holder>{std::move(*holder), entry};
}

Result<AddressTable::Bound<net::Listener>> AddressTable::listen(net::Network& network,
                                                                const Address& address,
                                                                const ShareTerms& terms,
                                                                net::ListenOptions options) {
    return hold<net::Listener>({Transport::tcp, address, options.v6_only, terms},
                               [&](bool share_port) {
                                   options.share_port = share_port;
                                   return network.listen(address, options);
                               });
}

Result<AddressTable::Bound<net::Connector>> AddressTable::bind(net::Network& network,
                                                               const Address& address,
                                                               const ShareTerms& terms,
                                                               bool v6_only) {
    return hold<net::Connector>({Transport::tcp, address, v6_only, terms}, [&](bool share_port) {
        return network.bind(address, {.v6_only = v6_only, .share_port = share_port});
    });
}

Result<AddressTable::Bound<net::DatagramPort>> AddressTable::bind_datagrams(
    net::Network& network,
    const Address& address,
    const ShareTerms& terms,
    net::DatagramPortOptions options) {
    return hold<net::DatagramPort>({Transport::udp, address, options.v6_only, terms},
                                   [&](bool share_port) {
                                       options.share_port = share_port;
                                       return network.bind_datagrams(address, options);
                                   });
}

Result<std::unique_ptr<net::Listener>> AddressTable::listen(Hold hold,
                                                            net::Connector& connector,
                                                            const net::OptionValues& inherited) {
    Lock lock(mu_);
    // Linux looks at the port once more. That it is shared was agreed on at the bind.
    std::vector<net::PortHolder*> sharers;
    for (const Entry& entry : entries_) {
        if (&entry != &*hold && entry.transport == hold->transport &&
            entry.claim.meets(hold->claim)) {
            sharers.push_back(entry.holder);
        }
    }
    if (!sharers.empty()) {
        sharers.push_back(&connector);
    }
    const auto allow = [&](bool sharing) {
        for (net::PortHolder* sharer : sharers) {
            sharer->allow_port_sharing(sharing);
        }
    };
    allow(true);
    Result<std::unique_ptr<net::Listener>> listener = connector.listen(inherited);
    if (listener) {
        hold->holder = listener->get();
        if (!sharers.empty()) {
            sharers.back() = hold->holder;
        }
    }
    allow(false);
    return listener;
}

void AddressTable::release(Hold hold) noexcept {
    Lock lock(mu_);
    entries_.erase(hold);
}

Result<std::unique_ptr<net::Listener>> HeldAddress::listen(SocketMutex& mutex,
                                                           AddressTable& addresses,
                                                           net::Connector& connector,
                                                           const net::OptionValues& inherited) {
    std::optional<AddressTable::Hold> hold;
    {
        SocketLock lock(mutex);
        hold = hold_;
    }
    return addresses.listen(*hold, connector, inherited);
}

void HeldAddress::release(SocketMutex& mutex, AddressTable& addresses) noexcept {
    std::optional<AddressTable::Hold> hold;
    {
        SocketLock lock(mutex);
        hold = std::exchange(hold_, std::nullopt);
    }
    if (hold.has_value()) {
        addresses.release(*hold);
    }
}

}  // namespace owsk::wsk
