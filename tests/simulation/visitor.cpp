// SPDX-License-Identifier: MIT
// A visitor's phases. Everything happens in step(), when has_news() says so.
#include "simulation/visitor.h"

#include <algorithm>

#include "simulation/run.h"

namespace owsk::scenarios {

Visitor::Visitor(Run& run, Computer& computer, std::uint16_t from_port, const VisitorPlan& plan)
    : run_(run),
      computer_(computer),
      from_port_(from_port),
      plan_(plan),
      comes_at_(run.simulation().now() + plan.comes) {
    if (plan_.comes.count() != 0) {
        // So that somebody looks then.
        run_.simulation().at(comes_at_, [] {});
    }
}

void Visitor::connect() {
    if (run_.simulation().now() < comes_at_) {
        return;
    }
    phase_ = Phase::talking;
    connected_at_ = run_.simulation().now();
    client_ = computer_.connect(
        plan_.ip,
        plan_.port,
        {.from_ip = {}, .from_port = from_port_, .receive_buffer = plan_.receive_buffer});
    if (plan_.does_not_read.count() != 0) {
        reading_ = false;
        client_.stop_reading();
        run_.simulation().at(comes_at_ + plan_.does_not_read, [this] {
            if (phase_ == Phase::talking || phase_ == Phase::leaving) {
                reading_ = true;
                client_.go_on_reading();
            }
        });
    }
    if (plan_.patience.count() != 0) {
        run_.simulation().at(comes_at_ + plan_.patience, [this] {
            if (phase_ != Phase::left) {
                run_out_of_patience();
            }
        });
    }
}

void Visitor::read() {
    const std::string& received = client_.received();
    if (received.size() > seen_) {
        const std::string_view news = std::string_view(received).substr(seen_);
        run_.streams.received(plan_.is_echo ? stream() : plan_.receives,
                              "visitor " + std::to_string(from_port_),
                              news);
        run_.note("visitor " + std::to_string(from_port_),
                  [&] { return "has received " + std::to_string(received.size()) + " bytes"; });
        seen_ = received.size();
    }
}

bool Visitor::may_talk() const {
    const bool is_answered = !plan_.wants_echo || seen_ == sent_;
    return phase_ == Phase::talking && client_.state() == ClientState::connected && is_answered &&
           (sent_ < plan_.bytes || plan_.farewell != Farewell::none || client_.peer_finished());
}

void Visitor::talk() {
    if (sent_ < plan_.bytes) {
        const std::size_t count = std::min(plan_.piece, plan_.bytes - sent_);
        client_.send(run_.streams.make(stream(), count));
        sent_ += count;
    } else {
        leave(plan_.farewell == Farewell::none ? Farewell::finish : plan_.farewell);
    }
}

void Visitor::run_out_of_patience() {
    if (plan_.must_be_answered && client_.state() == ClientState::connecting) {
        run_.fail("visitor " + std::to_string(from_port_) +
                  " was neither accepted nor refused as long as it waited");
    }
    leave(plan_.at_the_latest);
}

void Visitor::leave(Farewell farewell) {
    farewell_ = farewell;
    switch (farewell) {
        case Farewell::finish:
            client_.finish();
            phase_ = Phase::leaving;
            break;
        case Farewell::close:
            client_.close();
            go("closes");
            break;
        case Farewell::reset:
            client_.reset();
            go("resets");
            break;
        case Farewell::none:
            break;
    }
}

void Visitor::go(const char* why) {
    run_.note("visitor " + std::to_string(from_port_),
              [&] { return std::string("leaves: ") + why; });
    if (plan_.must_succeed && farewell_ == Farewell::finish && !was_complete_) {
        run_.fail("visitor " + std::to_string(from_port_) + " had to leave: " + why + ", after " +
                  std::to_string(seen_) + " of " + std::to_string(plan_.bytes) + " bytes");
    }
    phase_ = Phase::left;
    client_ = Client();
}

void Visitor::look_at_state() {
    switch (client_.state()) {
        case ClientState::connecting:
        case ClientState::connected:
            break;
        case ClientState::finished:
            was_complete_ = sent_ == plan_.bytes;
            if (was_complete_ && plan_.must_succeed) {
                run_.streams.finished(plan_.is_echo ? stream() : plan_.receives,
                                      "visitor " + std::to_string(from_port_));
            }
            go("finished");
            break;
        case ClientState::refused:
        case ClientState::reset:
        case ClientState::timed_out:
            farewell_ = plan_.must_succeed ? Farewell::finish : farewell_;
            go(client_.state() == ClientState::refused ? "refused"
               : client_.state() == ClientState::reset ? "reset"
                                                       : "timed out");
            break;
        case ClientState::closed:
            go("closed");
            break;
    }
}

bool Visitor::has_news() const {
    if (phase_ == Phase::coming) {
        return run_.simulation().now() >= comes_at_;
    }
    const ClientState state = phase_ == Phase::left ? ClientState::connecting : client_.state();
    return phase_ != Phase::left &&
           (client_.received().size() != seen_ || may_talk() ||
            (state != ClientState::connecting && state != ClientState::connected));
}

void Visitor::step() {
    if (phase_ == Phase::coming) {
        connect();
    }
    if (phase_ == Phase::coming || phase_ == Phase::left) {
        return;
    }
    read();
    while (may_talk()) {
        talk();
    }
    if (phase_ != Phase::left) {
        look_at_state();
    }
}

}  // namespace owsk::scenarios
