// SPDX-License-Identifier: MIT
// From whoever has seen it to the listener's processor, which a loop acts for while it sleeps.
#include "net/linux/gate/syn/syn_news.h"

#include <utility>

namespace owsk::net {

void SynNews::start(host::LinuxProcessor& processor, ListenerEvents& events) noexcept {
    events_ = &events;
    {
        const Lock lock(mutex_);
        processor_ = &processor;
    }
    processor.post(delivery_);
}

void SynNews::drop_unless_started() noexcept {
    std::vector<Note> dropped;
    const Lock lock(mutex_);
    if (processor_ == nullptr) {
        dropped.swap(notes_);
    }
}

host::LinuxProcessor* SynNews::processor() noexcept {
    const Lock lock(mutex_);
    return processor_;
}

void SynNews::add(Note note) noexcept {
    const Lock lock(mutex_);
    notes_.push_back(std::move(note));
}

const host::LinuxProcessor* SynNews::announce() noexcept {
    host::LinuxProcessor* const told = processor();
    if (told == nullptr || told->run_in_place(delivery_)) {
        return nullptr;
    }
    told->post(delivery_);
    return told;
}

void SynNews::announce_later() noexcept {
    if (host::LinuxProcessor* const told = processor()) {
        told->post(delivery_);
    }
}

void SynNews::deliver() noexcept {
    {
        const Lock lock(mutex_);
        delivering_.swap(notes_);
    }
    for (const Note& note : delivering_) {
        if (note.kind == Kind::attempt) {
            events_->on_attempt(note.attempt);
        } else if (note.attempt->life().announce_abort()) {
            events_->on_aborted(*note.attempt);
        }
    }
    delivering_.clear();
}

}  // namespace owsk::net
