// SPDX-License-Identifier: MIT
// Which record is where, and who has a share.
#include "net/linux/gate/syn/syn_table.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "net/gate_bounds.h"

namespace owsk::net {

namespace {

Flow by_client(const Address& client) noexcept {
    return flow_on_link({}, client);
}

}  // namespace

SynTable::SynTable(std::uint32_t held_max) noexcept
    : held_max_(bound_of(held_max, held_at_the_syn)),
      records_max_(std::max(held_max_, held_at_the_syn)) {}

SynRecord* SynTable::find(const Flow& flow) noexcept {
    const auto entry = records_.find(flow);
    return entry == records_.end() ? nullptr : &entry->second;
}

SynRecord* SynTable::find(const SynAttempt& attempt) noexcept {
    SynRecord* const record = find(attempt.flow());
    return record != nullptr && record->attempt.get() == &attempt ? record : nullptr;
}

SynRecord* SynTable::find_listed(const Address& client) noexcept {
    const auto entry = by_client_.find(by_client(client));
    return entry == by_client_.end() ? nullptr : entry->second;
}

void SynTable::add(SynRecord&& record) {
    const auto [entry, is_new] = records_.emplace(record.attempt->flow(), std::move(record));
    OWSK_ASSERT(is_new);
    entry->second.has_share = true;
    shares_.add(entry->second.syn().source);
}

void SynTable::list_by_client(SynRecord& record) {
    by_client_.insert_or_assign(by_client(record.syn().source), &record);
}

void SynTable::let_through(SynRecord& record, Instant now) noexcept {
    give_share_back(record);
    record.in_line_since = now;
    let_through_.push_back(record);
}

void SynTable::remember(SynRecord& record, Instant now) noexcept {
    give_share_back(record);
    record.in_line_since = now;
    over_.push_back(record);
}

void SynTable::give_share_back(SynRecord& record) noexcept {
    if (std::exchange(record.has_share, false)) {
        shares_.remove(record.syn().source);
    }
}

void SynTable::erase(SynRecord& record) noexcept {
    give_share_back(record);
    SynLine::remove(record);
    if (!by_client_.empty()) {
        const auto listed = by_client_.find(by_client(record.syn().source));
        if (listed != by_client_.end() && listed->second == &record) {
            by_client_.erase(listed);
        }
    }
    records_.erase(record.attempt->flow());
}

void SynTable::clear() noexcept {
    by_client_.clear();
    let_through_.clear();
    over_.clear();
    records_.clear();
    shares_ = {};
}

}  // namespace owsk::net
