// SPDX-License-Identifier: MIT
// SynScreen: the requests at the SYN gate of one listener, from the first SYN until the verdict and
// the connection that it becomes.
//
//   on_syn -> held -> accepted -> (SYN let through) -> established, by take(); known a while longer
//                  -> rejected -> (SYN dropped, RST sent)
//             held -> held, when the client repeats its SYN: the newest one waits
//             held or accepted -> aborted, when the client resets, begins anew, or falls silent
//
// SYNs come on the loops of the queues, verdicts from any thread, connections on the listener's
// processor; events go out on that processor, in order.
#pragma once

#include <list>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/mutex.h"
#include "host/linux/linux_clock.h"
#include "host/linux/linux_processor.h"
#include "net/client_shares.h"
#include "net/flow.h"
#include "net/linux/admissions.h"
#include "net/linux/connection_table.h"
#include "net/linux/gate_terms.h"
#include "net/linux/syn_attempt.h"
#include "net/network.h"

namespace owsk::net {

class SynService;

class SynScreen final : public Admissions, public std::enable_shared_from_this<SynScreen> {
  public:
    // `family` is the listener's. Service and terms outlive the screen.
    SynScreen(SynService& service, Family family, GateTerms& terms) noexcept;
    ~SynScreen();

    // What came before this is announced now.
    void start(host::LinuxProcessor& processor, ListenerEvents& events) noexcept
        OWSK_EXCLUDES(mutex_);
    // From now on every SYN is refused; what is held is refused, and announced as aborted by the
    // next deliver().
    void close() noexcept OWSK_EXCLUDES(mutex_);
    // Announces what has happened. On the processor.
    void deliver() noexcept OWSK_EXCLUDES(mutex_);

    // For the queues, each on its own loop.
    void on_syn(SynQueue& queue, const NfQueue::Packet& packet, const Segment& syn) noexcept
        OWSK_EXCLUDES(mutex_);
    // A SYN was let through that the kernel no longer had.
    void on_lost(const SynQueue& queue, std::uint32_t packet) noexcept OWSK_EXCLUDES(mutex_);
    void on_reset(const Segment& reset) noexcept OWSK_EXCLUDES(mutex_);
    // A SYN or RST as it was sent; what is translated or dropped since comes here, too.
    void on_arrival(const Segment& segment) noexcept OWSK_EXCLUDES(mutex_);
    // Whether a RST of this host answers a segment whose connection is just being established. The
    // client may send from another CPU than the one that ends its handshake, and for a moment many
    // kernels find neither the request nor the socket there. Without the RST it sends again.
    // `interface`: where the RST goes out.
    bool is_mistaken(const Segment& reset,
                     ConnectionTable& connections,
                     std::uint32_t interface) noexcept OWSK_EXCLUDES(mutex_);
    // Looks for clients of that queue that have gone without a word. False when it holds none.
    bool look_after(const SynQueue& queue) noexcept OWSK_EXCLUDES(mutex_);

    std::shared_ptr<ConnectionAttempt> take(const Address& local,
                                            const Address& remote) noexcept override
        OWSK_EXCLUDES(mutex_);
    std::shared_ptr<const void> enter(const Address& local, const Address& remote) noexcept override
        OWSK_EXCLUDES(mutex_);

    void pause() noexcept override OWSK_EXCLUDES(mutex_);
    void resume() noexcept override OWSK_EXCLUDES(mutex_);

    // For the attempts.
    void decide(SynAttempt& attempt, SynAttempt::State verdict) noexcept OWSK_EXCLUDES(mutex_);
    void carry_out(SynAttempt& attempt) noexcept OWSK_EXCLUDES(mutex_);

  private:
    // Keeps a flow among the connections.
    class Guest;
    enum class News : std::uint8_t { request, aborted };
    enum class Answer : std::uint8_t { hold, hold_instead, let_through, drop, refuse };
    // A packet in a queue.
    struct Place {
        SynQueue* queue;
        std::uint32_t packet;
    };
    struct Note {
        std::shared_ptr<SynAttempt> attempt;
        News news;
    };
    class Delivery final : public host::Task {
      public:
        explicit Delivery(SynScreen& screen) noexcept : screen_(screen) {}
        void run() noexcept override { screen_.deliver(); }
        bool may_run_in_place() const noexcept override { return true; }

