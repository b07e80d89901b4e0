// SPDX-License-Identifier: MIT
// inet_lhash2_lookup() of the Linux kernel: the very address before a wildcard, a socket of IPv4
// before one of IPv6 for a client of IPv4, and then the order of a chain. A listener of IPv4 enters
// the chain at its head. One of IPv6 does at its tail if it shares its port when it starts to
// listen, which each but the first one does. No group of SO_REUSEPORT is in the way: that option is
// on only while a listener is made.
#include "net/linux/listener_table.h"

#include <algorithm>
#include <utility>

#include "net/flow.h"
#include "net/linux/gate/syn/syn_screen.h"

namespace owsk::net {

ListenerTable::Place::Place(Place&& other) noexcept
    : table_(std::exchange(other.table_, nullptr)), number_(other.number_) {}

ListenerTable::Place& ListenerTable::Place::operator=(Place&& other) noexcept {
    if (this != &other) {
        leave();
        table_ = std::exchange(other.table_, nullptr);
        number_ = other.number_;
    }
    return *this;
}

void ListenerTable::Place::step_back() noexcept {
    if (table_ != nullptr) {
        table_->step_back(number_);
    }
}

void ListenerTable::Place::leave() noexcept {
    if (ListenerTable* const table = std::exchange(table_, nullptr)) {
        table->leave(number_);
    }
}

ListenerTable::Place ListenerTable::enter(const Claim& claim, std::shared_ptr<SynScreen> screen) {
    const Lock lock(mutex_);
    entries_.push_back({++last_number_, claim, std::move(screen)});
    version_.fetch_add(1, std::memory_order_release);
    return {*this, last_number_};
}

void ListenerTable::step_back(std::uint64_t number) noexcept {
    const Lock lock(mutex_);
    for (Entry& entry : entries_) {
        entry.is_leaving = entry.is_leaving || entry.number == number;
    }
    version_.fetch_add(1, std::memory_order_release);
}

void ListenerTable::leave(std::uint64_t number) noexcept {
    std::shared_ptr<SynScreen> last_use;
    const Lock lock(mutex_);
    const auto entry = std::find_if(entries_.begin(), entries_.end(), [number](const Entry& one) {
        return one.number == number;
    });
    last_use = std::move(entry->screen);
    entries_.erase(entry);
    version_.fetch_add(1, std::memory_order_release);
}

std::shared_ptr<SynScreen> ListenerTable::find(const Address& destination) noexcept {
    const Lock lock(mutex_);
    const Entry* const found = find_locked(destination);
    return found != nullptr ? found->screen : nullptr;
}

const ListenerTable::Entry* ListenerTable::find_locked(const Address& destination) const noexcept {
    const Entry* best = nullptr;
    Fit best_fit = Fit::none;
    const bool is_ipv4 = v4_unmapped(destination).family == Family::ipv4;
    const bool link_is_unknown = is_link_local(destination) && destination.scope_id == 0;
    for (const Entry& entry : entries_) {
        const Fit fit = entry.claim.fit(destination);
        if (fit == Fit::none || fit < best_fit) {
            continue;
        }
        if (fit > best_fit) {
            best = &entry;
            best_fit = fit;
            continue;
        }
        if (link_is_unknown && fit == Fit::address && entry.claim != best->claim) {
            return nullptr;
        }
        const bool newest_first = is_ipv4 && (fit == Fit::address || fit == Fit::wildcard);
        if (entry.is_leaving != best->is_leaving ? best->is_leaving : newest_first) {
            best = &entry;
        }
    }
    return best;
}

}  // namespace owsk::net
