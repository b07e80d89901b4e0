// SPDX-License-Identifier: MIT
// What becomes of a request, one lock at a time; the kernel is told outside of it where that
// matters for speed.
#include "net/linux/syn_screen.h"

#include <algorithm>
#include <utility>

#include "host/linux/memory_reserve.h"
#include "net/gate_bounds.h"
#include "net/linux/netfilter/segment.h"
#include "net/linux/syn_queue.h"
#include "net/linux/syn_service.h"

namespace owsk::net {

namespace {

using namespace std::chrono_literals;

// Clients are not probed at once, since most verdicts come sooner, and then ever more rarely: each
// time it takes twice as long.
constexpr Duration probe_after = 500ms;

// With a client on this machine the handshake is over by then, and its first data are often there.
constexpr Duration handshake_patience = 30us;

// How long after its connection is there a RST may be looked at that was sent when it was not yet.
constexpr Duration handshake_aftermath = 1s;

}  // namespace

SynScreen::SynScreen(SynService& service, Family family, GateTerms& terms) noexcept
    : service_(service),
      family_(family),
      held_max_(bound_of(terms.limits.held_requests, held_at_the_syn)),
      requests_max_(std::max(held_max_, held_at_the_syn)),
      tally_(terms.tally) {}

SynScreen::~SynScreen() = default;

void SynScreen::start(host::LinuxProcessor& processor, ListenerEvents& events) noexcept {
    events_ = &events;
    {
        const Lock lock(mutex_);
        processor_ = &processor;
    }
    processor.post(delivery_);
}

const host::LinuxProcessor* SynScreen::announce() noexcept {
    host::LinuxProcessor* processor = nullptr;
    {
        const Lock lock(mutex_);
        processor = processor_;
    }
    if (processor == nullptr || processor->run_in_place(delivery_)) {
        return nullptr;
    }
    processor->post(delivery_);
    return processor;
}

void SynScreen::deliver() noexcept {
    {
        const Lock lock(mutex_);
        delivering_.swap(notes_);
    }
    for (const Note& note : delivering_) {
        if (note.news == News::request) {
            events_->on_request(note.attempt);
        } else {
            events_->on_aborted(*note.attempt);
        }
    }
    delivering_.clear();
}

Address SynScreen::as_shown(const Address& address) const noexcept {
    return family_ == Family::ipv6 && address.family == Family::ipv4 ? v4_mapped(address) : address;
}

void SynScreen::on_syn(SynQueue& queue,
                       const NfQueue::Packet& packet,
                       const Segment& syn) noexcept {
    Place place = {.queue = &queue, .packet = packet.id};
    Answer answer = Answer::refuse;
    {
        const Lock lock(mutex_);
        answer = answer_locked(place, packet, syn);
    }
    switch (answer) {
        case Answer::hold:
            queue.look_after_later();
            if (const host::LinuxProcessor* const judge = announce()) {
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

SynScreen::Answer SynScreen::answer_locked(Place& place,
                                           const NfQueue::Packet& packet,
                                           const Segment& syn) noexcept {
    if (closed_) {
        return Answer::refuse;
    }
    const Flow flow = flow_on_link(syn.destination, syn.source);
    const auto entry = requests_.find(flow);
    // The handshake may be over, and nobody has taken the connection yet.
    const bool may_be_connected = entry != requests_.end()
                                      ? entry->second->state_ == SynAttempt::State::established ||
                                            (entry->second->state_ == SynAttempt::State::accepted &&
                                             !entry->second->packet_waits_)
                                      : connections_.contains(flow);
    if (may_be_connected &&
        place.queue->connections().look_up(syn.destination, syn.source, syn.destination.scope_id) ==
            Presence::connected) {
        // No request: the kernel answers with what it expects next.
        return Answer::let_through;
    }
    if (entry != requests_.end()) {
        SynAttempt& known = *entry->second;
        if (known.syn_.sequence == syn.sequence && known.state_ != SynAttempt::State::established) {
            return answer_again_locked(known, place, packet);
        }
        // The client has given that one up, or it is over, and begins anew from the same port.
        abort_locked(known);
    }
    const bool has_room = shares_.has_room_for(syn.source, held_max_) &&
                          (requests_.size() < requests_max_ || make_room_locked());
    if (host::memory_is_short() || !has_room) {
        tally_.dropped.fetch_add(1, std::memory_order_relaxed);
        return Answer::drop;
    }
    notes_.push_back({hold_locked(*place.queue, packet, syn), News::request});
    return Answer::hold;
}

SynScreen::Answer SynScreen::answer_again_locked(SynAttempt& known,
                                                 Place& place,
                                                 const NfQueue::Packet& packet) noexcept {
    known.rhythm_.repeat(clock_.now());
    if (std::exchange(known.is_said_to_be_gone_, false)) {
        // Some box on the way has said it, and may say it again.
        known.resets_prove_nothing_ = true;
    }
    tally_.retransmissions.fetch_add(1, std::memory_order_relaxed);
    if (!known.packet_waits_) {
        // When the first one has gone on, the kernel knows what to do with another.
        return Answer::let_through;
    }
    // The newest is the surest to be still there, and its time stamp the one that the client takes
    // its round trip from.
    place = {.queue = std::exchange(known.queue_, place.queue),
             .packet = std::exchange(known.packet_, place.packet)};
    known.copy_ = PacketCopy(packet.bytes);
    return Answer::hold_instead;
}

std::shared_ptr<SynAttempt> SynScreen::hold_locked(SynQueue& queue,
                                                   const NfQueue::Packet& packet,
                                                   const Segment& syn) noexcept {
    auto attempt = std::make_shared<SynAttempt>(shared_from_this(),
                                                queue,
                                                packet,
                                                syn,
                                                as_shown(syn.destination),
                                                as_shown(syn.source),
                                                clock_.now());
    attempt->listeners_version_ = service_.listeners_version();
    attempt->probe_due_ = attempt->rhythm_.last_syn() + probe_after;
    attempt->probe_gap_ = probe_after;
    requests_[flow_on_link(syn.destination, syn.source)] = attempt;
    shares_.add(syn.source);
    return attempt;
}

bool SynScreen::make_room_locked() noexcept {
    if (!established_.empty()) {
        abort_locked(*established_.front());
        return true;
    }
    if (let_through_.empty() || is_paused_) {
        // The connections of those that were let through may wait in the kernel.
        return false;
    }
    // Should it be established after all, it is inspected late.
    abort_locked(*let_through_.front());
    return true;
}

void SynScreen::give_share_back_locked(const SynAttempt& attempt) noexcept {
    if (attempt.state_ == SynAttempt::State::held) {
        shares_.remove(attempt.syn_.source);
    }
}

void SynScreen::forget_locked(SynAttempt& attempt) noexcept {
    const auto entry = requests_.find(flow_on_link(attempt.syn_.destination, attempt.syn_.source));
    if (entry != requests_.end() && entry->second.get() == &attempt) {
        requests_.erase(entry);
    }
    if (by_client_.empty()) {
        return;
    }
    const auto held = by_client_.find(flow_on_link({}, attempt.syn_.source));
    if (held != by_client_.end() && held->second.get() == &attempt) {
        by_client_.erase(held);
    }
}

void SynScreen::abort_locked(SynAttempt& attempt) noexcept {
    const auto keep = attempt.shared_from_this();
    forget_locked(attempt);
    if (attempt.state_ == SynAttempt::State::rejected) {
        // Still to be carried out.
        return;
    }
    if (attempt.state_ == SynAttempt::State::established) {
        established_.erase(attempt.place_);
        return;
    }
    if (attempt.packet_waits_) {
        attempt.packet_waits_ = false;
        attempt.queue_->drop(attempt.packet_);
    } else {
        let_through_.erase(attempt.place_);
    }
    give_share_back_locked(attempt);
    attempt.state_ = SynAttempt::State::aborted;
    notes_.push_back({keep, News::aborted});
}

void SynScreen::on_reset(const Segment& reset) noexcept {
    {
        const Lock lock(mutex_);
        const auto entry = requests_.find(flow_on_link(reset.destination, reset.source));
        if (entry == requests_.end()) {
            return;
        }
        SynAttempt& attempt = *entry->second;
        // Anybody can send a RST; this one only the client, or who sees its segments.
        if (reset.sequence != attempt.syn_.sequence + 1) {
            return;
        }
        if (attempt.state_ == SynAttempt::State::held) {
            // Who sees its segments may be a box on the way that answers in its stead. A client
            // that is there says so by its next SYN.
            attempt.is_said_to_be_gone_ = !attempt.resets_prove_nothing_;
            if (!is_gone_locked(attempt, clock_.now())) {
                return;
            }
        } else if (attempt.state_ != SynAttempt::State::accepted || attempt.packet_waits_) {
            return;
        }
        // An accepted one is gone as it is: the kernel has given it up for that RST.
        abort_locked(attempt);
    }
    announce();
}

void SynScreen::on_lost(const SynQueue& queue, std::uint32_t packet) noexcept {
    std::shared_ptr<SynAttempt> lost;
    {
        const Lock lock(mutex_);
        // From the newest on: it has just been let through.
        for (auto at = let_through_.rbegin(); at != let_through_.rend() && lost == nullptr; ++at) {
            if ((*at)->queue_ == &queue && (*at)->packet_ == packet) {
                lost = (*at)->shared_from_this();
            }
        }
    }
    if (lost != nullptr) {
        // Its client would repeat it after a while; this copy comes by our queue, is known, and is
        // let through like any other.
        service_.sender().repeat(lost->copy_, lost->syn_.destination);
    }
}

SynAttempt* SynScreen::find_ending_locked(const Segment& reset) const noexcept {
    const auto entry = requests_.find(flow_on_link(reset.source, reset.destination));
    if (entry == requests_.end() || entry->second->packet_waits_) {
        return nullptr;
    }
    SynAttempt& attempt = *entry->second;
    const bool is_ending = attempt.state_ == SynAttempt::State::accepted ||
                           (attempt.state_ == SynAttempt::State::established &&
                            clock_.now() - attempt.established_at_ <= handshake_aftermath);
    return is_ending ? &attempt : nullptr;
}

bool SynScreen::is_mistaken(const Segment& reset,
                            ConnectionTable& connections,
                            std::uint32_t interface) noexcept {
    {
        const Lock lock(mutex_);
        if (find_ending_locked(reset) == nullptr) {
            return false;
        }
    }
    // By now the kernel finds what it did not find a moment ago.
    const Presence presence = connections.look_up(reset.source, reset.destination, interface);
    const Lock lock(mutex_);
    SynAttempt* const attempt = find_ending_locked(reset);
    if (attempt == nullptr) {
        return false;
    }
    switch (presence) {
        case Presence::connected:
        case Presence::unsettled:
            return true;
        case Presence::absent:
            // Established: it has been there, and is over. Not yet: it may still come, once.
            return attempt->state_ == SynAttempt::State::accepted &&
                   !std::exchange(attempt->was_missed_, true);
        case Presence::unknown:
            return true;
    }
    return false;
}

std::shared_ptr<ConnectionAttempt> SynScreen::take(const Address& local,
                                                   const Address& remote) noexcept {
    const Lock lock(mutex_);
    auto entry = requests_.find(flow_on_link(local, remote));
    if (entry == requests_.end()) {
        // The SYN came over loopback, from an address that several links have.
        entry = requests_.find(Flow(local, remote));
    }
    if (entry == requests_.end() || entry->second->state_ != SynAttempt::State::accepted ||
        entry->second->packet_waits_) {
        return nullptr;
    }
    const std::shared_ptr<SynAttempt>& attempt = entry->second;
    established_.splice(established_.end(), let_through_, attempt->place_);
    attempt->state_ = SynAttempt::State::established;
    attempt->established_at_ = clock_.now();
    return attempt;
}

class SynScreen::Guest {
  public:
    Guest(std::shared_ptr<SynScreen> screen, const Flow& flow) noexcept
        : screen_(std::move(screen)), flow_(flow) {
        const Lock lock(screen_->mutex_);
        screen_->connections_.insert(flow_);
    }
    ~Guest() {
        const Lock lock(screen_->mutex_);
        screen_->connections_.erase(flow_);
    }
    Guest(const Guest&) = delete;
    Guest& operator=(const Guest&) = delete;

  private:
    const std::shared_ptr<SynScreen> screen_;
    const Flow flow_;
};

std::shared_ptr<const void> SynScreen::enter(const Address& local, const Address& remote) noexcept {
    return std::make_shared<const Guest>(shared_from_this(), flow_on_link(local, remote));
}

void SynScreen::decide(SynAttempt& attempt, SynAttempt::State verdict) noexcept {
    host::LinuxProcessor* processor = nullptr;
    SynQueue* queue = nullptr;
    {
        const Lock lock(mutex_);
        if (attempt.state_ != SynAttempt::State::held) {
            return;
        }
        give_share_back_locked(attempt);
        attempt.state_ = verdict;
        processor = processor_;
        queue = attempt.queue_;
    }
    queue->put(attempt.shared_from_this());
    const bool is_established_at_once =
        verdict == SynAttempt::State::accepted && attempt.neighbour_.is_this_machine();
    if (is_established_at_once && processor->is_current()) {
        processor->look_out_for_events(queue->loop().cpu(), handshake_patience);
    }
}

bool SynScreen::is_ours(const SynAttempt& attempt) noexcept {
    return attempt.listeners_version_ == service_.listeners_version() ||
           service_.find(attempt.syn_.destination).get() == this;
}

void SynScreen::carry_out(SynAttempt& attempt) noexcept {
    const bool ours = is_ours(attempt);
    bool accepted = false;
    Place place = {};
    {
        const Lock lock(mutex_);
        if (!attempt.packet_waits_) {
            return;
        }
        place = {.queue = attempt.queue_, .packet = attempt.packet_};
        accepted = attempt.state_ == SynAttempt::State::accepted;
        if (accepted && ours) {
            // Before the kernel hears of it: the connection may be there at once.
            attempt.packet_waits_ = false;
            attempt.place_ = let_through_.insert(let_through_.end(), &attempt);
        } else if (accepted) {
            // A listener came meanwhile whose request it now is. The client repeats its SYN.
            abort_locked(attempt);
        } else {
            attempt.packet_waits_ = false;
            forget_locked(attempt);
        }
    }
    if (accepted && ours) {
        place.queue->let_through(place.packet);
    } else if (accepted) {
        announce();
    } else {
        place.queue->refuse(place.packet, attempt.syn_);
    }
}

void SynScreen::close() noexcept {
    std::vector<std::shared_ptr<SynAttempt>> refused;
    {
        const Lock lock(mutex_);
        closed_ = true;
        for (auto& [flow, attempt] : requests_) {
            if (std::exchange(attempt->packet_waits_, false)) {
                refused.push_back(attempt);
            }
            if (attempt->state_ != SynAttempt::State::rejected &&
                attempt->state_ != SynAttempt::State::established) {
                give_share_back_locked(*attempt);
                attempt->state_ = SynAttempt::State::aborted;
                notes_.push_back({attempt, News::aborted});
            }
        }
        requests_.clear();
        by_client_.clear();
        let_through_.clear();
        established_.clear();
        if (processor_ == nullptr) {
            // Nobody will be told, and the notes would keep the attempts, and those this.
            notes_.clear();
        }
    }
    for (const auto& attempt : refused) {
        attempt->queue_->refuse(attempt->packet_, attempt->syn_);
    }
}

}  // namespace owsk::net
