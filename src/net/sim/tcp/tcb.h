// SPDX-License-Identifier: MIT
// Tcb: one TCP connection (RFC 9293, "transmission control block"). Life and user calls are in
// tcb.cpp, arriving segments in tcb_input.cpp, sending in tcb_output.cpp, time in tcb_timers.cpp.
// Without congestion control and delayed acknowledgments: both only change when segments are sent.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "net/flow.h"
#include "net/network.h"
#include "net/sim/packet.h"
#include "net/sim/tcp/byte_queue.h"
#include "net/sim/tcp/options.h"
#include "net/sim/tcp/reassembly.h"
#include "net/sim/tcp/round_trip.h"
#include "net/sim/tcp/state.h"

namespace owsk::net {

class Tcb;
class TcpStack;

// Whoever uses a connection.
class TcpUser {
  public:
    // Something has changed. From an event of the network, or from inside a call to the Tcb.
    virtual void on_tcp(Readiness readiness) noexcept = 0;

  protected:
    ~TcpUser() = default;
};

// Whoever answered a SYN with a connection that is not established yet.
class TcpParent {
  public:
    // Whether the connection may be established now. If not, its last segment counts as lost.
    virtual bool has_room() const noexcept = 0;
    virtual void on_established(const std::shared_ptr<Tcb>& tcb) noexcept = 0;
    // It was reset, or timed out.
    virtual void on_given_up(Tcb& tcb) noexcept = 0;

  protected:
    ~TcpParent() = default;
};

class Tcb final : public std::enable_shared_from_this<Tcb>, private host::Timer {
  public:
    // Listed in the stack by its creator. The stack outlives it.
    Tcb(TcpStack& stack, const Flow& flow, const TcpOptions& options, std::uint32_t first_sequence);
    ~Tcb();

    // As on Linux: tcp_syn_retries.
    static constexpr int usual_syn_repetitions = 6;

    // Sends SYN, and again so often if nobody answers.
    void open(int syn_repetitions = usual_syn_repetitions);
    // Sends SYN and ACK to who has sent `syn`. `parent` stays until it was told, or disown().
    void answer(const TcpSegment& syn, TcpParent& parent);
    // The parent goes away, and this with it: RST.
    void disown() noexcept;
    void receive(TcpSegment& segment) noexcept;
    // What was sent from this sequence number on did not get through, because it was too large.
    void on_too_big(std::uint32_t sequence);

    // Null: nobody.
    void set_user(TcpUser* user) noexcept { user_ = user; }
    const Flow& flow() const noexcept { return flow_; }
    TcpState state() const noexcept { return state_; }
    TcpEnd end() const noexcept { return end_; }
    bool was_established() const noexcept { return was_established_; }

    // How many bytes were taken out of the buffer, or put into it; 0 if there are none, or no room.
    std::size_t read(std::span<const Slice> slices);
    std::size_t discard(std::size_t limit);
    std::size_t write(std::span<const Slice> slices, bool more);
    // What is held back to fill a segment goes out now.
    void push();
    // FIN after all that was written. Once.
    void finish();
    // RST, and everything is forgotten.
    void abort();
    // The user goes: FIN, or RST if something is unread. What is under way is finished.
    void close();
    // The user goes from a connection that is silent or not established, without a word.
    void forget() noexcept;
    // Nothing is sent any more, and what arrives is dropped.
    void silence() noexcept;

    std::size_t unread() const noexcept { return arrived_.size(); }
    // The most that the peer has had room for. There is no congestion that would allow less.
    std::uint32_t largest_send_window() const noexcept { return largest_snd_wnd_; }
    // Written and not acknowledged.
    std::size_t unacknowledged() const noexcept { return outgoing_.size(); }
    // The same, when it died.
    std::size_t never_acknowledged() const noexcept { return never_acknowledged_; }
    // The user is told of acknowledgments, too, as of room to write.
    void tell_acknowledgments() noexcept { tells_acknowledgments_ = true; }
    bool peer_has_finished() const noexcept { return fin_received_; }
    bool finish_acknowledged() const noexcept { return fin_acknowledged_; }
    bool is_finishing() const noexcept { return fin_wanted_; }

    const TcpOptions& options() const noexcept { return options_; }
    void set_option(SocketOption option, std::uint32_t value);

    // In TIME-WAIT: since when, and whether a new connection may take its place.
    Instant waiting_since() const noexcept { return waiting_since_; }
    bool gives_way_to(const TcpSegment& syn) const noexcept;
    std::uint32_t next_sequence() const noexcept { return snd_nxt_; }
    void note_waiting(Instant since) noexcept { waiting_since_ = since; }
    // TIME-WAIT is over.
    void expire_time_wait() noexcept;

  private:
    enum class Deadline : std::uint8_t {
        retransmission,  // what was sent is not acknowledged
        probe,           // the peer's window is closed
        keep_alive,      // nothing came for long
        push,            // a short segment waits for more
        orphan,          // FIN-WAIT-2 that nobody waits for
    };
    // What the field of the header can show.
    static constexpr std::uint32_t unscaled_window_max = 65535;
    static constexpr std::size_t deadlines = 5;
    // How long FIN-WAIT-2 lasts when nobody waits for the rest, as on Linux.
    static constexpr Duration orphan_patience = std::chrono::seconds(60);

