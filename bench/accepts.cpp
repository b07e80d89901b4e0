// SPDX-License-Identifier: MIT
#include "accepts.h"

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>
#include <utility>
#include <vector>

#include "client_socket.h"

namespace bench {

namespace {

using Clock = std::chrono::steady_clock;

constexpr int events_max = 64;
constexpr double warm_up_share = 0.1;

class Crowd {
  public:
    Crowd(uint16_t port, int clients) : port_(port), clients_(static_cast<std::size_t>(clients)) {
        if (epoll_ < 0) {
            throw std::system_error(errno, std::generic_category(), "epoll_create1");
        }
        for (std::size_t index = 0; index < clients_.size(); ++index) {
            begin(index);
        }
    }
    Crowd(const Crowd&) = delete;
    Crowd& operator=(const Crowd&) = delete;
    ~Crowd() { close(epoll_); }

    // The number of connections that came to their end.
    uint64_t run(Clock::duration time) {
        const Clock::time_point end = Clock::now() + time;
        uint64_t finished = 0;
        while (Clock::now() < end) {
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

  private:
    // A connection over loopback is established when connect returns, so blocking calls cost no
    // time that others could use; only the echo is waited for.
    void begin(std::size_t index) {
        clients_[index] = ClientSocket(port_);
        clients_[index].send(std::array{std::byte{'e'}});
        epoll_event event = {};
        event.events = EPOLLIN;
        event.data.u64 = index;
        if (epoll_ctl(epoll_, EPOLL_CTL_ADD, clients_[index].descriptor(), &event) != 0) {
            throw std::system_error(errno, std::generic_category(), "epoll_ctl");
        }
    }

    std::size_t turn(bool again) {
        std::array<epoll_event, events_max> events;
        const int count = epoll_wait(epoll_, events.data(), events_max, -1);
        for (int position = 0; position < count; ++position) {
            const std::size_t index = events[static_cast<std::size_t>(position)].data.u64;
            std::array<std::byte, 1> echo;
            {
                ClientSocket done = std::move(clients_[index]);
                done.receive(echo);
            }
            if (again) {
                begin(index);
            }
        }
        return static_cast<std::size_t>(count > 0 ? count : 0);
    }

    const uint16_t port_;
    const int epoll_ = epoll_create1(EPOLL_CLOEXEC);
    std::vector<ClientSocket> clients_;
};

}  // namespace

Accepts measure_accepts(uint16_t port, int clients, std::chrono::duration<double> time) {
    Crowd crowd(port, clients);
    const uint64_t warm_up =
        crowd.run(std::chrono::duration_cast<Clock::duration>(time * warm_up_share));
    const Clock::time_point start = Clock::now();
    const uint64_t finished = crowd.run(std::chrono::duration_cast<Clock::duration>(time));
    const std::chrono::duration<double> elapsed = Clock::now() - start;
    crowd.finish();
    return {static_cast<double>(finished) / elapsed.count(),
            warm_up + finished + static_cast<uint64_t>(clients)};
}

}  // namespace bench
