// SPDX-License-Identifier: MIT
// Each lingers on the processor that its socket had.
#include "wsk/connection/lingering.h"

#include <chrono>
#include <utility>

namespace owsk::wsk {

namespace {

// When the machine stops, somebody waits for its end.
constexpr Duration patience_at_stop = std::chrono::seconds(5);
constexpr std::chrono::seconds report_interval{3};
constexpr std::size_t named_max = 4;

}  // namespace

class LingeringConnections::Member final : public LIST_ENTRY,
                                           private net::ConnectionEvents,
                                           private host::Timer,
                                           private host::Task {
  public:
    Member(LingeringConnections& owner,
           std::unique_ptr<net::Connection> connection,
           const Linger& linger,
           host::Processor& processor) noexcept
        : owner_(owner),
          connection_(std::move(connection)),
          processor_(processor),
          linger_(linger) {}

    void begin() noexcept {
        connection_->hand_over(*this);
        look();
    }
    std::string description() const {
        return to_string(connection_->remote_address()) + " (" +
               std::to_string(left_.load(std::memory_order_relaxed)) + " bytes)";
    }

  private:
    void on_ready(net::Readiness) noexcept override {
        if (!ending_) {
            look();
        }
    }
    void expire() noexcept override { look(); }

    void look() noexcept {
        const auto next = linger_.look(*connection_, owner_.host_.clock().now(), owner_.patience());
        left_.store(linger_.left(), std::memory_order_relaxed);
        if (next.has_value()) {
            processor_.set_timer(*this, *next);
            return;
        }
        ending_ = true;
        // On its own processor a timer that is not set cannot be under way either.
        processor_.cancel_timer(*this);
        connection_->close(*this);
    }
    // The connection is closed.
    void run() noexcept override { owner_.remove(*this); }

    LingeringConnections& owner_;
    const std::unique_ptr<net::Connection> connection_;
    host::Processor& processor_;
    Linger linger_;
    std::atomic<std::size_t> left_ = 0;  // a copy for reports
    bool ending_ = false;
};

LingeringConnections::LingeringConnections(host::Host& host, probe::Probes& probes) noexcept
    : host_(host), probes_(probes) {
    InitializeListHead(&members_);
}

LingeringConnections::~LingeringConnections() {
    const Lock lock(mu_);
    OWSK_ASSERT(count_ == 0);
}

Duration LingeringConnections::patience() const noexcept {
    return stopping_.load(std::memory_order_relaxed) ? patience_at_stop : Linger::usual_patience;
}

void LingeringConnections::take(std::unique_ptr<net::Connection> connection,
                                const Linger& linger,
                                host::Processor& processor) noexcept {
    OWSK_ASSERT(processor.is_current());
    auto* const member = new Member(*this, std::move(connection), linger, processor);
    {
        const Lock lock(mu_);
        InsertTailList(&members_, member);
        ++count_;
    }
    member->begin();
}

void LingeringConnections::remove(Member& member) noexcept {
    {
        const Lock lock(mu_);
        RemoveEntryList(&member);
    }
    // Before anybody may go on who waits for that.
    delete &member;
    const Lock lock(mu_);
    --count_;
    if (count_ == 0 && waits_for_none_ != nullptr) {
        waits_for_none_->unpark();
    }
}

void LingeringConnections::wait_until_none() noexcept {
    stopping_.store(true, std::memory_order_relaxed);
    const std::unique_ptr<host::Parker> none = host_.new_parker();
    {
        const Lock lock(mu_);
        if (count_ == 0) {
            return;
        }
        waits_for_none_ = none.get();
    }
    const host::Sleep sleep = {host::Sleep::For::reminder, "the acknowledgment of what was sent"};
    const Instant start = host_.clock().now();
    for (Instant due = start + report_interval; !none->park(due, sleep); due += report_interval) {
        const auto passed = std::chrono::duration_cast<std::chrono::seconds>(due - start);
        probes_.unload_waits({describe(), static_cast<std::uint64_t>(passed.count())});
    }
    // Whoever has left the token may still hold the lock.
    const Lock lock(mu_);
    waits_for_none_ = nullptr;
}

std::string LingeringConnections::describe() noexcept {
    const Lock lock(mu_);
    std::string text = std::to_string(count_) + (count_ == 1 ? " client" : " clients") +
                       " to acknowledge what was sent: ";
    std::size_t named = 0;
    for (LIST_ENTRY* entry = members_.Flink; entry != &members_ && named < named_max;
         entry = entry->Flink) {
        text += (named++ == 0 ? "" : ", ") + static_cast<Member*>(entry)->description();
    }
    return named < count_ ? text + ", ..." : text;
}

}  // namespace owsk::wsk
