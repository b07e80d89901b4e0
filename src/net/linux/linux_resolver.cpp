// SPDX-License-Identifier: MIT
// The desk is what resolver and threads share: it lives as long as the last of them.
#include "net/linux/linux_resolver.h"

#include <algorithm>
#include <deque>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "host/linux/linux_thread.h"

namespace owsk::net {

struct LinuxResolver::Desk {
    Desk(Ask given, unsigned most) : ask(std::move(given)), threads_max(most) {}

    // What a thread does: one question after another.
    static void serve(const std::shared_ptr<Desk>& desk);
    void forget_locked(const Job& job) noexcept OWSK_REQUIRES(mutex);

    const Ask ask;
    const unsigned threads_max;
    Mutex mutex{Rank::transport};
    std::deque<std::shared_ptr<Job>> waiting OWSK_GUARDED_BY(mutex);
    // Those that somebody wants an answer to.
    std::vector<std::shared_ptr<Job>> wanted OWSK_GUARDED_BY(mutex);
    unsigned threads OWSK_GUARDED_BY(mutex) = 0;
};

struct LinuxResolver::Job final : public host::Task {
    Job(std::shared_ptr<Desk> its_desk, std::shared_ptr<Lookup> its_lookup, host::Processor& on)
        : desk(std::move(its_desk)),
          question(its_lookup->question()),
          lookup(std::move(its_lookup)),
          processor(on) {}

    // Tells the answer.
    void run() noexcept override {
        std::shared_ptr<Job> self;
        std::shared_ptr<Lookup> told;
        {
            const Lock lock(desk->mutex);
            self = std::move(posted);
            told = std::move(lookup);
            desk->forget_locked(*this);
        }
        if (told != nullptr) {
            told->on_answer(answer);
        }
    }

    const std::shared_ptr<Desk> desk;
    const LookupQuestion question;
    // By the desk's mutex.
    std::shared_ptr<Lookup> lookup;  // null once it is abandoned, or told
    std::shared_ptr<Job> posted;     // itself, while the processor has it
    host::Processor& processor;      // gone with the machine; there as long as `lookup`
    LookupAnswer answer;             // before it is posted the thread's, then the processor's
};

void LinuxResolver::Desk::forget_locked(const Job& job) noexcept {
    std::erase_if(wanted, [&](const auto& other) { return other.get() == &job; });
}

void LinuxResolver::Desk::serve(const std::shared_ptr<Desk>& desk) {
    for (;;) {
        std::shared_ptr<Job> job;
        {
            const Lock lock(desk->mutex);
            if (desk->waiting.empty()) {
                --desk->threads;
                return;
            }
            job = std::move(desk->waiting.front());
            desk->waiting.pop_front();
        }
        LookupAnswer answer = desk->ask(job->question);
        const Lock lock(desk->mutex);
        if (job->lookup != nullptr) {
            job->answer = std::move(answer);
            job->posted = job;
            job->processor.post(*job);
        }
    }
}

LinuxResolver::LinuxResolver(Ask ask, unsigned threads_max)
    : desk_(std::make_shared<Desk>(std::move(ask), threads_max)) {}

LinuxResolver::~LinuxResolver() {
    const Lock lock(desk_->mutex);
    desk_->waiting.clear();
    for (const std::shared_ptr<Job>& job : desk_->wanted) {
        job->lookup.reset();
    }
    desk_->wanted.clear();
}

NTSTATUS LinuxResolver::start(std::shared_ptr<Lookup> lookup, host::Processor& processor) noexcept {
    const auto job = std::make_shared<Job>(desk_, std::move(lookup), processor);
    const Lock lock(desk_->mutex);
    desk_->waiting.push_back(job);
    desk_->wanted.push_back(job);
    if (desk_->threads < desk_->threads_max &&
        host::start_detached_thread("names", [desk = desk_] { Desk::serve(desk); })) {
        ++desk_->threads;
    }
    if (desk_->threads == 0) {
        desk_->waiting.pop_back();
        desk_->wanted.pop_back();
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    return STATUS_SUCCESS;
}

void LinuxResolver::abandon(const Lookup& lookup) noexcept {
    std::shared_ptr<Lookup> dropped;  // after the lock
    const Lock lock(desk_->mutex);
    const auto found = std::ranges::find_if(
        desk_->wanted, [&](const auto& job) { return job->lookup.get() == &lookup; });
    if (found == desk_->wanted.end()) {
        return;
    }
    const std::shared_ptr<Job> job = *found;
    dropped = std::move(job->lookup);
    desk_->wanted.erase(found);
    std::erase(desk_->waiting, job);
}

unsigned LinuxResolver::threads() const noexcept {
    const Lock lock(desk_->mutex);
    return desk_->threads;
}

}  // namespace owsk::net
