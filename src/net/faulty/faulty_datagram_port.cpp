// SPDX-License-Identifier: MIT
// Datagrams that are not sent, come later, or never.
#include "net/faulty/faulty_datagram_port.h"

#include <ntstatus.h>

namespace owsk::net {

NTSTATUS FaultyDatagramPort::start(host::Processor& processor, DatagramEvents& events) noexcept {
    processor_ = &processor;
    events_ = &events;
    return inner_->start(processor, *this);
}

bool FaultyDatagramPort::comes_later(std::atomic<bool>& announced) noexcept {
    if (processor_ == nullptr || !faults_.strikes(Fault::late_datagram)) {
        return false;
    }
    announced.store(true, std::memory_order_release);
    processor_->post(*this);
    return true;
}

void FaultyDatagramPort::run() noexcept {
    const bool readable = readable_.exchange(false, std::memory_order_acq_rel);
    const bool writable = writable_.exchange(false, std::memory_order_acq_rel);
    events_->on_datagrams(readable, writable);
}

Transfer FaultyDatagramPort::receive(std::span<const Slice> slices,
                                     ReceivedDatagram& datagram) noexcept {
    if (comes_later(readable_)) {
        return {Outcome::would_block};
    }
    return inner_->receive(slices, datagram);
}

Transfer FaultyDatagramPort::send(std::span<const Slice> slices,
                                  const Address& remote,
                                  const DatagramHeader& header) noexcept {
    if (comes_later(writable_)) {
        return {Outcome::would_block};
    }
    if (faults_.strikes(Fault::send_datagram)) {
        return {Outcome::failed, 0, STATUS_INSUFFICIENT_RESOURCES};
    }
    if (faults_.strikes(Fault::lose_datagram)) {
        return {Outcome::done, length_of(slices)};
    }
    return inner_->send(slices, remote, header);
}

}  // namespace owsk::net
