// SPDX-License-Identifier: MIT
// Connections wait in the TcpListener until somebody accepts them.
#include "net/sim/sim_listener.h"

#include <utility>

#include "net/sim/sim_connection.h"

namespace owsk::net {

SimListener::SimListener(std::unique_ptr<TcpListener> listener) noexcept
    : local_(listener->local_address()), listener_(std::move(listener)) {
    listener_->set_user(this);
}

NTSTATUS SimListener::start(host::Processor& processor, ListenerEvents& events) noexcept {
    processor_ = &processor;
    events_ = &events;
    if (listener_->waiting() != 0) {
        on_incoming();
    }
    return STATUS_SUCCESS;
}

void SimListener::on_incoming() noexcept {
    if (processor_ != nullptr && closed_ == nullptr) {
        processor_->post(announcement_);
    }
}

void SimListener::announce() noexcept {
    if (closed_ == nullptr) {
        events_->on_incoming();
    }
}

Result<std::unique_ptr<Connection>> SimListener::accept() noexcept {
    std::shared_ptr<Tcb> tcb = listener_ != nullptr ? listener_->accept() : nullptr;
    if (tcb == nullptr) {
        return std::unique_ptr<Connection>();
    }
    const Address local = listener_->shown(tcb->flow().local);
    const Address remote = listener_->shown(tcb->flow().remote);
    return std::unique_ptr<Connection>(
        std::make_unique<SimConnection>(std::move(tcb), local, remote));
}

void SimListener::allow_port_sharing(bool allow) noexcept {
    if (listener_ != nullptr) {
        listener_->share_port(allow);
    }
}

Result<std::uint32_t> SimListener::get_option(SocketOption option) noexcept {
    if (listener_ == nullptr) {
        return STATUS_INVALID_HANDLE;
    }
    return listener_->options().get(option);
}

NTSTATUS SimListener::set_option(SocketOption option, std::uint32_t value) noexcept {
    if (listener_ == nullptr) {
        return STATUS_INVALID_HANDLE;
    }
    listener_->options().set(option, value);
    return STATUS_SUCCESS;
}

void SimListener::close(host::Task& closed) noexcept {
    OWSK_ASSERT(processor_ != nullptr && closed_ == nullptr);
    closed_ = &closed;
    processor_->post(end_);
}

void SimListener::end() noexcept {
    listener_.reset();
    closed_->run();
}

}  // namespace owsk::net
