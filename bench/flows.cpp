// SPDX-License-Identifier: MIT
#include "flows.h"

#include <array>
#include <stdexcept>
#include <vector>

#include "client_socket.h"
#include "event_poll.h"

namespace bench {

namespace {

constexpr std::size_t receive_size = 256 * 1024;

class Traffic {
  public:
    Traffic(uint16_t port, const FlowOptions& options)
        : options_(options), message_(options.message), received_(receive_size) {
        for (std::size_t index = 0; index < message_.size(); ++index) {
            message_[index] = static_cast<std::byte>(index * 31 % 251);
        }
        for (int count = 0; count < options.connections; ++count) {
            flows_.push_back({ClientSocket(port)});
            flows_.back().socket.set_no_delay();
            check_echo(flows_.back().socket);
            events_.add(flows_.back().socket.descriptor(), flows_.size() - 1, EPOLLIN);
        }
    }

    // The number of messages that came back.
    uint64_t run(const Length& length) {
        const Progress progress(length);
        uint64_t done = 0;
        for (std::size_t index = 0; index < flows_.size(); ++index) {
            send(index);
        }
        while (!progress.over(done)) {
            for (const epoll_event& event : events_.wait()) {
                done += receive(event.data.u64);
                send(event.data.u64);
            }
        }
        return done;
    }

    // Everything that was sent comes back, so that closing sends no reset.
    uint64_t finish() {
        uint64_t done = 0;
        for (Flow& flow : flows_) {
            while (flow.sent % message_.size() != 0) {
                done += receive(index_of(flow));
                flow.sent += flow.socket.send_some(rest_of_message(flow));
            }
            while (flow.received < flow.sent) {
                done += receive(index_of(flow));
            }
        }
        return done;
    }

  private:
    struct Flow {
        ClientSocket socket;
        uint64_t sent = 0;
        uint64_t received = 0;
        bool waits_for_room = false;
    };

    std::size_t index_of(const Flow& flow) const {
        return static_cast<std::size_t>(&flow - flows_.data());
    }

    std::span<const std::byte> rest_of_message(const Flow& flow) const {
        return std::span(message_).subspan(flow.sent % message_.size());
    }

    // Looked at once: a comparison of every echo would be measured along.
    void check_echo(ClientSocket& socket) {
        std::vector<std::byte> echo(message_.size());
        socket.send(message_);
        socket.receive(echo);
        if (echo != message_) {
            throw std::runtime_error("the echo is not what was sent");
        }
    }

    // The number of messages that are complete with it.
    uint64_t receive(std::size_t index) {
        Flow& flow = flows_[index];
        const uint64_t before = flow.received / message_.size();
        flow.received += flow.socket.receive_some(received_);
        return flow.received / message_.size() - before;
    }

    void send(std::size_t index) {
        Flow& flow = flows_[index];
        const uint64_t allowed =
            (flow.received / message_.size() + options_.in_flight) * message_.size();
        bool full = false;
        while (!full && flow.sent < allowed) {
            const std::size_t sent = flow.socket.send_some(rest_of_message(flow));
            flow.sent += sent;
            full = sent == 0;
        }
        if (full != flow.waits_for_room) {
            flow.waits_for_room = full;
            events_.change(flow.socket.descriptor(), index, full ? EPOLLIN | EPOLLOUT : EPOLLIN);
        }
    }

    const FlowOptions options_;
    EventPoll events_;
    std::vector<Flow> flows_;
    std::vector<std::byte> message_;
    std::vector<std::byte> received_;
};

}  // namespace

Flows measure_flows(uint16_t port, const FlowOptions& options, const Length& length) {
    Traffic traffic(port, options);
    const uint64_t warm_up = traffic.run(length.warm_up());
    const Clock::time_point start = Clock::now();
    const uint64_t done = traffic.run(length);
    const std::chrono::duration<double> elapsed = Clock::now() - start;
    return {static_cast<double>(done) / elapsed.count(),
            static_cast<uint64_t>(options.connections) + warm_up + done + traffic.finish()};
}

}  // namespace bench
