// SPDX-License-Identifier: MIT
// A server and a client on the simulated Internet, and bare computers that a test plays segment by
// segment.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <deque>
#include <string>
#include <utility>

#include "base/address_text.h"
#include "net/sim/computer.h"
#include "net/sim/internet.h"
#include "net/sim/tcp/stack.h"
#include "net/sim/tcp_endpoint.h"
#include "net/sim/tcp_server.h"

namespace owsk::net {

using namespace std::chrono_literals;

inline Address at(const std::string& ip, std::uint16_t port = 0) {
    Address address = ip_from_text(ip).value();
    address.port = port;
    return address;
}

class SmallInternet {
  public:
    explicit SmallInternet(std::uint64_t seed = 1) : internet(events, Prng(seed)) {}

    void run_for(Duration duration) { events.run_until(events.now() + duration); }
    // Lets everything happen until `condition` holds. False if nothing is left to happen before
    // that, or an hour has passed.
    template <typename Condition>
    bool run_until(Condition condition) {
        const Instant limit = events.now() + 1h;
        while (!condition()) {
            if (events.now() > limit || !events.step()) {
                return false;
            }
        }
        return true;
    }

    host::EventQueue events;
    Internet internet;
    Computer server{internet, "server", {at("192.0.2.1"), at("2001:db8::1")}};
    Computer client{internet, "client", {at("192.0.2.2"), at("2001:db8::2")}};
};

// A computer without TCP. It records what comes, and sends what it is told.
class RawPeer final : public PacketHandler {
  public:
    RawPeer(SmallInternet& net, const std::string& ip)
        : RawPeer(net, ip, 5000, at("192.0.2.1", 7)) {}
    RawPeer(SmallInternet& net, const std::string& ip, std::uint16_t port, const Address& to)
        : computer(net.internet, "raw " + ip, {at(ip)}), net_(net), from_(at(ip, port)), to_(to) {
        computer.set_handler(this);
    }

    void set_remote(const Address& to) { to_ = to; }
    const Address& local() const { return from_; }

    void send(TcpSegment segment) {
        segment.source = from_;
        segment.destination = to_;
        computer.send(std::move(segment));
    }
    void send(Controls controls,
              std::uint32_t sequence,
              std::uint32_t acknowledgment = 0,
              const std::string& payload = {}) {
        TcpSegment segment;
        segment.controls = controls;
        segment.sequence = sequence;
        segment.acknowledgment = acknowledgment;
        segment.window = window;
        segment.payload = payload;
        send(std::move(segment));
    }

    bool hears_within(Duration time) {
        const Instant limit = net_.events.now() + time;
        while (heard.empty()) {
            const auto next = net_.events.next();
            if (!next || *next > limit) {
                net_.events.run_until(limit);
                break;
            }
            net_.events.step();
        }
        return !heard.empty();
    }
    // The next segment that comes; an empty one if none does within ten minutes.
    TcpSegment next() {
        if (!hears_within(10min)) {
            ADD_FAILURE() << "no segment came";
            return {};
        }
        TcpSegment first = std::move(heard.front());
        heard.pop_front();
        return first;
    }
    // "SYN|ACK" of the next segment.
    std::string next_controls() { return to_string(next().controls); }

    // Connects, as the client; what it sends next has the sequence number `mine`, and
    // acknowledges `theirs`.
    void connect(std::uint32_t first = 1000) {
        send(Control::syn, first);
        const TcpSegment answer = next();
        EXPECT_EQ(to_string(answer.controls), "SYN|ACK");
        mine = first + 1;
        theirs = answer.sequence + 1;
        send(Control::ack, mine, theirs);
        net_.run_for(1ms);
    }
    // Answers a SYN that has come.
    void answer(std::uint32_t first = 1000) {
        const TcpSegment syn = next();
        EXPECT_EQ(to_string(syn.controls), "SYN");
        set_remote(syn.source);
        mine = first + 1;
        theirs = syn.sequence + 1;
        send(Control::syn | Control::ack, first, theirs);
        EXPECT_EQ(next_controls(), "ACK");
    }

    Computer computer;
    std::deque<TcpSegment> heard;
    std::uint16_t window = 65535;
    std::uint32_t mine = 0;
    std::uint32_t theirs = 0;

  private:
    void on_packet(const Packet& packet) noexcept override {
        if (const auto* segment = std::get_if<TcpSegment>(&packet)) {
            heard.push_back(*segment);
        }
    }

    SmallInternet& net_;
    const Address from_;
    Address to_;
};

}  // namespace owsk::net
