// SPDX-License-Identifier: MIT
// SynAttempt: a request at the SYN gate. Its SYN waits in a queue of the kernel until the verdict,
// so that the client is still connecting.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>

#include "base/time.h"
#include "net/attempt.h"
#include "net/linux/netfilter/nf_queue.h"
#include "net/linux/netfilter/packet_copy.h"
#include "net/linux/netfilter/segment.h"
#include "net/syn_rhythm.h"

namespace owsk::net {

class SynQueue;
class SynScreen;

class SynAttempt final : public ConnectionAttempt, public std::enable_shared_from_this<SynAttempt> {
  public:
    enum class State : std::uint8_t { held, accepted, rejected, aborted, established };

    // `local` and `remote` as the listener's sockets show them.
    SynAttempt(std::shared_ptr<SynScreen> screen,
               SynQueue& queue,
               const NfQueue::Packet& packet,
               const Segment& syn,
               const Address& local,
               const Address& remote,
               Instant now) noexcept;
    ~SynAttempt() override;

    const Address& local_address() const noexcept override { return local_; }
    const Address& remote_address() const noexcept override { return remote_; }
    Instant arrived_at() const noexcept override { return arrived_at_; }
    void accept() noexcept override;
    void reject() noexcept override;

    // Carries the verdict out. On the loop of the queue.
    void carry_out() noexcept;
    const Segment& syn() const noexcept { return syn_; }
    // To whom the client has sent it, before anything was translated. Precondition: that is known.
    Segment syn_as_sent() const noexcept;

  private:
    // The screen guards what follows by its lock.
    friend class SynScreen;

    const std::shared_ptr<SynScreen> screen_;
    const Neighbour neighbour_;
    const Segment syn_;
    const Address local_;
    const Address remote_;
    const Instant arrived_at_;

    State state_ = State::held;
    bool packet_waits_ = true;             // the kernel still has the SYN, and wants to hear
    std::uint64_t listeners_version_ = 0;  // when it was asked about
    // The newest SYN: where it waits, or has waited, and a copy.
    SynQueue* queue_;  // lives as long as the screen
    std::uint32_t packet_;
    PacketCopy copy_;
    SynRhythm rhythm_;
    Instant probe_due_;
    Duration probe_gap_;
    bool is_said_to_be_gone_ = false;    // by a RST, and no SYN has come since
    bool resets_prove_nothing_ = false;  // one has said so of a client that was there
    std::optional<Address> addressed_;   // the listener, as the client knows it
    Instant established_at_;
    bool was_missed_ = false;  // the kernel did not find it when it sent a RST
    // Among those whose SYN was let through, or those that are established.
    std::list<SynAttempt*>::iterator place_;
};

}  // namespace owsk::net
