// SPDX-License-Identifier: MIT
// Listening, or no memory for it.
#include "net/faulty/faulty_network.h"

#include <ntstatus.h>

#include <utility>

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

}  // namespace owsk::net