      private:
        SynScreen& screen_;
    };

    // Has it announced what has happened: here, or by the processor that it returns.
    const host::LinuxProcessor* announce() noexcept OWSK_EXCLUDES(mutex_);
    Address as_shown(const Address& address) const noexcept;
    // The attempt that is just ending its handshake with the RST's receiver, or null.
    SynAttempt* find_ending_locked(const Segment& reset) const noexcept OWSK_REQUIRES(mutex_);
    // `place` of the SYN; where it is held instead of an older one, of that afterwards.
    Answer answer_locked(Place& place, const NfQueue::Packet& packet, const Segment& syn) noexcept
        OWSK_REQUIRES(mutex_);
    // To the same SYN again.
    Answer answer_again_locked(SynAttempt& known,
                               Place& place,
                               const NfQueue::Packet& packet) noexcept OWSK_REQUIRES(mutex_);
    std::shared_ptr<SynAttempt> hold_locked(SynQueue& queue,
                                            const NfQueue::Packet& packet,
                                            const Segment& syn) noexcept OWSK_REQUIRES(mutex_);
    // Whether Linux would still give the request to this listener.
    bool is_ours(const SynAttempt& attempt) noexcept OWSK_EXCLUDES(mutex_);
    // Makes room for one more. False if everything in the table is still needed.
    bool make_room_locked() noexcept OWSK_REQUIRES(mutex_);
    // Finds out whom the client has addressed, now or later: without that it cannot be asked
    // whether it is still there.
    void find_addressed_locked(SynAttempt& attempt, bool tracks_connections) noexcept
        OWSK_REQUIRES(mutex_);
    bool is_gone_locked(const SynAttempt& attempt, Instant now) const noexcept
        OWSK_REQUIRES(mutex_);
    bool is_probe_due_locked(const SynAttempt& attempt, Instant now) const noexcept
        OWSK_REQUIRES(mutex_);
    void abort_locked(SynAttempt& attempt) noexcept OWSK_REQUIRES(mutex_);
    // It is judged, or gone: its client may have another one in its place.
    void give_share_back_locked(const SynAttempt& attempt) noexcept OWSK_REQUIRES(mutex_);
    // Takes it off the table, unless its flow begins anew there.
    void forget_locked(SynAttempt& attempt) noexcept OWSK_REQUIRES(mutex_);

    SynService& service_;
    const Family family_;
    const std::size_t held_max_;
    // The bound of the table, of which what is held is a part. A SYN above it is dropped, never let
    // through without inspection.
    const std::size_t requests_max_;
    const host::LinuxClock clock_;
    GateTally& tally_;
    Delivery delivery_{*this};
    ListenerEvents* events_ = nullptr;
    std::vector<Note> delivering_;  // used only on the processor

    Mutex mutex_{Rank::gate};
    host::LinuxProcessor* processor_ OWSK_GUARDED_BY(mutex_) = nullptr;
    bool closed_ OWSK_GUARDED_BY(mutex_) = false;
    // While connections wait in the kernel, their requests have not failed.
    bool is_paused_ OWSK_GUARDED_BY(mutex_) = false;
    Instant resumed_at_ OWSK_GUARDED_BY(mutex_) = {};
    ClientShares shares_ OWSK_GUARDED_BY(mutex_);  // of those that are held
    std::unordered_map<Flow, std::shared_ptr<SynAttempt>, FlowHash> requests_
        OWSK_GUARDED_BY(mutex_);
    // Held ones by their client alone, on a host that tracks connections: whom the client has
    // addressed is seen when it sends its SYN again, and from there its RST comes.
    std::unordered_map<Flow, std::shared_ptr<SynAttempt>, FlowHash> by_client_
        OWSK_GUARDED_BY(mutex_);
    // Those whose SYN was let through, oldest first.
    std::list<SynAttempt*> let_through_ OWSK_GUARDED_BY(mutex_);
    // Remembered for a while, so that another copy of the SYN asks nobody. Oldest first.
    std::list<SynAttempt*> established_ OWSK_GUARDED_BY(mutex_);
    // Those whose sockets are open. The kernel may have ended some of them.
    std::unordered_set<Flow, FlowHash> connections_ OWSK_GUARDED_BY(mutex_);
    std::vector<Note> notes_ OWSK_GUARDED_BY(mutex_);
};

}  // namespace owsk::net
