// SPDX-License-Identifier: MIT
// EpollSet: the descriptors that a loop watches, and how another thread wakes it out of its wait.
#pragma once

#include <cstdint>

#include "host/host.h"
#include "host/linux/unique_fd.h"
#include "host/linux/watch.h"

struct epoll_event;

namespace owsk::host {

class EpollSet {
  public:
    // Throws std::system_error when the system gives no descriptors.
    EpollSet();

    // Any thread. Edge-triggered. Again: other events, of which those that hold come anew. Returns
    // 0 or an errno.
    int watch(int fd, std::uint32_t events, Watch& watch) noexcept;
    // For a descriptor that stays open.
    void unwatch(int fd, Watch& watch) noexcept;
    // Ends the wait that is under way, or the next one. Any thread.
    void wake_up() noexcept;

    // How many events there are: without waiting for any, after waiting until there are, and for so
    // long at most. What wakes the loop is an event, too, and has no watch.
    int look(epoll_event* events, int count_max) noexcept;
    int wait(epoll_event* events, int count_max) noexcept;
    int wait_for(epoll_event* events, int count_max, Duration patience) noexcept;

  private:
    UniqueFd epoll_;
    UniqueFd wake_;
};

}  // namespace owsk::host
