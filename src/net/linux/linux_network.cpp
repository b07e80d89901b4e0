// SPDX-License-Identifier: MIT
// Chooses the kind of listener.
#include "net/linux/linux_network.h"

#include <utility>

#include "net/linux/accept_gate.h"
#include "net/linux/listener.h"
#include "net/linux/listening_socket.h"

namespace owsk::net {

Result<std::unique_ptr<Listener>> LinuxNetwork::listen(const Address& address,
                                                       const ListenOptions& options) {
    Result<ListeningSocket> socket = ListeningSocket::open(address, options);
    if (!socket) {
        return socket.status();
    }
    if (options.conditional) {
        return std::unique_ptr<Listener>(std::make_unique<AcceptGate>(std::move(*socket)));
    }
    return std::unique_ptr<Listener>(std::make_unique<LinuxListener>(std::move(*socket)));
}

GateReport LinuxNetwork::gate() {
    return {"accepted",
            "requests are inspected after the kernel's handshake, because this version has no gate "
            "before it: a client that is rejected sees a connection that is reset"};
}

}  // namespace owsk::net
