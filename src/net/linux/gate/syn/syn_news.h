// SPDX-License-Identifier: MIT
// SynNews: what the listener of a SYN gate is told: attempts, and that they were aborted. It is
// told on its processor, in the order in which it happened.
#pragma once

#include <memory>
#include <vector>

#include "base/mutex.h"
#include "host/linux/linux_processor.h"
#include "net/linux/gate/syn/syn_attempt.h"
#include "net/network.h"

namespace owsk::net {

class SynNews {
  public:
    // What came before this is announced now.
    void start(host::LinuxProcessor& processor, ListenerEvents& events) noexcept
        OWSK_EXCLUDES(mutex_);
    // Nobody is told any more, if nobody was ever to be: what waits keeps the attempts, and those
    // whoever has this.
    void drop_unless_started() noexcept OWSK_EXCLUDES(mutex_);
    // Null before the start.
    host::LinuxProcessor* processor() noexcept OWSK_EXCLUDES(mutex_);

    void add_attempt(std::shared_ptr<SynAttempt> attempt) noexcept OWSK_EXCLUDES(mutex_) {
        add({std::move(attempt), Kind::attempt});
    }
    void add_abort(std::shared_ptr<SynAttempt> attempt) noexcept OWSK_EXCLUDES(mutex_) {
        add({std::move(attempt), Kind::aborted});
    }
    // Has it announced what was added: here, or by the processor that it returns.
    const host::LinuxProcessor* announce() noexcept OWSK_EXCLUDES(mutex_);
    // Not here.
    void announce_later() noexcept OWSK_EXCLUDES(mutex_);
    // Announces what was added. On the processor.
    void deliver() noexcept OWSK_EXCLUDES(mutex_);

  private:
    enum class Kind : std::uint8_t { attempt, aborted };
    struct Note {
        std::shared_ptr<SynAttempt> attempt;
        Kind kind;
    };
    class Delivery final : public host::Task {
      public:
        explicit Delivery(SynNews& news) noexcept : news_(news) {}
        void run() noexcept override { news_.deliver(); }
        bool may_run_in_place() const noexcept override { return true; }

      private:
        SynNews& news_;
    };

    void add(Note note) noexcept OWSK_EXCLUDES(mutex_);

    Delivery delivery_{*this};
    ListenerEvents* events_ = nullptr;
    std::vector<Note> delivering_;  // used only on the processor

    // Taken inside the screen's lock.
    Mutex mutex_{Rank::transport};
    host::LinuxProcessor* processor_ OWSK_GUARDED_BY(mutex_) = nullptr;
    std::vector<Note> notes_ OWSK_GUARDED_BY(mutex_);
};

}  // namespace owsk::net
