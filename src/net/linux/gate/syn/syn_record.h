// SPDX-License-Identifier: MIT
// SynRecord: what the SYN gate knows of one attempt: where its SYN waits, and what its client has
// been seen to do. It lies in the screen's table, and its lock guards it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/time.h"
#include "net/linux/gate/syn/syn_attempt.h"
#include "net/linux/netfilter/neighbour.h"
#include "net/linux/netfilter/packet_copy.h"
#include "net/linux/netfilter/segment.h"
#include "net/syn_rhythm.h"

namespace owsk::net {

class SynLine;
class SynQueue;

// A packet in a queue.
struct SynPlace {
    SynQueue* queue;
    std::uint32_t packet;
};

struct SynRecord {
    AttemptState state() const noexcept { return attempt->state(); }
    const Segment& syn() const noexcept { return attempt->syn(); }
    // To whom the client has sent it, before anything was translated. Precondition: that is known.
    Segment syn_as_sent() const noexcept {
        Segment syn = attempt->syn();
        syn.destination = addressed.value_or(syn.destination);
        return syn;
    }

    std::shared_ptr<SynAttempt> attempt;
    Neighbour neighbour;
    // The newest SYN: where it waits, or has waited, and a copy. The queue outlives the screen.
    SynPlace place;
    PacketCopy copy;

    SynRhythm rhythm;
    Instant probe_due;
    Duration probe_gap;
    bool is_said_to_be_gone = false;        // by a RST, and no SYN has come since
    bool resets_prove_nothing = false;      // one has said so of a client that was there
    std::optional<Address> addressed = {};  // the listener, as the client knows it
    Instant in_line_since = {};             // let through, or over
    bool was_missed = false;                // the kernel did not find it when it sent a RST

    // The table's: a place among those of its client that are held, and one in a line.
    bool has_share = false;
    SynLine* line = nullptr;
    SynRecord* older = nullptr;
    SynRecord* newer = nullptr;
};

}  // namespace owsk::net
