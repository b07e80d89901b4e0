// SPDX-License-Identifier: MIT
// ListeningSocket: the socket under both kinds of listener.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "host/linux/unique_fd.h"
#include "net/linux/bound_socket.h"
#include "net/linux/connection.h"
#include "net/network.h"

namespace owsk::net {

// What came of one try to accept.
enum class AcceptOutcome : std::uint8_t {
    accepted,
    none,       // nothing waits
    exhausted,  // something waits, but the system has no descriptor or memory for it now
    failed,     // the socket no longer accepts
};

// A connection that was accepted, and its addresses.
struct AcceptedSocket {
    AcceptOutcome outcome;
    NTSTATUS status = STATUS_SUCCESS;  // why nothing was accepted
    host::UniqueFd fd = {};
    Address local = {};
    Address remote = {};
    Instant since = {};  // when its gate met it; set there
};

class ListeningSocket {
  public:
    explicit ListeningSocket(BoundSocket bound) noexcept
        : fd_(std::move(bound.fd)), local_(bound.local) {}
    // Bound, and known to no client yet.
    static Result<ListeningSocket> bind(const Address& address,
                                        const ListenOptions& options) noexcept;
    NTSTATUS listen() const noexcept;

    int fd() const noexcept { return fd_.get(); }
    const Address& local_address() const noexcept { return local_; }

    AcceptedSocket accept() noexcept;
    // Takes the error that waits in the socket, or STATUS_SUCCESS.
    NTSTATUS take_error() const noexcept;
    void allow_port_sharing(bool allow) const noexcept;
    // Resets what waits in the kernel's queue.
    void close() noexcept { fd_.reset(); }
    // Gives the socket away.
    host::UniqueFd release() noexcept { return std::move(fd_); }

  private:
    bool has_waiting() const noexcept;

    host::UniqueFd fd_;
    Address local_;
    std::size_t accepted_ = 0;  // since none waited
};

}  // namespace owsk::net
