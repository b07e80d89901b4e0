// SPDX-License-Identifier: MIT
// SynTable: the records of one listener's attempts, found by their flow or by their client. Its
// owner's lock guards it.
#pragma once

#include <cstddef>
#include <unordered_map>

#include "net/client_shares.h"
#include "net/flow.h"
#include "net/linux/gate/syn/syn_line.h"
#include "net/linux/gate/syn/syn_record.h"

namespace owsk::net {

class SynTable {
  public:
    // `held_max`: the user's bound of what is held, or 0. The table has at least room for as many
    // as are held without one, so that some are remembered.
    explicit SynTable(std::uint32_t held_max) noexcept;

    // Null if there is none.
    SynRecord* find(const Flow& flow) noexcept;
    // Null if it is forgotten.
    SynRecord* find(const SynAttempt& attempt) noexcept;
    // The one that was listed by its client.
    SynRecord* find_listed(const Address& client) noexcept;
    // All of them. None is added or erased meanwhile.
    auto& records() noexcept { return records_; }

    // Whether that client may have one more that is held.
    bool has_room_for(const Address& client) const noexcept {
        return shares_.has_room_for(client, held_max_);
    }
    bool is_full() const noexcept { return records_.size() >= records_max_; }
    // Those whose SYN was let through, and those that are over, oldest first.
    const SynLine& let_through() const noexcept { return let_through_; }
    const SynLine& over() const noexcept { return over_; }

    // A new one, which is held. Precondition: there is none of that flow.
    void add(SynRecord&& record);
    // On a host that tracks connections: whom its client has addressed is seen when it sends its
    // SYN again, and from there its RST comes.
    void list_by_client(SynRecord& record);
    // It was accepted. Once more: it goes to the end of the line.
    void let_through(SynRecord& record, Instant now) noexcept;
    // It was rejected or established. It is remembered for a while, so that another copy of its SYN
    // asks nobody.
    void remember(SynRecord& record, Instant now) noexcept;
    void erase(SynRecord& record) noexcept;
    void clear() noexcept;

  private:
    // It is judged, or gone: its client may have another one in its place.
    void give_share_back(SynRecord& record) noexcept;

    const std::size_t held_max_;
    // The bound of the table, of which what is held is a part. A SYN above it is dropped, never let
    // through without inspection.
    const std::size_t records_max_;
    ClientShares shares_;  // of those that are held
    std::unordered_map<Flow, SynRecord, FlowHash> records_;
    std::unordered_map<Flow, SynRecord*, FlowHash> by_client_;
    SynLine let_through_;
    SynLine over_;
};

}  // namespace owsk::net
