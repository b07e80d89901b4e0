// SPDX-License-Identifier: MIT
// Life of a connection: start, readiness, failure, end. Transfers are in transfer.cpp.
#include "net/linux/connection.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/net_tstamp.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include "net/linux/errno_map.h"
#include "net/linux/socket_options.h"

namespace owsk::net {

LinuxConnection::LinuxConnection(host::UniqueFd fd,
                                 const Address& local,
                                 const Address& remote,
                                 std::shared_ptr<const void> presence) noexcept
    : presence_(std::move(presence)), fd_(std::move(fd)), local_(local), remote_(remote) {}

LinuxConnection::~LinuxConnection() {
    if (fd_) {
        reset_unless_finished();
    }
}

NTSTATUS LinuxConnection::start(host::Processor& processor, ConnectionEvents& events) noexcept {
    processor_ = static_cast<host::LinuxProcessor*>(&processor);
    events_ = &events;
    const int error = processor_->watch(fd_.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP, *this);
    return error == 0 ? STATUS_SUCCESS : status_from_errno(error);
}

void LinuxConnection::announce_acknowledgments() noexcept {
    // A kernel that cannot do it leaves the asking to who waits.
    const int flags = SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_OPT_TSONLY;
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_TIMESTAMPING, &flags, sizeof flags);
    announces_acknowledgments_ = true;
}

void LinuxConnection::on_events(std::uint32_t events) noexcept {
    if (announces_acknowledgments_ && (events & EPOLLERR) != 0 && collect_acknowledgments()) {
        events |= EPOLLOUT;
        // An error of the connection ends it, so that EPOLLHUP tells it as well, if not now then in
        // the next batch.
        if ((events & EPOLLHUP) == 0) {
            events &= ~std::uint32_t{EPOLLERR};
        }
    }
    events_->on_ready(readiness(events));
}

bool LinuxConnection::collect_acknowledgments() noexcept {
    // Each has the time of an acknowledgment, which nobody wants to know, and no data.
    std::array<mmsghdr, 16> messages = {};
    bool any = false;
    int count = 0;
    do {
        count = ::recvmmsg(
            fd_.get(), messages.data(), messages.size(), MSG_ERRQUEUE | MSG_DONTWAIT, nullptr);
        any = any || count > 0;
    } while (count == static_cast<int>(messages.size()));
    return any;
}

// Edge-triggered epoll reports all that holds whenever something changed, so FIN and failure are
// told from their repetitions here. Repeated `readable` and `writable` cost a try that would block.
Readiness LinuxConnection::readiness(std::uint32_t events) noexcept {
    Readiness ready = {.readable = (events & EPOLLIN) != 0, .writable = (events & EPOLLOUT) != 0};
    if (has_failed(events)) {
        // Whether a FIN came before the failure is not known, and no longer matters.
        ready.failed = !std::exchange(announced_failure_, true);
        return ready;
    }
    if ((events & EPOLLRDHUP) != 0) {
        saw_fin_.store(true, std::memory_order_relaxed);
        ready.peer_finished = !std::exchange(announced_fin_, true);
    }
    return ready;
}

bool LinuxConnection::has_failed(std::uint32_t events) noexcept {
    if ((events & EPOLLERR) != 0) {
        return collect_error();
    }
    // A HUP alone also means that both directions are finished, and then there is no error.
    const bool both_finished =
        sent_fin_.load(std::memory_order_relaxed) && saw_fin_.load(std::memory_order_relaxed);
    return (events & EPOLLHUP) != 0 && !both_finished && collect_error();
}

bool LinuxConnection::collect_error() noexcept {
    const Lock lock(mutex_);
    int error = 0;
    socklen_t length = sizeof error;
    if (::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error != 0) {
        fail(status_from_errno(error));
    } else if (!sent_fin_.load(std::memory_order_relaxed) && tcp_state() == TCP_CLOSE) {
        // Without our FIN nothing ends in peace: a transfer in another thread took the error first
        // and is about to store it.
        fail(STATUS_CONNECTION_RESET);
    }
    return failure() != STATUS_SUCCESS;
}

NTSTATUS LinuxConnection::look_for_failure() noexcept {
    if (failure() == STATUS_SUCCESS) {
        // Errors and hang-ups are told without being asked for.
        pollfd look = {.fd = fd_.get(), .events = 0, .revents = 0};
        if (::poll(&look, 1, 0) > 0) {
            static_assert(EPOLLERR == POLLERR && EPOLLHUP == POLLHUP);
            has_failed(static_cast<std::uint32_t>(look.revents));
        }
    }
    return failure();
}

void LinuxConnection::fail(NTSTATUS status) noexcept {
    NTSTATUS none = STATUS_SUCCESS;
    failure_.compare_exchange_strong(none, status, std::memory_order_acq_rel);
}

