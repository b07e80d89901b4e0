// SPDX-License-Identifier: MIT
// Slices as the system's messages have them.
#pragma once

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <climits>
#include <cstddef>
#include <span>

#include "net/transfer.h"

namespace owsk::net {

static_assert(sizeof(Slice) == sizeof(iovec));
static_assert(offsetof(Slice, base) == offsetof(iovec, iov_base));
static_assert(offsetof(Slice, length) == offsetof(iovec, iov_len));

static_assert(slices_max <= IOV_MAX);

// Precondition: no more than slices_max.
inline msghdr message_of(std::span<const Slice> slices) noexcept {
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

}  // namespace owsk::net
