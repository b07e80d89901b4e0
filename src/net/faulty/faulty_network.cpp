// SPDX-License-Identifier: MIT
// Binding, or no memory for it.
#include "net/faulty/faulty_network.h"

#include <ntstatus.h>

#include <utility>

#include "net/faulty/faulty_connector.h"
#include "net/faulty/faulty_datagram_port.h"
#include "net/faulty/faulty_listener.h"

namespace owsk::net {

Result<std::unique_ptr<Listener>> FaultyNetwork::listen(const Address& address,
                                                        const ListenOptions& options) {
    if (faults_.strikes(Fault::listen)) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    Result<std::unique_ptr<Listener>> listener = inner_.listen(address, options);
    if (!listener) {
        return listener;
    }
    return std::unique_ptr<Listener>(
        std::make_unique<FaultyListener>(std::move(*listener), faults_));
}

Result<std::unique_ptr<Connector>> FaultyNetwork::bind(const Address& address,
                                                       const BindOptions& options) {
    if (faults_.strikes(Fault::listen)) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    Result<std::unique_ptr<Connector>> connector = inner_.bind(address, options);
    if (!connector) {
        return connector;
    }
    return std::unique_ptr<Connector>(
        std::make_unique<FaultyConnector>(std::move(*connector), faults_));
}

Result<std::unique_ptr<DatagramPort>> FaultyNetwork::bind_datagrams(
    const Address& address, const DatagramPortOptions& options) {
    if (faults_.strikes(Fault::listen)) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    Result<std::unique_ptr<DatagramPort>> port = inner_.bind_datagrams(address, options);
    if (!port) {
        return port;
    }
    return std::unique_ptr<DatagramPort>(
        std::make_unique<FaultyDatagramPort>(std::move(*port), faults_));
}

}  // namespace owsk::net
