// SPDX-License-Identifier: MIT
// SynScreen: the attempts at the SYN gate of one listener, from the first SYN until the verdict and
// the connection that it becomes.
//
//   on_syn -> held -> accepted -> (SYN let through) -> established, by take()
//                  -> rejected -> (SYN dropped, RST sent)
//             held -> held, when the client repeats its SYN: the newest one waits
//             held or accepted -> aborted, when the client resets, begins anew, or falls silent
//
// Those that are rejected or established are known a while longer. A verdict is decided here and
// carried out by the queue of the SYN.
//
// SYNs come on the loops of the queues, verdicts from any thread, connections on the listener's
// processor; events go out on that processor, in order.
#pragma once

#include <memory>

#include "base/mutex.h"
#include "host/linux/linux_clock.h"
#include "host/linux/linux_processor.h"
#include "net/linux/gate/admissions.h"
#include "net/linux/gate/gate_terms.h"
#include "net/linux/gate/syn/connection_table.h"
#include "net/linux/gate/syn/guest_list.h"
#include "net/linux/gate/syn/syn_news.h"
#include "net/linux/gate/syn/syn_patience.h"
#include "net/linux/gate/syn/syn_table.h"
#include "net/linux/netfilter/nf_queue.h"

namespace owsk::net {

class SynService;

class SynScreen final : public Admissions, public std::enable_shared_from_this<SynScreen> {
  public:
    // `family` is the listener's. Service and terms outlive the screen.
    SynScreen(SynService& service, Family family, GateTerms& terms) noexcept;
    ~SynScreen();

    // What came before this is announced now.
    void start(host::LinuxProcessor& processor, ListenerEvents& events) noexcept {
        news_.start(processor, events);
    }
    // From now on every SYN is refused; what is held is refused, and announced as aborted by the
    // next deliver().
    void close() noexcept OWSK_EXCLUDES(mutex_);
    // Announces what has happened. On the processor.
    void deliver() noexcept { news_.deliver(); }

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
    // kernels find neither the request socket nor the connection there. Without the RST it sends
    // again. `interface`: where the RST goes out.
    bool is_mistaken(const Segment& reset,
                     ConnectionTable& connections,
                     std::uint32_t interface) noexcept OWSK_EXCLUDES(mutex_);
    // Looks for clients of that queue that have gone without a word. False when it holds none.
    bool look_after(const SynQueue& queue) noexcept OWSK_EXCLUDES(mutex_);

    std::shared_ptr<ConnectionAttempt> take(const Address& local,
                                            const Address& remote) noexcept override
        OWSK_EXCLUDES(mutex_);
    std::shared_ptr<const void> enter(const Address& local,
                                      const Address& remote) noexcept override;
    void pause() noexcept override OWSK_EXCLUDES(mutex_);
    void resume() noexcept override OWSK_EXCLUDES(mutex_);

    // For the attempts.
    void accept(SynAttempt& attempt) noexcept OWSK_EXCLUDES(mutex_);
    void reject(SynAttempt& attempt) noexcept OWSK_EXCLUDES(mutex_);

  private:
    enum class Answer : std::uint8_t { hold, hold_instead, let_through, drop, refuse };

    // `place` of the SYN; where it is held instead of an older one, of that afterwards.
    Answer answer_locked(SynPlace& place,
                         const NfQueue::Packet& packet,
                         const Segment& syn) noexcept OWSK_REQUIRES(mutex_);
    // To the same SYN again.
    Answer answer_again_locked(SynRecord& known,
                               SynPlace& place,
                               const NfQueue::Packet& packet) noexcept OWSK_REQUIRES(mutex_);
    // Whether the kernel may have made a connection of that flow.
    bool may_be_connected_locked(const SynRecord* known, const Flow& flow) noexcept
        OWSK_REQUIRES(mutex_);
    void hold_locked(const SynPlace& place,
                     const NfQueue::Packet& packet,
                     const Segment& syn) noexcept OWSK_REQUIRES(mutex_);
    // Makes room for one more. False if everything in the table is still needed.
    bool make_room_locked(ConnectionTable& connections) noexcept OWSK_REQUIRES(mutex_);
    Address as_shown(const Address& address) const noexcept;

    // Whether Linux would still give the attempt to this listener.
    bool is_ours(const SynAttempt& attempt) noexcept OWSK_EXCLUDES(mutex_);
    // A held one is another's.
    void give_up(SynAttempt& attempt) noexcept OWSK_EXCLUDES(mutex_);
    // It will not become a connection, or is one and is forgotten.
    void forget_locked(SynRecord& record) noexcept OWSK_REQUIRES(mutex_);

    // Whether an attempt of that flow is just ending its handshake, or has ended it a moment ago.
    // `known` may be null: a full table forgets those first that are over.
    bool is_ending_locked(const SynRecord* known, const Flow& flow) noexcept OWSK_REQUIRES(mutex_);
    // Finds out whom the client has addressed, now or later: without that it cannot be asked
    // whether it is still there.
    void find_addressed_locked(SynRecord& record, bool tracks_connections) noexcept
        OWSK_REQUIRES(mutex_);

    SynService& service_;
    const Family family_;
    const host::LinuxClock clock_;
    GateTally& tally_;
    SynNews news_;
    const std::shared_ptr<GuestList> guests_ = std::make_shared<GuestList>();

    Mutex mutex_{Rank::gate};
    bool closed_ OWSK_GUARDED_BY(mutex_) = false;
    SynPatience patience_ OWSK_GUARDED_BY(mutex_);
    SynTable table_ OWSK_GUARDED_BY(mutex_);
};

}  // namespace owsk::net
