// SPDX-License-Identifier: MIT
// epoll(7), with an eventfd in the set that wakes it.
#include "host/linux/epoll_set.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <system_error>

#include "host/linux/system_call.h"
#include "host/linux/timespec.h"

namespace owsk::host {

namespace {

UniqueFd checked(int fd, const char* what) {
    if (fd < 0) {
        throw std::system_error(errno, std::generic_category(), what);
    }
    return UniqueFd(fd);
}

}  // namespace

EpollSet::EpollSet()
    : epoll_(checked(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
      wake_(checked(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK), "eventfd")) {
    // Edge-triggered: each write is one wake-up, and nobody has to read the counter back.
    epoll_event event = {.events = EPOLLIN | EPOLLET, .data = {.ptr = nullptr}};
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, wake_.get(), &event) != 0) {
        throw std::system_error(errno, std::generic_category(), "epoll_ctl");
    }
}

int EpollSet::watch(int fd, std::uint32_t events, Watch& watch) noexcept {
    watch.arm();
    epoll_event event = {.events = events | EPOLLET, .data = {.ptr = &watch}};
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0) {
        return 0;
    }
    const bool is_watched = errno == EEXIST;
    return is_watched && ::epoll_ctl(epoll_.get(), EPOLL_CTL_MOD, fd, &event) == 0 ? 0 : errno;
}

void EpollSet::unwatch(int fd, Watch& watch) noexcept {
    watch.retire();
    ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
}

void EpollSet::wake_up() noexcept {
    ::eventfd_write(wake_.get(), 1);
}

int EpollSet::look(epoll_event* events, int count_max) noexcept {
    return system_call::epoll_wait(epoll_.get(), events, count_max, 0);
}

int EpollSet::wait(epoll_event* events, int count_max) noexcept {
    return system_call::epoll_wait(epoll_.get(), events, count_max, -1);
}

int EpollSet::wait_for(epoll_event* events, int count_max, Duration patience) noexcept {
    // Called by number: the C library may be older than the kernel.
    const timespec exact = to_timespec(patience);
    const long count =
        ::syscall(SYS_epoll_pwait2, epoll_.get(), events, count_max, &exact, nullptr, 0);
    if (count >= 0 || errno != ENOSYS) {
        return static_cast<int>(count);
    }
    const auto rounded_up = std::chrono::ceil<std::chrono::milliseconds>(patience).count();
    const int longest = INT_MAX;
    return system_call::epoll_wait(epoll_.get(),
                                   events,
                                   count_max,
                                   static_cast<int>(std::min<std::int64_t>(rounded_up, longest)));
}

}  // namespace owsk::host
