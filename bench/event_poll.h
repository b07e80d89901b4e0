// SPDX-License-Identifier: MIT
// epoll for the clients that have several connections at a time.
#pragma once

#include <sys/epoll.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <system_error>

namespace bench {

// Errors are std::system_error.
class EventPoll {
  public:
    EventPoll() {
        if (descriptor_ < 0) {
            throw std::system_error(errno, std::generic_category(), "epoll_create1");
        }
    }
    EventPoll(const EventPoll&) = delete;
    EventPoll& operator=(const EventPoll&) = delete;
    ~EventPoll() { close(descriptor_); }

    // `index` comes back with the events.
    void add(int socket, std::size_t index, uint32_t events) {
        control(EPOLL_CTL_ADD, socket, index, events);
    }
    void change(int socket, std::size_t index, uint32_t events) {
        control(EPOLL_CTL_MOD, socket, index, events);
    }

    // Waits for at least one event, but for signals.
    std::span<const epoll_event> wait() {
        const int count =
            epoll_wait(descriptor_, events_.data(), static_cast<int>(events_.size()), -1);
        return std::span(events_).first(count > 0 ? static_cast<std::size_t>(count) : 0);
    }

  private:
    void control(int operation, int socket, std::size_t index, uint32_t events) {
        epoll_event event = {};
        event.events = events;
        event.data.u64 = index;
        if (epoll_ctl(descriptor_, operation, socket, &event) != 0) {
            throw std::system_error(errno, std::generic_category(), "epoll_ctl");
        }
    }

    const int descriptor_ = epoll_create1(EPOLL_CLOEXEC);
    std::array<epoll_event, 64> events_;
};

}  // namespace bench
