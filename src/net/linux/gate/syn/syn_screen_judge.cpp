// SPDX-License-Identifier: MIT
// What a SYN is answered: it is an attempt, one that is known, or none.
#include <utility>

#include "host/linux/memory_reserve.h"
#include "net/linux/gate/syn/syn_queue.h"
#include "net/linux/gate/syn/syn_screen.h"
#include "net/linux/gate/syn/syn_service.h"

namespace owsk::net {

void SynScreen::on_syn(SynQueue& queue,
                       const NfQueue::Packet& packet,
                       const Segment& syn) noexcept {
    SynPlace place = {.queue = &queue, .packet = packet.id};
    Answer answer = Answer::refuse;
    {
        const Lock lock(mutex_);
        answer = answer_locked(place, packet, syn);
    }
    switch (answer) {
        case Answer::hold:
            queue.look_after_later();
            if (const host::LinuxProcessor* const judge = news_.announce()) {
                queue.expect_verdict_of(*judge);
            }
            return;
        case Answer::hold_instead:
            queue.look_after_later();
            place.queue->drop(place.packet);
            return;
        case Answer::let_through:
            queue.let_through(packet.id);
            return;
        case Answer::drop:
            queue.drop(packet.id);
            return;
        case Answer::refuse:
            queue.refuse(packet.id, syn);
            return;
    }
}

bool SynScreen::may_be_connected_locked(const SynRecord* known, const Flow& flow) noexcept {
    if (known == nullptr) {
        return guests_->has(flow);
    }
    // The handshake may be over, and nobody has taken the connection yet.
    return known->state() == AttemptState::established || known->state() == AttemptState::accepted;
}

SynScreen::Answer SynScreen::answer_locked(SynPlace& place,
                                           const NfQueue::Packet& packet,
                                           const Segment& syn) noexcept {
    if (closed_) {
        return Answer::refuse;
    }
    const Flow flow = flow_on_link(syn.destination, syn.source);
    SynRecord* const known = table_.find(flow);
    if (may_be_connected_locked(known, flow) &&
        place.queue->connections().look_up(syn.destination, syn.source, syn.destination.scope_id) ==
            Presence::connected) {
        // No attempt: the kernel answers with what it expects next.
        return Answer::let_through;
    }
    if (known != nullptr) {
        if (known->syn().sequence == syn.sequence && known->state() != AttemptState::established) {
            return answer_again_locked(*known, place, packet);
        }
        // The client has given that one up, or it is over, and begins anew from the same port.
        forget_locked(*known);
    }
    const bool has_room = table_.has_room_for(syn.source) &&
                          (!table_.is_full() || make_room_locked(place.queue->connections()));
    if (host::memory_is_short() || !has_room) {
        tally_.dropped.fetch_add(1, std::memory_order_relaxed);
        return Answer::drop;
    }
    hold_locked(place, packet, syn);
    return Answer::hold;
}

SynScreen::Answer SynScreen::answer_again_locked(SynRecord& known,
                                                 SynPlace& place,
                                                 const NfQueue::Packet& packet) noexcept {
    known.rhythm.repeat(clock_.now());
    if (std::exchange(known.is_said_to_be_gone, false)) {
        // Some box on the way has said it, and may say it again.
        known.resets_prove_nothing = true;
    }
    tally_.retransmissions.fetch_add(1, std::memory_order_relaxed);
    if (known.state() == AttemptState::rejected) {
        // The RST was lost, or is still to come.
        return Answer::refuse;
    }
    if (known.state() == AttemptState::accepted) {
        // When the first one has gone on, the kernel knows what to do with another.
        return Answer::let_through;
    }
    // The newest is the surest to be still there, and its time stamp the one that the client takes
    // its round trip from.
    std::swap(known.place, place);
    known.copy = PacketCopy(packet.bytes);
    return Answer::hold_instead;
}

void SynScreen::hold_locked(const SynPlace& place,
                            const NfQueue::Packet& packet,
                            const Segment& syn) noexcept {
    const Instant now = clock_.now();
    auto attempt = std::make_shared<SynAttempt>(shared_from_this(),
                                                syn,
                                                as_shown(syn.destination),
                                                as_shown(syn.source),
                                                now,
                                                service_.listeners_version());
    news_.add_attempt(attempt);
    table_.add({.attempt = std::move(attempt),
                .neighbour = packet.neighbour,
                .place = place,
                .copy = PacketCopy(packet.bytes),
                .rhythm = SynPatience::rhythm_of(packet.neighbour, now),
                .probe_due = now + SynPatience::first_probe(),
                .probe_gap = SynPatience::first_probe()});
}

bool SynScreen::make_room_locked(ConnectionTable& connections) noexcept {
    if (SynRecord* const oldest = table_.over().oldest()) {
        forget_locked(*oldest);
        return true;
    }
    const Instant now = clock_.now();
    SynRecord* const oldest = table_.let_through().oldest();
    if (oldest == nullptr || !patience_.is_expendable(*oldest, now)) {
        return false;
    }
    const Address& local = oldest->syn().destination;
    if (connections.look_up(local, oldest->syn().source, local.scope_id) == Presence::connected) {
        // It waits only for us to take it. The newcomer repeats its SYN, and finds another one.
        table_.let_through(*oldest, now);
        return false;
    }
    // Should it be established after all, it has slipped past.
    forget_locked(*oldest);
    return true;
}

Address SynScreen::as_shown(const Address& address) const noexcept {
    return family_ == Family::ipv6 && address.family == Family::ipv4 ? v4_mapped(address) : address;
}

}  // namespace owsk::net
