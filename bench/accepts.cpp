// SPDX-License-Identifier: MIT
#include "accepts.h"

#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "client_socket.h"
#include "event_poll.h"

namespace bench {

namespace {

constexpr uint64_t lost_max = 10000;  // the server is no longer there

class Crowd {
  public:
    Crowd(uint16_t port, int clients) : port_(port), clients_(static_cast<std::size_t>(clients)) {
        for (std::size_t index = 0; index < clients_.size(); ++index) {
            begin(index);
        }
    }

    // The number of connections that came to their end.
    uint64_t run(const Length& length) {
        const Progress progress(length);
        uint64_t finished = 0;
        while (!progress.over(finished)) {
            finished += turn(true);
        }
        return finished;
    }

    // Every connection gets its echo before it is closed: closing with unread data would send a
    // reset.
    void finish() {
        for (std::size_t left = clients_.size(); left > 0;) {
            left -= turn(false);
        }
    }

    uint64_t lost() const { return lost_; }

  private:
    void begin(std::size_t index) {
        while (!try_begin(index)) {
        }
    }

    // A connection over loopback is established when connect returns, so blocking calls cost no
    // time that others could use; only the echo is waited for.
    bool try_begin(std::size_t index) {
        try {
            clients_[index] = ClientSocket(port_);
            clients_[index].send(std::array{std::byte{'e'}});
        } catch (const ConnectionLost&) {
            count_lost();
            return false;
        }
        events_.add(clients_[index].descriptor(), index, EPOLLIN);
        return true;
    }

    void end(std::size_t index) {
        ClientSocket done = std::move(clients_[index]);
        std::array<std::byte, 1> echo;
        try {
            done.receive(echo);
        } catch (const ConnectionLost&) {
            count_lost();
        }
    }

    void count_lost() {
        if (++lost_ > lost_max) {
            throw ConnectionLost("more connections are lost than could be by chance");
        }
    }

    std::size_t turn(bool again) {
        const auto events = events_.wait();
        for (const epoll_event& event : events) {
            end(event.data.u64);
            if (again) {
                begin(event.data.u64);
            }
        }
        return events.size();
    }

    const uint16_t port_;
    uint64_t lost_ = 0;
    EventPoll events_;
    std::vector<ClientSocket> clients_;
};

}  // namespace

Accepts measure_accepts(uint16_t port, int clients, const Length& length) {
    Crowd crowd(port, clients);
    const uint64_t warm_up = crowd.run(length.warm_up());
    const Clock::time_point start = Clock::now();
    const uint64_t finished = crowd.run(length);
    const std::chrono::duration<double> elapsed = Clock::now() - start;
    crowd.finish();
    return {static_cast<double>(finished) / elapsed.count(),
            crowd.lost(),
            warm_up + finished + static_cast<uint64_t>(clients)};
}

}  // namespace bench
