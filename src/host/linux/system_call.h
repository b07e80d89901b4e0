// SPDX-License-Identifier: MIT
// The system calls of every message and every connection. In the C library they are points at which
// a thread can be cancelled, and getting ready for that takes it longer than all else that it does.
// Here nobody cancels a thread, so they are called by number.
//
// Sanitizers replace these functions of the C library, to see what the kernel reads and writes of
// the driver's memory. Where there is a sanitizer, be it only that of a driver, it is asked.
#pragma once

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>

// Of the run-time library of any sanitizer; null where there is none.
extern "C" [[gnu::weak]] void __sanitizer_print_stack_trace();

namespace owsk::host::system_call {

inline bool is_watched() noexcept {
    return &__sanitizer_print_stack_trace != nullptr;
}

inline ssize_t recv(int fd, void* bytes, std::size_t length, int flags) noexcept {
    return is_watched() ? ::recv(fd, bytes, length, flags)
                        : ::syscall(SYS_recvfrom, fd, bytes, length, flags, nullptr, nullptr);
}

inline ssize_t send(int fd, const void* bytes, std::size_t length, int flags) noexcept {
    return is_watched() ? ::send(fd, bytes, length, flags)
                        : ::syscall(SYS_sendto, fd, bytes, length, flags, nullptr, 0);
}

inline int accept4(int fd, sockaddr* address, socklen_t* length, int flags) noexcept {
    return is_watched() ? ::accept4(fd, address, length, flags)
                        : static_cast<int>(::syscall(SYS_accept4, fd, address, length, flags));
}

// `timeout_ms`: -1 for without end.
inline int epoll_wait(int fd, epoll_event* events, int count, int timeout_ms) noexcept {
    return is_watched()
               ? ::epoll_wait(fd, events, count, timeout_ms)
               : static_cast<int>(::syscall(SYS_epoll_wait, fd, events, count, timeout_ms));
}

inline int close(int fd) noexcept {
    return is_watched() ? ::close(fd) : static_cast<int>(::syscall(SYS_close, fd));
}

}  // namespace owsk::host::system_call
