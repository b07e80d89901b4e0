// SPDX-License-Identifier: MIT
// Chooses the kind of listener.
#include "net/linux/linux_network.h"

#include <utility>

#include "net/linux/accept_gate.h"
#include "net/linux/listener.h"
#include "net/linux/socket_options.h"
#include "net/linux/syn_gate.h"

namespace owsk::net {

namespace {

constexpr const char* syn_gate_name = "syn";
constexpr const char* accept_gate_name = "accepted";

}  // namespace

Result<std::unique_ptr<Listener>> LinuxNetwork::listen(const Address& address,
                                                       const ListenOptions& options) {
    Result<ListeningSocket> socket = ListeningSocket::bind(address, options);
    if (!socket) {
        return socket.status();
    }
    options.inherited.for_each([&](SocketOption option, std::uint32_t value) {
        static_cast<void>(set_socket_option(socket->fd(), option, value));
    });
    if (options.conditional) {
        return listen_conditionally(std::move(*socket), options);
    }
    ListenerTable::Place place =
        listeners_.enter(Claim(socket->local_address(), options.v6_only), nullptr);
    const NTSTATUS status = socket->listen();
    if (!NT_SUCCESS(status)) {
        return status;
    }
    return std::unique_ptr<Listener>(
        std::make_unique<LinuxListener>(std::move(*socket), std::move(place)));
}

Result<std::unique_ptr<Listener>> LinuxNetwork::listen_conditionally(ListeningSocket socket,
                                                                     const ListenOptions& options) {
    SynService* const service = syn_service();
    if (service != nullptr) {
        const AcceptGate::Late late =
            mode_ == GateMode::strict ? AcceptGate::Late::reset : AcceptGate::Late::inspect;
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
        std::make_unique<AcceptGate>(std::move(socket), gate(), terms_));
}

SynService* LinuxNetwork::syn_service() {
    if (mode_ == GateMode::emulate) {
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
    if (mode_ == GateMode::emulate) {
        return {accept_gate_name, after + "; that was asked for"};
    }
    if (syn_service() != nullptr) {
        return {syn_gate_name, reason()};
    }
    if (mode_ == GateMode::strict) {
        return {"", reason()};
    }
    return {accept_gate_name, after + "; asking at the SYN is not possible here: " + reason()};
}

GateCounters LinuxNetwork::gate_counters() const noexcept {
    const GateTally& tally = terms_.tally;
    return {.late_inspected = tally.late_inspected.load(),
            .retransmissions = tally.retransmissions.load(),
            .dropped = tally.dropped.load(),
            .late_reset = tally.late_reset.load(),
            .no_request = tally.no_request.load(),
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
