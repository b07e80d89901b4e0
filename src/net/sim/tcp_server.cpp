// SPDX-License-Identifier: MIT
// A test's listening port.
#include "net/sim/tcp_server.h"

#include <utility>

#include "net/sim/tcp/stack.h"

namespace owsk::net {

TcpServer::~TcpServer() {
    close();
}

NTSTATUS TcpServer::listen(const Address& address,
                           std::size_t backlog,
                           const ListenOptions& options) {
    Result<std::unique_ptr<TcpListener>> listener =
        TcpListener::open(computer_.tcp(), address, options, options_, backlog);
    if (!listener) {
        return listener.status();
    }
    listener_ = std::move(*listener);
    listener_->set_user(this);
    return STATUS_SUCCESS;
}

std::unique_ptr<TcpEndpoint> TcpServer::accept() {
    std::shared_ptr<Tcb> tcb = listener_ != nullptr ? listener_->accept() : nullptr;
    return tcb != nullptr ? std::make_unique<TcpEndpoint>(computer_, std::move(tcb)) : nullptr;
}

void TcpServer::on_incoming() noexcept {
    if (watcher_ != nullptr) {
        watcher_->on_incoming(*this);
    }
}

}  // namespace owsk::net