NTSTATUS LinuxConnection::finish_sending() noexcept {
    if (failure() != STATUS_SUCCESS) {
        return failure();
    }
    sent_fin_.store(true, std::memory_order_relaxed);
    if (::shutdown(fd_.get(), SHUT_WR) == 0) {
        return STATUS_SUCCESS;
    }
    // ENOTCONN: a reset came first, and its reason is still to be collected.
    const int error = errno;
    return collect_error() ? failure() : status_from_errno(error);
}

bool LinuxConnection::finish_acknowledged() noexcept {
    if (!sent_fin_.load(std::memory_order_relaxed)) {
        return false;
    }
    // The FIN stays in the count if a reset came instead of its ACK.
    return outstanding() == 0;
}

std::size_t LinuxConnection::unacknowledged() noexcept {
    const bool has_fin = sent_fin_.load(std::memory_order_relaxed);
    return static_cast<std::size_t>(std::max(outstanding() - (has_fin ? 1 : 0), 0));
}

int LinuxConnection::outstanding() noexcept {
    return count_of(SIOCOUTQ);
}

std::size_t LinuxConnection::unread() noexcept {
    return static_cast<std::size_t>(count_of(SIOCINQ));
}

int LinuxConnection::count_of(unsigned long request) noexcept {
    int bytes = 0;
    const int result = ::ioctl(fd_.get(), request, &bytes);
    OWSK_ASSERT(result == 0);
    return bytes;
}

std::size_t LinuxConnection::ideal_send_backlog() noexcept {
    tcp_info info = {};
    socklen_t length = sizeof info;
    const int result = ::getsockopt(fd_.get(), IPPROTO_TCP, TCP_INFO, &info, &length);
    OWSK_ASSERT(result == 0);
    const std::size_t in_flight = std::size_t{info.tcpi_snd_cwnd} * info.tcpi_snd_mss;
    const Result<std::uint32_t> buffer = get_option(SocketOption::send_buffer);
    return ideal_send_backlog_of(in_flight, buffer ? *buffer : 0);
}

void LinuxConnection::abort() noexcept {
    fail(STATUS_CONNECTION_ABORTED);
    // Unlike close(2) this keeps the descriptor, so that calls in other threads do not meet another
    // socket under its number.
    const sockaddr nowhere = {.sa_family = AF_UNSPEC, .sa_data = {}};
    ::connect(fd_.get(), &nowhere, sizeof nowhere);
}

// A socket under repair is closed without a segment. Until then a filter that takes nothing drops
// what arrives before TCP sees it; an acknowledgment that was put off goes out before that, and
// there is nothing left that a timer could send.
NTSTATUS LinuxConnection::silence() noexcept {
    const int on = 1;
    const int off = 0;
    if (::setsockopt(fd_.get(), IPPROTO_TCP, TCP_REPAIR, &on, sizeof on) != 0) {
        return STATUS_NOT_SUPPORTED;
    }
    ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
    sock_filter drop = {.code = BPF_RET | BPF_K, .jt = 0, .jf = 0, .k = 0};
    const sock_fprog filter = {.len = 1, .filter = &drop};
    if (::setsockopt(fd_.get(), SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) != 0) {
        const NTSTATUS status = status_from_errno(errno);
        ::setsockopt(fd_.get(), IPPROTO_TCP, TCP_REPAIR, &off, sizeof off);
        return status;
    }
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_KEEPALIVE, &off, sizeof off);
    is_silent_ = true;
    return STATUS_SUCCESS;
}

Result<std::uint32_t> LinuxConnection::get_option(SocketOption option) noexcept {
    return get_socket_option(fd_.get(), option);
}

NTSTATUS LinuxConnection::set_option(SocketOption option, std::uint32_t value) noexcept {
    return is_silent_ ? STATUS_SUCCESS : set_socket_option(fd_.get(), option, value);
}

void LinuxConnection::close(host::Task& closed) noexcept {
    OWSK_ASSERT(processor_ != nullptr && closed_ == nullptr);
    closed_ = &closed;
    retire();
    processor_->post(*this);
}

// The batch that may have named this watch has been delivered, and no other can after close(2).
void LinuxConnection::run() noexcept {
    reset_unless_finished();
    fd_.reset();
    closed_->run();
}

void LinuxConnection::reset_unless_finished() noexcept {
    if (!is_finished()) {
        reset_on_close(fd_.get());
    }
}

bool LinuxConnection::is_finished() const noexcept {
    return sent_fin_.load(std::memory_order_relaxed) && saw_fin_.load(std::memory_order_relaxed);
}

int LinuxConnection::tcp_state() noexcept {
    // The state is the first byte of tcp_info, and the kernel copies no more than asked for.
    std::uint8_t state = 0;
    socklen_t length = sizeof state;
    const int result = ::getsockopt(fd_.get(), IPPROTO_TCP, TCP_INFO, &state, &length);
    OWSK_ASSERT(result == 0);
    return state;
}

}  // namespace owsk::net
