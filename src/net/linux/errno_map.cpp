// SPDX-License-Identifier: MIT
// The table. The statuses are those that Windows' transport gives for the same event.
#include "net/linux/errno_map.h"

#include <errno.h>

namespace owsk::net {

NTSTATUS status_from_errno(int error) noexcept {
    switch (error) {
        case EADDRINUSE:
            return STATUS_ADDRESS_ALREADY_EXISTS;
        case EADDRNOTAVAIL:
        case ENODEV:
        case ENXIO:
            return STATUS_INVALID_ADDRESS_COMPONENT;
        case EACCES:
        case EPERM:
            return STATUS_ACCESS_DENIED;
        case ECONNRESET:
        case EPIPE:
            return STATUS_CONNECTION_RESET;
        case ECONNABORTED:
            return STATUS_CONNECTION_ABORTED;
        case ECONNREFUSED:
            return STATUS_CONNECTION_REFUSED;
        case ENOTCONN:
            return STATUS_CONNECTION_INVALID;
        case EISCONN:
            return STATUS_CONNECTION_ACTIVE;
        case ETIMEDOUT:
            return STATUS_IO_TIMEOUT;
        case EHOSTUNREACH:
        case EHOSTDOWN:
            return STATUS_HOST_UNREACHABLE;
        case ENETUNREACH:
        case ENETDOWN:
        case ENONET:
            return STATUS_NETWORK_UNREACHABLE;
        case ENOPROTOOPT:
        case EPROTO:
            return STATUS_PROTOCOL_UNREACHABLE;
        case ENOBUFS:
        case ENOMEM:
        case EMFILE:
        case ENFILE:
        case ENOSPC:
            return STATUS_INSUFFICIENT_RESOURCES;
        case EMSGSIZE:
            return STATUS_INVALID_BUFFER_SIZE;
        case EAFNOSUPPORT:
        case EPROTONOSUPPORT:
        case EOPNOTSUPP:
            return STATUS_NOT_SUPPORTED;
        case EINVAL:
            return STATUS_INVALID_PARAMETER;
        case EBADF:
            return STATUS_INVALID_HANDLE;
        case EFAULT:
            return STATUS_ACCESS_VIOLATION;
        default:
            return STATUS_UNSUCCESSFUL;
    }
}

}  // namespace owsk::net
