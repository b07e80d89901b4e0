// SPDX-License-Identifier: MIT
// Edge-triggered: connections that nobody accepts yet cause no events.
#include "net/linux/listener.h"

#include <sys/epoll.h>

#include <utility>

#include "net/linux/errno_map.h"
#include "net/linux/socket_options.h"

namespace owsk::net {

Result<std::unique_ptr<Listener>> LinuxListener::open(ListeningSocket& socket,
                                                      bool v6_only,
                                                      const OptionValues& inherited,
                                                      ListenerTable& listeners) {
    set_socket_options(socket.fd(), inherited);
    ListenerTable::Place place = listeners.enter(Claim(socket.local_address(), v6_only), nullptr);
    const NTSTATUS status = socket.listen();
    if (!NT_SUCCESS(status)) {
        return status;
    }
    return std::unique_ptr<Listener>(
        std::make_unique<LinuxListener>(std::move(socket), std::move(place)));
}

LinuxListener::LinuxListener(ListeningSocket socket, ListenerTable::Place place) noexcept
    : place_(std::move(place)), socket_(std::move(socket)) {}

NTSTATUS LinuxListener::start(host::Processor& processor, ListenerEvents& events) noexcept {
    processor_ = static_cast<host::LinuxProcessor*>(&processor);
    events_ = &events;
    shortage_.start(processor, events);
    const int error = processor_->watch(socket_.fd(), EPOLLIN, *this);
    return error == 0 ? STATUS_SUCCESS : status_from_errno(error);
}

Result<std::unique_ptr<Connection>> LinuxListener::accept() noexcept {
    AcceptedSocket accepted = socket_.accept();
    switch (accepted.outcome) {
        case AcceptOutcome::accepted:
            return std::unique_ptr<Connection>(std::make_unique<LinuxConnection>(
                std::move(accepted.fd), accepted.local, accepted.remote));
        case AcceptOutcome::none:
            return std::unique_ptr<Connection>();
        case AcceptOutcome::exhausted:
            shortage_.meet();
            return accepted.status;
        case AcceptOutcome::failed:
            return accepted.status;
    }
    OWSK_ASSERT(false);
}

Result<std::uint32_t> LinuxListener::get_option(SocketOption option) noexcept {
    return get_socket_option(socket_.fd(), option);
}

NTSTATUS LinuxListener::set_option(SocketOption option, std::uint32_t value) noexcept {
    return set_socket_option(socket_.fd(), option, value);
}

void LinuxListener::close(host::Task& closed) noexcept {
    OWSK_ASSERT(processor_ != nullptr && closed_ == nullptr);
    closed_ = &closed;
    retire();
    processor_->post(end_);
}

void LinuxListener::end() noexcept {
    shortage_.end();
    socket_.close();
    place_.leave();
    closed_->run();
}

void LinuxListener::on_events(std::uint32_t events) noexcept {
    if ((events & (EPOLLERR | EPOLLHUP)) != 0) {
        const NTSTATUS error = socket_.take_error();
        if (error != STATUS_SUCCESS) {
            retire();
            events_->on_failed(error);
            return;
        }
    }
    events_->on_incoming();
}

void LinuxListener::try_again() noexcept {
    events_->on_incoming();
}

}  // namespace owsk::net
