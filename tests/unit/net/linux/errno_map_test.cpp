// SPDX-License-Identifier: MIT
// Every errno that a socket may give has its status.
#include "net/linux/errno_map.h"

#include <errno.h>
#include <gtest/gtest.h>

#include <utility>

namespace owsk::net {
namespace {

TEST(StatusFromErrno, Table) {
    constexpr std::pair<int, NTSTATUS> table[] = {
        {EADDRINUSE, STATUS_ADDRESS_ALREADY_EXISTS},
        {EADDRNOTAVAIL, STATUS_INVALID_ADDRESS_COMPONENT},
        {EACCES, STATUS_ACCESS_DENIED},
        {EPERM, STATUS_ACCESS_DENIED},
        {ECONNRESET, STATUS_CONNECTION_RESET},
        {EPIPE, STATUS_CONNECTION_RESET},
        {ECONNABORTED, STATUS_CONNECTION_ABORTED},
        {ECONNREFUSED, STATUS_CONNECTION_REFUSED},
        {ENOTCONN, STATUS_CONNECTION_INVALID},
        {EISCONN, STATUS_CONNECTION_ACTIVE},
        {ETIMEDOUT, STATUS_IO_TIMEOUT},
        {EHOSTUNREACH, STATUS_HOST_UNREACHABLE},
        {EHOSTDOWN, STATUS_HOST_UNREACHABLE},
        {ENETUNREACH, STATUS_NETWORK_UNREACHABLE},
        {ENETDOWN, STATUS_NETWORK_UNREACHABLE},
        {ENONET, STATUS_NETWORK_UNREACHABLE},
        {ENOPROTOOPT, STATUS_PROTOCOL_UNREACHABLE},
        {EPROTO, STATUS_PROTOCOL_UNREACHABLE},
        {ENOBUFS, STATUS_INSUFFICIENT_RESOURCES},
        {ENOMEM, STATUS_INSUFFICIENT_RESOURCES},
        {EMFILE, STATUS_INSUFFICIENT_RESOURCES},
        {ENFILE, STATUS_INSUFFICIENT_RESOURCES},
        {ENOSPC, STATUS_INSUFFICIENT_RESOURCES},
        {EAFNOSUPPORT, STATUS_NOT_SUPPORTED},
        {EPROTONOSUPPORT, STATUS_NOT_SUPPORTED},
        {EOPNOTSUPP, STATUS_NOT_SUPPORTED},
        {EINVAL, STATUS_INVALID_PARAMETER},
        {EBADF, STATUS_INVALID_HANDLE},
        {EFAULT, STATUS_ACCESS_VIOLATION},
        {EXDEV, STATUS_UNSUCCESSFUL},
    };
    for (const auto& [error, status] : table) {
        EXPECT_EQ(status_from_errno(error), status) << "errno " << error;
    }
}

TEST(StatusFromErrno, IsAlwaysAFailure) {
    for (int error = 1; error < 200; ++error) {
        EXPECT_FALSE(NT_SUCCESS(status_from_errno(error))) << "errno " << error;
    }
}

}  // namespace
}  // namespace owsk::net
