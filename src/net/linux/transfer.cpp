// SPDX-License-Identifier: MIT
// The transfers of a LinuxConnection: one system call each, in the caller's thread.
#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <algorithm>
#include <cstddef>

#include "net/linux/connection.h"
#include "net/linux/errno_map.h"

namespace owsk::net {

namespace {

static_assert(sizeof(Slice) == sizeof(iovec));
static_assert(offsetof(Slice, base) == offsetof(iovec, iov_base));
static_assert(offsetof(Slice, length) == offsetof(iovec, iov_len));

// IOV_MAX is 1024; a message of more than a few slices is long enough to be worth another call.
constexpr std::size_t slices_at_once = 64;

// Without the empty slices at the front: a transfer of nothing looks like the end of the stream.
std::span<const Slice> trimmed(std::span<const Slice> slices) noexcept {
    while (!slices.empty() && slices.front().length == 0) {
        slices = slices.subspan(1);
    }
    return slices.first(std::min(slices.size(), slices_at_once));
}

msghdr message(std::span<const Slice> slices) noexcept {
    msghdr header = {};
    header.msg_iov = reinterpret_cast<iovec*>(const_cast<Slice*>(slices.data()));
    header.msg_iovlen = slices.size();
    return header;
}

template <typename Call>
ssize_t unless_interrupted(Call call) noexcept {
    ssize_t result;
    do {
        result = call();
    } while (result < 0 && errno == EINTR);
    return result;
}

}  // namespace

// Linux lets data be read that came before a reset; here it is discarded, and who reads it must not
// depend on whether the reset has been announced yet. A processor has just fetched what there is to
// be announced, so only others ask.
template <typename Call>
Transfer LinuxConnection::received(Call call) noexcept {
    if (failure() != STATUS_SUCCESS) {
        return {Outcome::failed, 0, failure()};
    }
    const ssize_t result = unless_interrupted(call);
    if (result < 0) {
        return refused(errno);
    }
    if (result == 0) {
        return at_the_end();
    }
    const bool has_been_told = processor_ != nullptr && processor_->is_current();
    if (!has_been_told && look_for_failure() != STATUS_SUCCESS) {
        return {Outcome::failed, 0, failure()};
    }
    return {Outcome::done, static_cast<std::size_t>(result)};
}

Transfer LinuxConnection::receive(std::span<const Slice> slices) noexcept {
    slices = trimmed(slices);
    if (slices.empty()) {
        return {Outcome::done};
    }
    return received([&] {
        if (slices.size() == 1) {
            return ::recv(fd_.get(), slices[0].base, slices[0].length, MSG_DONTWAIT);
        }
        msghdr header = message(slices);
        return ::recvmsg(fd_.get(), &header, MSG_DONTWAIT);
    });
}

Transfer LinuxConnection::discard(std::size_t limit) noexcept {
    if (limit == 0) {
        return {Outcome::done};
    }
    return received([&] { return ::recv(fd_.get(), nullptr, limit, MSG_TRUNC | MSG_DONTWAIT); });
}

Transfer LinuxConnection::send(std::span<const Slice> slices, bool more) noexcept {
    if (failure() != STATUS_SUCCESS) {
        return {Outcome::failed, 0, failure()};
    }
    slices = trimmed(slices);
    if (slices.empty()) {
        return {Outcome::done};
    }
    const int flags = MSG_NOSIGNAL | MSG_DONTWAIT | (more ? MSG_MORE : 0);
    const ssize_t sent = unless_interrupted([&] {
        if (slices.size() == 1) {
            return ::send(fd_.get(), slices[0].base, slices[0].length, flags);
        }
        const msghdr header = message(slices);
        return ::sendmsg(fd_.get(), &header, flags);
    });
    return sent >= 0 ? Transfer{Outcome::done, static_cast<std::size_t>(sent)} : refused(errno);
}

void LinuxConnection::push() noexcept {
    // Linux pushes when Nagle's algorithm is switched off; with it off nothing is held back.
    const Result<std::uint32_t> no_delay = get_option(SocketOption::no_delay);
    if (no_delay && *no_delay == 0) {
        set_option(SocketOption::no_delay, 1);
        set_option(SocketOption::no_delay, 0);
    }
}

Transfer LinuxConnection::at_the_end() noexcept {
    // Once the kernel has told the error, a dead socket reads like one that ended in peace. An
    // announced FIN came before any error.
    const bool failed =
        saw_fin_.load(std::memory_order_relaxed) ? failure() != STATUS_SUCCESS : collect_error();
    if (failed) {
        return {Outcome::failed, 0, failure()};
    }
    saw_fin_.store(true, std::memory_order_relaxed);
    return {Outcome::end_of_stream};
}

Transfer LinuxConnection::refused(int error) noexcept {
    if (error == EAGAIN || error == EWOULDBLOCK) {
        return {Outcome::would_block};
    }
    fail(status_from_errno(error));
    return {Outcome::failed, 0, failure()};
}

}  // namespace owsk::net
