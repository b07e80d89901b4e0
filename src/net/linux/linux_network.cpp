// SPDX-License-Identifier: MIT
// Chooses the kind of listener.
#include "net/linux/linux_network.h"

#include <errno.h>

#include <utility>

#include "net/linux/connector.h"
#include "net/linux/datagram_port.h"
#include "net/linux/errno_map.h"
#include "net/linux/gate/accepted/accepted_gate.h"
#include "net/linux/gate/syn/syn_gate.h"
#include "net/linux/listener.h"
#include "net/linux/socket_options.h"

namespace owsk::net {

namespace {

constexpr const char* syn_gate_name = "syn";
constexpr const char* accepted_gate_name = "accepted";

}  // namespace

Result<std::unique_ptr<Listener>> LinuxNetwork::listen(const Address& address,
                                                       const ListenOptions& options) {
    Result<ListeningSocket> socket = ListeningSocket::bind(address, options);
    if (!socket) {
        return socket.status();
    }
    if (options.conditional) {
        set_socket_options(socket->fd(), options.inherited);
        return listen_conditionally(std::move(*socket), options);
    }
    return LinuxListener::open(*socket, options.v6_only, options.inherited, listeners_);
}

Result<std::unique_ptr<Listener>> LinuxNetwork::listen_conditionally(ListeningSocket socket,
                                                                     const ListenOptions& options) {
    SynService* const service = syn_service();
    if (service != nullptr) {
        const AcceptedGate::Late late =
            mode_ == GateMode::strict ? AcceptedGate::Late::reset : AcceptedGate::Late::inspect;
        return SynGate::open(std::move(socket), options.v6_only, late, *service, gate(), terms_);
    }
    if (mode_ == GateMode::strict) {
        return STATUS_NOT_SUPPORTED;
    }
    const NTSTATUS status = socket.listen();
    if (!NT_SUCCESS(status)) {
        return status;
    }
    return std::unique_ptr<Listener>(
        std::make_unique<AcceptedGate>(std::move(socket), gate(), terms_));
}

Result<std::unique_ptr<Connector>> LinuxNetwork::bind(const Address& address,
                                                      const BindOptions& options) {
    Result<BoundSocket> socket = bind_socket(address, options.v6_only, options.share_port);
    if (!socket) {
        return socket.status();
    }
    return std::unique_ptr<Connector>(
        std::make_unique<LinuxConnector>(std::move(*socket), options.v6_only, listeners_));
}

Result<std::unique_ptr<DatagramPort>> LinuxNetwork::bind_datagrams(
    const Address& address, const DatagramPortOptions& options) {
    Result<BoundSocket> socket = bind_datagram_socket(address, options.v6_only, options.share_port);
    if (!socket) {
        return socket.status();
    }
    return std::unique_ptr<DatagramPort>(
        std::make_unique<LinuxDatagramPort>(std::move(*socket), options.v6_only));
}

Result<std::uint32_t> LinuxNetwork::datagram_default(Family family,
                                                     DatagramOption option) noexcept {
    host::UniqueFd fd = make_datagram_socket(family, true);
    if (!fd) {
        return status_from_errno(errno);
    }
    return LinuxDatagramPort({std::move(fd), {.family = family}}, true).get_option(option);
}

SynService* LinuxNetwork::syn_service() {
    if (mode_ == GateMode::accepted) {
        return nullptr;
    }
    const Lock lock(mutex_);
    if (!syn_) {
        syn_ = SynService::open(host_, listeners_, terms_.tally);
    }
    return syn_->service.get();
}

std::string LinuxNetwork::reason() {
    const Lock lock(mutex_);
    return syn_->reason;
}

GateReport LinuxNetwork::gate() {
    const std::string after =
        "the driver is asked after the handshake, so that a client that is rejected sees a "
        "connection that is reset";
    if (mode_ == GateMode::accepted) {
        return {accepted_gate_name, after + "; that was asked for"};
    }
    if (syn_service() != nullptr) {
        return {syn_gate_name, reason()};
    }
    if (mode_ == GateMode::strict) {
        return {"", reason()};
    }
    return {accepted_gate_name, after + "; asking at the SYN is not possible here: " + reason()};
}

GateCounters LinuxNetwork::gate_counters() const noexcept {
    const GateTally& tally = terms_.tally;
    return {.late_inspected = tally.late_inspected.load(),
            .retransmissions = tally.retransmissions.load(),
            .dropped = tally.dropped.load(),
            .late_reset = tally.late_reset.load(),
            .invalid = tally.invalid.load(),
            .not_understood = tally.not_understood.load(),
            .resets_withheld = tally.resets_withheld.load(),
            .lost = lost_in_queues(),
            .reset_over_share = tally.reset_over_share.load()};
}

std::uint64_t LinuxNetwork::lost_in_queues() const noexcept {
    const Lock lock(mutex_);
    return syn_ && syn_->service != nullptr ? syn_->service->count_lost() : 0;
}

}  // namespace owsk::net
