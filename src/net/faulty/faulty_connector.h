// SPDX-License-Identifier: MIT
// FaultyConnector: a connector whose peers refuse, and whose connections have faults.
#pragma once

#include <openwsk/faults.h>

#include <atomic>
#include <memory>
#include <utility>

#include "net/network.h"

namespace owsk::net {

class FaultyConnector final : public Connector, private ConnectorEvents {
  public:
    FaultyConnector(std::unique_ptr<Connector> inner, Faults& faults) noexcept
        : inner_(std::move(inner)), faults_(faults) {}

    const Address& local_address() const noexcept override { return inner_->local_address(); }
    void allow_port_sharing(bool allow) noexcept override { inner_->allow_port_sharing(allow); }
    NTSTATUS connect(const Address& remote,
                     unsigned attempt,
                     host::Processor& processor,
                     ConnectorEvents& events) noexcept override {
        return connect_with({}, remote, attempt, processor, events).status();
    }
    Result<std::size_t> connect_with(std::span<const Slice> first,
                                     const Address& remote,
                                     unsigned attempt,
                                     host::Processor& processor,
                                     ConnectorEvents& events) noexcept override;
    void abandon() noexcept override { inner_->abandon(); }
    Result<std::unique_ptr<Listener>> listen(const OptionValues& inherited) override;
    NTSTATUS set_option(SocketOption option, std::uint32_t value) noexcept override {
        return inner_->set_option(option, value);
    }
    void close(host::Task& closed) noexcept override { inner_->close(closed); }

  private:
    void on_connected(std::unique_ptr<Connection> connection) noexcept override;
    void on_not_connected(unsigned attempt, NTSTATUS status) noexcept override {
        events_.load()->on_not_connected(attempt, status);
    }

    const std::unique_ptr<Connector> inner_;
    Faults& faults_;
    // An attempt may be announced that was abandoned while the next one begins.
    std::atomic<ConnectorEvents*> events_ = nullptr;
};

}  // namespace owsk::net
