// SPDX-License-Identifier: MIT
// Verdicts, connections and the end. The kernel is told outside of the lock where that matters for
// speed.
#include "net/linux/gate/syn/syn_screen.h"

#include <utility>
#include <vector>

#include "net/linux/gate/syn/syn_queue.h"
#include "net/linux/gate/syn/syn_service.h"

namespace owsk::net {

namespace {

using namespace std::chrono_literals;

// With a client on this machine the handshake is over by then, and its first data are often there.
constexpr Duration handshake_patience = 30us;

}  // namespace

SynScreen::SynScreen(SynService& service, Family family, GateTerms& terms) noexcept
    : service_(service), family_(family), tally_(terms.tally), table_(terms.limits.held_attempts) {}

SynScreen::~SynScreen() = default;

void SynScreen::pause() noexcept {
    const Lock lock(mutex_);
    patience_.pause();
}

void SynScreen::resume() noexcept {
    const Lock lock(mutex_);
    patience_.resume(clock_.now());
}

bool SynScreen::is_ours(const SynAttempt& attempt) noexcept {
    return attempt.listeners_version() == service_.listeners_version() ||
           service_.find(attempt.syn().destination).get() == this;
}

void SynScreen::accept(SynAttempt& attempt) noexcept {
    if (!is_ours(attempt)) {
        give_up(attempt);
        return;
    }
    SynQueue* queue = nullptr;
    bool is_here = false;
    {
        const Lock lock(mutex_);
        if (!attempt.life().accept()) {
            return;
        }
        SynRecord& record = *table_.find(attempt);
        is_here = record.neighbour.is_this_machine();
        queue = record.place.queue;
        // Before the kernel hears of it: the connection may be there at once.
        table_.let_through(record, clock_.now());
        queue->put({.packet = record.place.packet, .refused = std::nullopt});
    }
    queue->call_loop();
    if (is_here) {
        host::LinuxProcessor* const processor = news_.processor();
        if (processor->is_current()) {
            processor->look_out_for_events(queue->loop().cpu(), handshake_patience);
        }
    }
}

void SynScreen::reject(SynAttempt& attempt) noexcept {
    SynQueue* queue = nullptr;
    {
        const Lock lock(mutex_);
        if (!attempt.life().reject()) {
            return;
        }
        SynRecord& record = *table_.find(attempt);
        queue = record.place.queue;
        table_.remember(record, clock_.now());
        queue->put({.packet = record.place.packet, .refused = attempt.syn()});
    }
    queue->call_loop();
}

// A listener came meanwhile whose attempt it now is. The client repeats its SYN.
void SynScreen::give_up(SynAttempt& attempt) noexcept {
    const Lock lock(mutex_);
    if (attempt.life().is_held()) {
        forget_locked(*table_.find(attempt));
        // Inside the lock: what is posted after close() might find nobody any more.
        news_.announce_later();
    }
    // Too late, and no other verdict counts any more.
    static_cast<void>(attempt.life().accept());
}

void SynScreen::forget_locked(SynRecord& record) noexcept {
    SynAttempt& attempt = *record.attempt;
    const SynPlace place = record.place;
    const bool was_held = attempt.life().is_held();
    if (attempt.life().abort()) {
        if (was_held || place.queue->take_back(place.packet)) {
            place.queue->drop(place.packet);
        }
        news_.add_abort(record.attempt);
    }
    table_.erase(record);
}

std::shared_ptr<ConnectionAttempt> SynScreen::take(const Address& local,
                                                   const Address& remote) noexcept {
    const Lock lock(mutex_);
    SynRecord* record = table_.find(flow_on_link(local, remote));
    if (record == nullptr) {
        // The SYN came over loopback, from an address that several links have.
        record = table_.find(Flow(local, remote));
    }
    if (record == nullptr || !record->attempt->life().establish()) {
        return nullptr;
    }
    table_.remember(*record, clock_.now());
    return record->attempt;
}

std::shared_ptr<const void> SynScreen::enter(const Address& local, const Address& remote) noexcept {
    return guests_->enter(flow_on_link(local, remote), clock_.now());
}

void SynScreen::close() noexcept {
    struct Refused {
        SynPlace place;
        Segment syn;
    };
    std::vector<Refused> refused;
    {
        const Lock lock(mutex_);
        closed_ = true;
        for (auto& [flow, record] : table_.records()) {
            AttemptLife& life = record.attempt->life();
            // What was judged and not carried out yet is refused, too.
            if (life.is_held() || record.place.queue->take_back(record.place.packet)) {
                refused.push_back({record.place, record.syn()});
            }
            if (life.abort()) {
                news_.add_abort(record.attempt);
            }
        }
        table_.clear();
    }
    news_.drop_unless_started();
    for (const Refused& one : refused) {
        one.place.queue->refuse(one.place.packet, one.syn);
    }
}

}  // namespace owsk::net
