// SPDX-License-Identifier: MIT
// Asking Linux whether memory can be read, without a signal if it cannot.
#include "host/readable.h"

#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cerrno>

namespace owsk::host {

namespace {

constexpr std::size_t word = 8;
constexpr std::uintptr_t page_size = std::uintptr_t{1} << detail::page_bits;

// A change of the signal mask that asks for nothing known: the kernel reads the eight bytes of the
// mask first, and then refuses. No sandbox forbids it.
bool word_is_readable(std::uintptr_t address) noexcept {
    constexpr int no_known_change = ~0;
    ::syscall(SYS_rt_sigprocmask, no_known_change, address, nullptr, word);
    return errno != EFAULT;
}

// Asks the kernel for a byte of our own memory. Memory checkers know that this is no use of it.
bool page_is_readable(std::uintptr_t address) noexcept {
    const int saved = errno;
    char byte = 0;
    const iovec here = {&byte, 1};
    const iovec there = {reinterpret_cast<void*>(address), 1};
    const long got = ::syscall(SYS_process_vm_readv, ::getpid(), &here, 1UL, &there, 1UL, 0UL);
    const bool readable = got == 1 || (errno != EFAULT && word_is_readable(address));
    errno = saved;
    return readable;
}

}  // namespace

bool is_readable_now(const void* address, std::size_t size) noexcept {
    const auto first = reinterpret_cast<std::uintptr_t>(address);
    const std::uintptr_t last = first + (size == 0 ? 0 : size - 1);
    // Nothing is ever mapped in the first page; NULL would be no mask instead of a wild one.
    if (first < page_size || last < first) {
        return false;
    }
    const std::uintptr_t last_page = last / page_size;
    for (std::uintptr_t page = first / page_size; page <= last_page; ++page) {
        if (!page_is_readable(page * page_size)) {
            return false;
        }
    }
    return true;
}

bool detail::learn_readable(const void* address, std::size_t size) noexcept {
    if (!is_readable_now(address, size)) {
        return false;
    }
    const auto first = reinterpret_cast<std::uintptr_t>(address);
    remember_page(first >> page_bits);
    remember_page((first + size - 1) >> page_bits);
    return true;
}

void forget_readable_pages() noexcept {
    for (std::atomic<std::uintptr_t>& page : detail::readable_pages) {
        page.store(0, std::memory_order_relaxed);
    }
}

}  // namespace owsk::host
