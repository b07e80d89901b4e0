// SPDX-License-Identifier: MIT
// SynQueue: the SYNs that arrive on one CPU, held by the kernel, and the verdicts on them. The loop
// stays on that CPU: a verdict given elsewhere makes some connections over loopback meet a RST,
// because the end of the handshake and the first data are handled on two CPUs at once.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <optional>
#include <vector>

#include "base/mutex.h"
#include "host/linux/linux_clock.h"
#include "host/linux/linux_processor.h"
#include "net/bound.h"
#include "net/linux/gate/syn/connection_table.h"
#include "net/linux/netfilter/nf_queue.h"
#include "net/linux/netfilter/segment.h"

namespace owsk::net {

class SynService;

// What becomes of a packet in a queue.
struct SynVerdict {
    std::uint32_t packet;
    std::optional<Segment> refused;  // the SYN, if its client is refused; else it is let through
};

class SynQueue final : private host::Watch {
  public:
    // `service` outlives it.
    SynQueue(SynService& service, NfQueue queue, host::LinuxProcessor& loop) noexcept;

    NTSTATUS start() noexcept;
    host::LinuxProcessor& loop() noexcept { return loop_; }

    // Verdicts on packets, from any thread.
    void let_through(std::uint32_t packet) noexcept { queue_.accept(packet); }
    void drop(std::uint32_t packet) noexcept { queue_.drop(packet); }
    // The client learns at once that nobody listens for it.
    void refuse(std::uint32_t packet, const Segment& syn) noexcept OWSK_EXCLUDES(mutex_);

    // The verdict is carried out on the loop, once that is called. Any thread.
    void put(const SynVerdict& verdict) noexcept OWSK_EXCLUDES(mutex_);
    void call_loop() noexcept;
    // Whether a verdict on the packet has not been carried out yet; from take_back() on it is not.
    bool has_verdict_on(std::uint32_t packet) noexcept OWSK_EXCLUDES(mutex_);
    bool take_back(std::uint32_t packet) noexcept OWSK_EXCLUDES(mutex_);
    // There are clients now that may go away without a word. On the loop.
    void look_after_later() noexcept;
    // On the loop.
    ConnectionTable& connections() noexcept { return connections_; }
    // A processor that is at work has been given an attempt to judge. On the loop.
    void expect_verdict_of(const host::LinuxProcessor& judge) noexcept { judge_ = &judge; }

  private:
    void on_events(std::uint32_t events) noexcept override;
    void fetch() noexcept;
    void look_out_for_verdict() noexcept;
    void handle(const NfQueue::Packet& packet) noexcept;
    void on_lost(std::uint32_t packet) noexcept;
    // Refuses the client whose SYN was to be refused and is no longer held.
    void refuse_lost(std::uint32_t packet) noexcept OWSK_EXCLUDES(mutex_);
    void handle_outgoing_reset(const NfQueue::Packet& packet, const Segment& reset) noexcept;
    void carry_out_verdicts() noexcept OWSK_EXCLUDES(mutex_);
    std::vector<SynVerdict>::iterator find_verdict_locked(std::uint32_t packet) noexcept
        OWSK_REQUIRES(mutex_);
    void look_after() noexcept;

    struct Refusal {
        std::uint32_t packet = 0;  // no packet has that number
        Segment syn;
    };

    SynService& service_;
    NfQueue queue_;
    host::LinuxProcessor& loop_;
    const host::LinuxClock clock_;
    BoundTask<SynQueue, &SynQueue::fetch> fetch_again_{*this};
    BoundTask<SynQueue, &SynQueue::carry_out_verdicts> verdicts_wait_{*this};
    BoundTimer<SynQueue, &SynQueue::look_after> look_after_due_{*this};

    // What follows is used only on the loop.
    bool looks_after_ = false;
    ConnectionTable connections_;
    const host::LinuxProcessor* judge_ = nullptr;
    std::vector<SynVerdict> taken_;

    // For who looks out: carry_out_verdicts() is posted.
    std::atomic<bool> verdict_posted_ = false;
    Mutex mutex_{Rank::transport};
    std::vector<SynVerdict> verdicts_ OWSK_GUARDED_BY(mutex_);
    // The latest refusals: the kernel tells at once which of them have found no packet.
    std::array<Refusal, 64> refused_ OWSK_GUARDED_BY(mutex_);
    std::size_t refusals_ OWSK_GUARDED_BY(mutex_) = 0;
};

}  // namespace owsk::net
