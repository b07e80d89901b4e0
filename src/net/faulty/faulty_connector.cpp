// SPDX-License-Identifier: MIT
// Peers that refuse, and connections that are dead on arrival.
#include "net/faulty/faulty_connector.h"

#include <ntstatus.h>

#include "net/faulty/faulty_connection.h"
#include "net/faulty/faulty_listener.h"

namespace owsk::net {

Result<std::size_t> FaultyConnector::connect_with(std::span<const Slice> first,
                                                  const Address& remote,
                                                  unsigned attempt,
                                                  host::Processor& processor,
                                                  ConnectorEvents& events) noexcept {
    if (faults_.strikes(Fault::connect)) {
        return STATUS_CONNECTION_REFUSED;
    }
    events_.store(&events);
    return inner_->connect_with(first, remote, attempt, processor, *this);
}

Result<std::unique_ptr<Listener>> FaultyConnector::listen(const OptionValues& inherited) {
    if (faults_.strikes(Fault::listen)) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    Result<std::unique_ptr<Listener>> listener = inner_->listen(inherited);
    if (!listener) {
        return listener;
    }
    return std::unique_ptr<Listener>(
        std::make_unique<FaultyListener>(std::move(*listener), faults_));
}

void FaultyConnector::on_connected(std::unique_ptr<Connection> connection) noexcept {
    auto faulty = std::make_unique<FaultyConnection>(std::move(connection), faults_);
    if (faults_.strikes(Fault::drop_established)) {
        faulty->drop();
    }
    events_.load()->on_connected(std::move(faulty));
}

}  // namespace owsk::net
