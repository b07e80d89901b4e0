// SPDX-License-Identifier: MIT
// The transfers of a LinuxConnection: one system call each, in the caller's thread.
#include <errno.h>
#include <sys/socket.h>

#include <algorithm>

#include "host/linux/system_call.h"
#include "net/linux/connection.h"
#include "net/linux/errno_map.h"
#include "net/linux/message.h"

namespace owsk::net {

namespace {

// Without the empty slices at the front: a transfer of nothing looks like the end of the stream.
std::span<const Slice> trimmed(std::span<const Slice> slices) noexcept {
    while (!slices.empty() && slices.front().length == 0) {
        slices = slices.subspan(1);
    }
    return slices.first(std::min(slices.size(), slices_max));
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
    if (slices.size() == 1 && slices[0].length != 0) {
        return received([&] {
            return host::system_call::recv(
                fd_.get(), slices[0].base, slices[0].length, MSG_DONTWAIT);
        });
    }
    slices = trimmed(slices);
    if (slices.empty()) {
        return {Outcome::done};
    }
    return received([&] {
        msghdr header = message_of(slices);
        return ::recvmsg(fd_.get(), &header, MSG_DONTWAIT);
    });
}

Transfer LinuxConnection::discard(std::size_t limit) noexcept {
    if (limit == 0) {
        return {Outcome::done};
    }
    return received([&] {
        return host::system_call::recv(fd_.get(), nullptr, limit, MSG_TRUNC | MSG_DONTWAIT);
    });
}

template <typename Call>
Transfer LinuxConnection::sent(Call call) noexcept {
    const ssize_t result = unless_interrupted(call);
    return result >= 0 ? Transfer{Outcome::done, static_cast<std::size_t>(result)} : refused(errno);
}

Transfer LinuxConnection::send(std::span<const Slice> slices, bool more) noexcept {
    if (failure() != STATUS_SUCCESS) {
        return {Outcome::failed, 0, failure()};
    }
    const int flags = MSG_NOSIGNAL | MSG_DONTWAIT | (more ? MSG_MORE : 0);
    if (slices.size() == 1 && slices[0].length != 0) {
        return sent([&] {
            return host::system_call::send(fd_.get(), slices[0].base, slices[0].length, flags);
        });
    }
    slices = trimmed(slices);
    if (slices.empty()) {
        return {Outcome::done};
    }
    return sent([&] {
        const msghdr header = message_of(slices);
        return ::sendmsg(fd_.get(), &header, flags);
    });
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