    // tcb.cpp
    void enter(TcpState next) noexcept;
    void establish() noexcept;
    void end_in_peace() noexcept;
    void die(TcpEnd how) noexcept;
    void tell(Readiness readiness) noexcept;
    void took_bytes();
    bool sends_data_now() const noexcept;

    // tcb_input.cpp
    void on_syn_sent(TcpSegment& segment);
    void on_synchronized(TcpSegment& segment);
    void adopt_peer(const TcpSegment& syn);
    bool is_acceptable(const TcpSegment& segment) const noexcept;
    void on_reset(const TcpSegment& segment);
    bool take_acknowledgment(const TcpSegment& segment);
    bool take_handshake_end(const TcpSegment& segment);
    void advance(std::uint32_t acknowledged);
    void count_duplicate(const TcpSegment& segment);
    void take_window(const TcpSegment& segment);
    void take_data(TcpSegment& segment);
    void take_fin();
    void on_fin_acknowledged();

    // tcb_output.cpp
    void transmit();
    bool may_send(std::uint32_t length, std::uint32_t waiting, bool fin);
    std::uint32_t usable_window() const noexcept;
    std::uint32_t in_flight() const noexcept { return snd_nxt_ - snd_una_; }
    std::uint32_t unsent() const noexcept;
    std::uint32_t segment_size() const noexcept;
    void send_data(std::uint32_t sequence, std::uint32_t length, bool fin);
    void retransmit_from(std::uint32_t sequence, int segments);
    void send_syn();
    void send_ack();
    void send_probe();
    void send_reset();
    void send(Controls controls, std::uint32_t sequence, std::string payload = {});
    std::uint16_t advertise(bool with_syn) noexcept;
    std::uint32_t window_gain() const noexcept;

    // tcb_timers.cpp
    void expire() noexcept override;
    void arm(Deadline deadline, Instant due) noexcept;
    void disarm(Deadline deadline) noexcept;
    bool is_armed(Deadline deadline) const noexcept;
    void disarm_all() noexcept;
    void arm_retransmission() noexcept;
    void on_deadline(Deadline deadline);
    void on_retransmission_due();
    void on_probe_due();
    bool limits_retransmission() const noexcept;
    Instant last_retransmission() const noexcept;
    void on_keep_alive_due();
    void restart_keep_alive() noexcept;

    TcpStack& stack_;
    const Flow flow_;
    TcpOptions options_;
    TcpUser* user_ = nullptr;
    TcpParent* parent_ = nullptr;

    TcpState state_ = TcpState::closed;
    TcpEnd end_ = TcpEnd::none;
    bool is_listed_ = true;
    bool is_orphan_ = false;
    bool is_silent_ = false;
    bool was_established_ = false;
    bool ack_due_ = false;
    bool wants_room_ = false;  // a write found no room
    bool tells_acknowledgments_ = false;
    bool held_back_ = false;  // the last write said that more follows
    bool fin_wanted_ = false;
    bool fin_sent_ = false;
    bool fin_acknowledged_ = false;
    bool fin_received_ = false;

    // Send sequence variables (RFC 9293, 3.3.1).
    const std::uint32_t iss_;
    std::uint32_t snd_una_;
    std::uint32_t snd_nxt_;
    std::uint32_t snd_small_;  // the end of the last segment that was not full
    std::uint32_t snd_wnd_ = 0;
    std::uint32_t snd_wl1_ = 0;
    std::uint32_t snd_wl2_ = 0;
    std::uint32_t largest_snd_wnd_ = 0;
    std::uint32_t peer_segment_size_ = 536;
    std::uint8_t snd_scale_ = 0;
    bool peer_scales_ = false;
    // Bytes from snd_una_ on.
    ByteQueue outgoing_;
    std::size_t never_acknowledged_ = 0;

    // Receive sequence variables.
    std::uint32_t irs_ = 0;
    std::uint32_t rcv_nxt_ = 0;
    std::uint32_t rcv_edge_ = 0;  // RCV.NXT + RCV.WND, as far as it was advertised
    std::uint8_t rcv_scale_ = 0;
    ByteQueue arrived_;
    Reassembly early_;
    std::optional<std::uint32_t> fin_at_;  // the sequence number of the peer's FIN

    // Loss and its repair.
    RoundTrip round_trip_;
    std::optional<std::uint32_t> timed_sequence_;  // whose acknowledgment is a sample
    Instant timed_since_{};
    int retries_ = 0;
    int syn_repetitions_ = usual_syn_repetitions;
    Instant stalled_since_ = {};    // if there were retries
    int probes_ = 0;                // of a closed window, since the peer was heard
    int probe_backoff_ = 0;         // probes since the window closed, whether answered or not
    std::uint32_t unanswered_ = 0;  // probes of an idle connection
    int duplicates_ = 0;
    bool repairing_ = false;         // what was sent before recover_ may be lost
    int repair_step_ = 1;            // segments that are sent again for each acknowledgment
    std::uint32_t recover_ = 0;      // snd_nxt_ when the loss was found
    std::uint32_t repaired_to_ = 0;  // what is before it was sent again

    Instant waiting_since_{};
    std::array<Instant, deadlines> due_;
    Instant timer_due_ = Instant::max();
};

}  // namespace owsk::net
