// SPDX-License-Identifier: MIT
// SynScreen's watch over clients: their RSTs, those that fall silent and are asked whether they are
// still there, where they would expect that question from, and SYNs and connections that the kernel
// has lost sight of.
#include <optional>
#include <utility>
#include <vector>

#include "net/linux/gate/syn/syn_queue.h"
#include "net/linux/gate/syn/syn_screen.h"
#include "net/linux/gate/syn/syn_service.h"
#include "net/linux/own_link.h"

namespace owsk::net {

namespace {

using namespace std::chrono_literals;

// How long after its connection is there a RST may be looked at that was sent when it was not yet.
constexpr Duration handshake_aftermath = 1s;

}  // namespace

void SynScreen::on_reset(const Segment& reset) noexcept {
    {
        const Lock lock(mutex_);
        SynRecord* const record = table_.find(flow_on_link(reset.destination, reset.source));
        // Anybody can send a RST; this one only the client, or who sees its segments.
        if (record == nullptr || reset.sequence != record->syn().sequence + 1) {
            return;
        }
        if (record->state() == AttemptState::held) {
            // Who sees its segments may be a box on the way that answers in its stead. A client
            // that is there says so by its next SYN.
            record->is_said_to_be_gone = !record->resets_prove_nothing;
            if (!patience_.has_ended(*record, clock_.now())) {
                return;
            }
        } else if (record->state() != AttemptState::accepted ||
                   record->place.queue->has_verdict_on(record->place.packet)) {
            return;
        }
        // An accepted one is gone as it is: the kernel has given it up for that RST.
        forget_locked(*record);
    }
    news_.announce();
}

void SynScreen::on_lost(const SynQueue& queue, std::uint32_t packet) noexcept {
    std::optional<PacketCopy> copy;
    Address destination;
    {
        const Lock lock(mutex_);
        // From the newest on: it has just been let through.
        const SynRecord* record = table_.let_through().newest();
        while (record != nullptr &&
               (record->place.queue != &queue || record->place.packet != packet)) {
            record = record->older;
        }
        if (record == nullptr) {
            return;
        }
        copy = record->copy;
        destination = record->syn().destination;
    }
    // Its client would repeat it after a while; this copy comes by our queue, is known, and is let
    // through like any other.
    service_.sender().repeat(*copy, destination);
}

bool SynScreen::is_ending_locked(const SynRecord* known, const Flow& flow) noexcept {
    const Instant recently = clock_.now() - handshake_aftermath;
    if (known == nullptr) {
        return guests_->has_since(flow, recently);
    }
    return known->state() == AttemptState::accepted ||
           (known->state() == AttemptState::established && known->in_line_since >= recently);
}

bool SynScreen::is_mistaken(const Segment& reset,
                            ConnectionTable& connections,
                            std::uint32_t interface) noexcept {
    const Flow flow = flow_on_link(reset.source, reset.destination);
    {
        const Lock lock(mutex_);
        if (!is_ending_locked(table_.find(flow), flow)) {
            return false;
        }
    }
    // By now the kernel finds what it did not find a moment ago.
    const Presence presence = connections.look_up(reset.source, reset.destination, interface);
    const Lock lock(mutex_);
    SynRecord* const record = table_.find(flow);
    if (!is_ending_locked(record, flow)) {
        return false;
    }
    switch (presence) {
        case Presence::connected:
        case Presence::unsettled:
            return true;
        case Presence::absent:
            // Established: it has been there, and is over. Not yet: it may still come, once.
            return record != nullptr && record->state() == AttemptState::accepted &&
                   !std::exchange(record->was_missed, true);
        case Presence::unknown:
            return true;
    }
    return false;
}

void SynScreen::find_addressed_locked(SynRecord& record, bool tracks_connections) noexcept {
    if (tracks_connections && record.neighbour.interface == loopback_interface()) {
        // What its own host translates is translated before it arrives.
        return;
    }
    if (tracks_connections) {
        // Who sends the SYN again tells.
        table_.list_by_client(record);
    } else if (!record.addressed) {
        // Nobody translates.
        record.addressed = record.syn().destination;
    }
}

bool SynScreen::look_after(const SynQueue& queue) noexcept {
    const Instant now = clock_.now();
    const bool tracks_connections = service_.tracks_connections();
    bool seeks = false;
    std::vector<std::pair<Segment, Neighbour>> probes;
    std::vector<SynRecord*> ended;
    bool more = false;
    {
        const Lock lock(mutex_);
        for (auto& [flow, record] : table_.records()) {
            if (record.place.queue != &queue) {
                continue;
            }
            if (patience_.has_ended(record, now)) {
                ended.push_back(&record);
                continue;
            }
            more = true;
            if (record.state() == AttemptState::held) {
                find_addressed_locked(record, tracks_connections);
                seeks = seeks || tracks_connections;
            }
            if (patience_.take_probe(record, now)) {
                probes.emplace_back(probe_of(record.syn_as_sent()), record.neighbour);
            }
        }
        for (SynRecord* const record : ended) {
            forget_locked(*record);
        }
    }
    if (seeks) {
        service_.watch_arrivals();
    }
    for (const auto& [probe, neighbour] : probes) {
        service_.sender().send(probe, neighbour);
    }
    if (!ended.empty()) {
        news_.announce();
    }
    return more;
}

void SynScreen::on_arrival(const Segment& segment) noexcept {
    Segment as_held = segment;
    {
        const Lock lock(mutex_);
        SynRecord* const record = table_.find_listed(segment.source);
        if (record == nullptr) {
            return;
        }
        if (segment.control.syn) {
            if (segment.sequence == record->syn().sequence) {
                record->addressed = segment.destination;
            }
            return;
        }
        if (record->state() != AttemptState::held || record->addressed != segment.destination) {
            return;
        }
        as_held.destination = record->syn().destination;
    }
    on_reset(as_held);
}

}  // namespace owsk::net
