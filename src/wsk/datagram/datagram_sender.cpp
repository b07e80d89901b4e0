// SPDX-License-Identifier: MIT
// Datagrams in their order, each whole or not at all.
#include "wsk/datagram/datagram_sender.h"

#include <array>
#include <new>

#include "base/planted.h"
#include "wsk/datagram/whole_datagram.h"
#include "wsk/socket/sockaddr.h"

namespace owsk::wsk {

struct DatagramSender::Outgoing {
    Address remote = {};
    net::DatagramHeader header = {};
    WSK_BUF buffer = {};
    const WSK_BUF_LIST* rest = nullptr;  // after the buffer
    SIZE_T sent = 0;                     // bytes of the buffer, which are several datagrams
    SIZE_T done = 0;                     // those, and the buffers before it

    // The buffer has been sent. False if it was the last.
    bool advance() noexcept {
        if (rest == nullptr) {
            return false;
        }
        sent = 0;
        buffer = rest->Buffer;
        rest = rest->Next;
        return true;
    }
};

// Of a request that waits: what is left of it, and the driver's memory behind that when it began to
// wait, which is the same until it completes.
struct DatagramSender::SendParameters {
    PMDL mdl;
    SIZE_T length;
    const WSK_BUF_LIST* rest;
    Outgoing* outgoing;
    ULONG offset;
};

namespace {

bool is_well_formed_list(const WSK_BUF& first, const WSK_BUF_LIST* rest) noexcept {
    bool is_fine = is_well_formed(first);
    for (; is_fine && rest != nullptr; rest = rest->Next) {
        is_fine = is_well_formed(rest->Buffer);
    }
    return is_fine;
}

bool is_short_enough(const WSK_BUF& first, const WSK_BUF_LIST* rest) noexcept {
    bool is_fine = first.Length <= WholeDatagram::longest;
    for (; is_fine && rest != nullptr; rest = rest->Next) {
        is_fine = rest->Buffer.Length <= WholeDatagram::longest;
    }
    return is_fine;
}

}  // namespace

NTSTATUS DatagramSender::send_to(const WSK_BUF* buffer,
                                 const SendTarget& target,
                                 PIRP irp) noexcept {
    return send(Operation::send_to, buffer, nullptr, target, irp);
}

NTSTATUS DatagramSender::send_messages(const WSK_BUF_LIST* list,
                                       const SendTarget& target,
                                       PIRP irp) noexcept {
    return send(Operation::send_messages,
                list != nullptr ? &list->Buffer : nullptr,
                list != nullptr ? list->Next : nullptr,
                target,
                irp);
}

Result<Address> DatagramSender::destination_locked(const SOCKADDR* remote) const noexcept {
    if (remote == nullptr) {
        const auto& fixed = fixed_destination_.has_value() ? fixed_destination_ : fixed_remote_;
        if (!fixed.has_value()) {
            return STATUS_INVALID_PARAMETER;
        }
        return *fixed;
    }
    const Result<Address> address = address_for(core_.family(), remote, 0);
    // Linux takes the wildcard for this computer; Windows knows nobody of that name.
    if (address && ((*address).is_wildcard() || (*address).port == 0)) {
        return STATUS_INVALID_ADDRESS_COMPONENT;
    }
    return address;
}

NTSTATUS DatagramSender::prepare_locked(Outgoing& outgoing,
                                        const SendTarget& target) const noexcept {
    if (target.flags != 0 || !is_well_formed_list(outgoing.buffer, outgoing.rest)) {
        return STATUS_INVALID_PARAMETER;
    }
    if (!core_.is_bound_locked()) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    const Result<net::DatagramHeader> header =
        parse_control(core_.family(), target.control, target.control_length);
    if (!header) {
        return header.status();
    }
    const Result<Address> remote = destination_locked(target.remote);
    if (!remote) {
        return remote.status();
    }
    if (!is_short_enough(outgoing.buffer, outgoing.rest)) {
        return STATUS_INVALID_BUFFER_SIZE;
    }
    outgoing.remote = *remote;
    outgoing.header = *header;
    return STATUS_SUCCESS;
}

NTSTATUS DatagramSender::send(Operation operation,
                              const WSK_BUF* first,
                              const WSK_BUF_LIST* rest,
                              const SendTarget& target,
                              PIRP irp) noexcept {
    const CompletionMode mode = core_.choose_mode(operation);
    Turn& turn = core_.turn_of_sender();
    Request request;
    Outgoing outgoing;
    NTSTATUS status = STATUS_INVALID_PARAMETER;
    {
        SocketLock lock(core_.mutex());
        request = core_.begin_locked(irp, operation, *this, turn);
        if (first != nullptr) {
            outgoing.buffer = *first;
            outgoing.rest = rest;
            status = prepare_locked(outgoing, target);
        }
        if (NT_SUCCESS(status) && request.is_cancelled()) {
            status = STATUS_CANCELLED;
        }
        if (NT_SUCCESS(status)) {
            // What was sent before goes first.
            status = sends_.empty() ? transmit_locked(outgoing) : STATUS_PENDING;
        }
        if (status == STATUS_PENDING) {
            status = wait_locked(request, outgoing);
            if (status == STATUS_PENDING) {
                return status;
            }
        }
        request.decide(status, outgoing.done);
        if (!turn.take_in_call_locked(mode)) {
            return turn.finish_later_locked(request);
        }
    }
    return turn.finish_in_call(request, mode);
}

NTSTATUS DatagramSender::transmit_locked(Outgoing& outgoing) noexcept {
    net::DatagramPort& port = *core_.port_locked();
    if (outgoing.rest != nullptr) {
        if (const std::optional<NTSTATUS> status = transmit_pieces_locked(outgoing)) {
            return *status;
        }
    }
    for (;;) {
        WholeDatagram datagram(outgoing.buffer, outgoing.sent);
        if (!datagram.is_usable()) {
            return STATUS_INSUFFICIENT_RESOURCES;
        }
        datagram.gather();
        const net::Transfer sent = port.send(datagram.get(), outgoing.remote, outgoing.header);
        if (sent.outcome == net::Outcome::would_block) {
            writable_ = false;
            return STATUS_PENDING;
        }
        if (sent.outcome != net::Outcome::done) {
            return sent.status;
        }
        outgoing.done += sent.bytes;
        outgoing.sent += sent.bytes;
        if (outgoing.sent < outgoing.buffer.Length) {
            continue;
        }
        if (!outgoing.advance()) {
            return STATUS_SUCCESS;
        }
    }
}

std::optional<NTSTATUS> DatagramSender::transmit_pieces_locked(Outgoing& outgoing) noexcept {
    net::DatagramPort& port = *core_.port_locked();
    const Result<std::uint32_t> segment_size = port.get_option(net::DatagramOption::segment_size);
    bool goes_on = outgoing.sent == 0 && !outgoing.header.segment_size.has_value() &&
                   segment_size && *segment_size == 0;
    while (goes_on) {
        std::array<net::Slice, net::datagram_batch_max> pieces;
        std::size_t count = 0;
        const WSK_BUF_LIST* rest = outgoing.rest;
        const WSK_BUF* next = &outgoing.buffer;
        while (next != nullptr && count < pieces.size() &&
               detail::is_in_one(next->Mdl, next->Offset, next->Length)) {
            pieces[count++] = {nt::mm::mdl_data(next->Mdl) + next->Offset, next->Length};
            next = rest != nullptr ? &rest->Buffer : nullptr;
            rest = rest != nullptr ? rest->Next : nullptr;
        }
        if (count == 0) {
            break;
        }
        const net::DatagramBatch sent =
            port.send_each(std::span(pieces).first(count), outgoing.remote, outgoing.header);
        for (std::size_t i = 0; i < sent.count; ++i) {
            outgoing.done += outgoing.buffer.Length;
            if (!outgoing.advance()) {
                return STATUS_SUCCESS;
            }
        }
        if (sent.last.outcome == net::Outcome::would_block) {
            writable_ = false;
            return STATUS_PENDING;
        }
        if (sent.last.outcome != net::Outcome::done) {
            return sent.last.status;
        }
        goes_on = count == pieces.size();
    }
    return std::nullopt;
}

NTSTATUS DatagramSender::wait_locked(Request request, const Outgoing& outgoing) noexcept {
    auto* const kept = core_.services().faults().strikes(Fault::send_memory)
                           ? nullptr
                           : new (std::nothrow) Outgoing(outgoing);
    if (kept == nullptr) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    const WSK_BUF& buffer = outgoing.buffer;
    request.parameters<SendParameters>() = {
        buffer.Mdl, buffer.Length, outgoing.rest, kept, buffer.Offset};
    return core_.turn_of_sender().pend_locked(sends_, request);
}

bool DatagramSender::serve_locked() noexcept {
    const Request request = sends_.front();
    const NTSTATUS status = transmit_locked(*request.parameters<SendParameters>().outgoing);
    if (status == STATUS_PENDING) {
        return false;
    }
    core_.turn_of_sender().decide_locked(request, status, drop_rest(request));
    return true;
}

SIZE_T DatagramSender::drop_rest(Request request) noexcept {
    SendParameters& parameters = request.parameters<SendParameters>();
    const std::unique_ptr<Outgoing> outgoing(parameters.outgoing);
    parameters.outgoing = nullptr;
    return outgoing != nullptr ? outgoing->done : 0;
}

void DatagramSender::cancel_all_locked() noexcept {
    while (!sends_.empty()) {
        const Request request = sends_.front();
        core_.turn_of_sender().decide_locked(request, STATUS_CANCELLED, drop_rest(request));
    }
}

void DatagramSender::cancel(Request request) noexcept {
    SocketLock lock(core_.mutex());
    withdraw_locked(request);
}

void DatagramSender::withdraw_locked(Request request) noexcept {
    core_.turn_of_sender().withdraw_locked(request, drop_rest(request));
}

void DatagramSender::visit_memory(Request request, MemoryVisitor& visitor) const noexcept {
    const SendParameters& parameters = request.parameters<SendParameters>();
    const WSK_BUF buffer = {parameters.mdl, parameters.offset, parameters.length};
    TransferParameters::from(buffer, 0).visit_memory(visitor);
    for (const WSK_BUF_LIST* node = parameters.rest; node != nullptr; node = node->Next) {
        visitor.visit(node);
        TransferParameters::from(node->Buffer, 0).visit_memory(visitor);
    }
}

}  // namespace owsk::wsk
