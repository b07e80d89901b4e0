// SPDX-License-Identifier: MIT
// Visitor: a client of a scenario. It comes at some time, sends its bytes, wants them back, and
// leaves in one of several ways.
#pragma once

#include <openwsk/simulation.h>

#include <chrono>
#include <cstdint>
#include <string>

#include "simulation/checkers/streams.h"

namespace owsk::scenarios {

// Streams to a visitor are this and a number of the visitor, so that they differ from those it
// sends.
constexpr StreamId from_server = 1'000'000;

class Run;

enum class Farewell : std::uint8_t {
    finish,  // FIN, and waits for the other side's
    close,   // what a process does that ends
    reset,   // RST
    none,    // stays until the other side ends the connection
};

struct VisitorPlan {
    std::string ip;
    std::uint16_t port = 7;
    std::chrono::nanoseconds comes{0};  // after it was added
    std::size_t bytes = 100;            // in all
    std::size_t piece = 100;            // at a time
    bool wants_echo = true;             // the next piece comes when this one is back
    Farewell farewell = Farewell::finish;
    // Leaves at the latest after this time, whatever the state; 0: stays.
    std::chrono::nanoseconds patience{0};
    Farewell at_the_latest = Farewell::reset;
    // To be neither accepted nor refused until then is a failure.
    bool must_be_answered = false;
    // Does not read so many bytes before this time has passed.
    std::chrono::nanoseconds does_not_read{0};
    std::size_t receive_buffer = 0;
    // Anything but a complete exchange and an end in order is a failure.
    bool must_succeed = false;
    // What it receives is its own echo; otherwise it is the stream `receives`.
    bool is_echo = true;
    StreamId receives = 0;
};

class Visitor {
  public:
    Visitor(Run& run, Computer& computer, std::uint16_t from_port, const VisitorPlan& plan);

    // Whether step() has something to do; changes nothing.
    bool has_news() const;
    // Goes on as far as it can.
    void step();
    bool has_left() const { return phase_ == Phase::left; }
    ClientState state() const { return client_.state(); }
    // As the server sees it, by the port it comes from.
    std::uint16_t from_port() const { return from_port_; }
    StreamId stream() const { return from_port_; }
    std::uint64_t received() const { return seen_; }
    // When it began to connect; since the beginning of the simulation.
    std::chrono::nanoseconds connected_at() const { return connected_at_; }
    bool was_complete() const { return was_complete_; }
    Client& client() { return client_; }
    void leave(Farewell farewell);

  private:
    enum class Phase : std::uint8_t { coming, talking, leaving, left };

    bool may_talk() const;
    void connect();
    void read();
    void talk();
    void go(const char* why);
    void look_at_state();
    void run_out_of_patience();

    Run& run_;
    Computer& computer_;
    const std::uint16_t from_port_;
    const VisitorPlan plan_;
    const std::chrono::nanoseconds comes_at_;
    std::chrono::nanoseconds connected_at_{0};
    Client client_;
    Phase phase_ = Phase::coming;
    Farewell farewell_ = Farewell::none;
    std::size_t sent_ = 0;
    std::uint64_t seen_ = 0;
    bool reading_ = true;
    bool was_complete_ = false;
};

}  // namespace owsk::scenarios
