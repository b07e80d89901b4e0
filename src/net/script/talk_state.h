// SPDX-License-Identifier: MIT
// TalkState: where a talk of a script has got to: addresses, sequence numbers, and what has come
// and was not looked at yet.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/prng.h"
#include "base/time.h"
#include "net/script/script.h"
#include "net/sim/packet.h"

namespace owsk::net::script {

struct Arrival {
    Instant time;
    Packet packet;
};

// What a script has given names to with "let".
using Words = std::map<std::string, std::int64_t>;

// Precondition: the quantity has numbers and words alone.
std::int64_t value_of(const Quantity& quantity, const Words& words);

class TalkState {
  public:
    // The talk outlives it. `default_port` is for a talk that has none.
    TalkState(const Talk& talk,
              const std::vector<Address>& own_addresses,
              std::uint16_t default_port,
              Prng& random);

    const Talk& talk() const noexcept { return talk_; }

    // Whether the packet belongs to this talk. A talk that waits for somebody takes the first SYN,
    // or datagram, and has found him then.
    bool takes(const Packet& packet);
    void arrived(Arrival arrival) { unread_.push_back(std::move(arrival)); }
    std::deque<Arrival>& unread() noexcept { return unread_; }
    const std::deque<Arrival>& unread() const noexcept { return unread_; }

    // What a step sends, or why it cannot be sent.
    std::variant<Packet, std::string> make(const step::Send& send, const Words& words) const;
    void was_sent(const step::Send& send, const Packet& packet);
    // What was sent under the label, or the last time. Null: nothing was.
    const Packet* sent(const std::string& label) const;

    // The step that looked at it has taken it for what it expected, or has passed it over.
    void was_seen(const Packet& packet);

    // What there is about a packet that the step did not expect; empty: it fits.
    std::string misfit(const step::Expect& expect, const Packet& packet, const Words& words) const;
    std::int64_t value(const Quantity& quantity, const Words& words) const;
    // As a script would write it. `is_ours`: this computer has sent it.
    std::string text(const Packet& packet, bool is_ours) const;

  private:
    std::int64_t variable(Variable variable) const;
    std::variant<Packet, std::string> make_segment(const step::Send& send,
                                                   const Words& words) const;
    std::string misfit_of_segment(const step::Expect& expect,
                                  const TcpSegment& segment,
                                  const Words& words) const;

    const Talk& talk_;
    std::optional<Address> local_;  // known: the whole address
    std::optional<Address> remote_;
    std::uint16_t port_;
    std::vector<Address> own_addresses_;

    // Of RFC 9293, not counted from the initial numbers.
    std::uint32_t iss_ = 0;
    std::optional<std::uint32_t> irs_;
    std::uint32_t snd_una_ = 0;
    std::uint32_t snd_nxt_ = 0;
    std::uint32_t rcv_nxt_ = 0;

    std::optional<TcpSegment> seg_;  // expected last
    std::optional<Packet> last_sent_;
    std::map<std::string, Packet> labelled_;
    std::deque<Arrival> unread_;
};

}  // namespace owsk::net::script
