// SPDX-License-Identifier: MIT
// FaultyDatagramPort: a port that does not send, sends and receives later than it could, or loses,
// when it is told to.
#pragma once

#include <openwsk/faults.h>

#include <atomic>
#include <memory>
#include <utility>

#include "net/datagram_port.h"

namespace owsk::net {

class FaultyDatagramPort final : public DatagramPort, private DatagramEvents, private host::Task {
  public:
    FaultyDatagramPort(std::unique_ptr<DatagramPort> inner, Faults& faults) noexcept
        : inner_(std::move(inner)), faults_(faults) {}

    const Address& local_address() const noexcept override { return inner_->local_address(); }
    void allow_port_sharing(bool allow) noexcept override { inner_->allow_port_sharing(allow); }
    NTSTATUS start(host::Processor& processor, DatagramEvents& events) noexcept override;

    Transfer receive(std::span<const Slice> slices, ReceivedDatagram& datagram) noexcept override;
    Transfer send(std::span<const Slice> slices,
                  const Address& remote,
                  const DatagramHeader& header) noexcept override;

    NTSTATUS set_option(DatagramOption option, std::uint32_t value) noexcept override {
        return inner_->set_option(option, value);
    }
    Result<std::uint32_t> get_option(DatagramOption option) noexcept override {
        return inner_->get_option(option);
    }
    NTSTATUS join_group(const Address& group, std::uint32_t interface_index) noexcept override {
        return inner_->join_group(group, interface_index);
    }
    NTSTATUS leave_group(const Address& group, std::uint32_t interface_index) noexcept override {
        return inner_->leave_group(group, interface_index);
    }
    // What we have announced before runs before `closed`: tasks of a processor run in order.
    void close(host::Task& closed) noexcept override { inner_->close(closed); }

  private:
    void on_datagrams(bool readable, bool writable) noexcept override {
        events_->on_datagrams(readable, writable);
    }
    // Tells `events_` what is due, on the processor.
    void run() noexcept override;
    // Whether this transfer shall be tried again, for which it is announced. `announced` is that of
    // its direction.
    bool comes_later(std::atomic<bool>& announced) noexcept;

    const std::unique_ptr<DatagramPort> inner_;
    Faults& faults_;
    host::Processor* processor_ = nullptr;
    DatagramEvents* events_ = nullptr;
    std::atomic<bool> readable_ = false;
    std::atomic<bool> writable_ = false;
};

}  // namespace owsk::net
