// SPDX-License-Identifier: MIT
// LinuxConnector: a bound TCP socket of the Linux kernel that connects, or is handed to a listener.
#pragma once

#include <memory>

#include "base/mutex.h"
#include "host/linux/linux_processor.h"
#include "net/linux/bound_socket.h"
#include "net/linux/listener_table.h"
#include "net/network.h"

namespace owsk::net {

class LinuxConnector final : public Connector, private host::Watch, private host::Task {
  public:
    // The table outlives the connector.
    LinuxConnector(BoundSocket socket, bool v6_only, ListenerTable& listeners) noexcept;

    const Address& local_address() const noexcept override { return local_; }
    void allow_port_sharing(bool allow) noexcept override OWSK_EXCLUDES(mutex_);
    // Precondition: the processor is a LinuxProcessor.
    NTSTATUS connect(const Address& remote,
                     unsigned attempt,
                     host::Processor& processor,
                     ConnectorEvents& events) noexcept override OWSK_EXCLUDES(mutex_);
    Result<std::size_t> connect_with(std::span<const Slice> first,
                                     const Address& remote,
                                     unsigned attempt,
                                     host::Processor& processor,
                                     ConnectorEvents& events) noexcept override
        OWSK_EXCLUDES(mutex_);
    void abandon() noexcept override OWSK_EXCLUDES(mutex_);
    Result<std::unique_ptr<Listener>> listen(const OptionValues& inherited) override
        OWSK_EXCLUDES(mutex_);
    NTSTATUS set_option(SocketOption option, std::uint32_t value) noexcept override
        OWSK_EXCLUDES(mutex_);
    void close(host::Task& closed) noexcept override;

  private:
    void on_events(std::uint32_t events) noexcept override OWSK_EXCLUDES(mutex_);
    // The end of an attempt that came to nothing.
    void stop_locked() noexcept OWSK_REQUIRES(mutex_);
    // The last thing that happens on the processor.
    void run() noexcept override OWSK_EXCLUDES(mutex_);

    const Address local_;
    const bool v6_only_;
    ListenerTable& listeners_;
    host::LinuxProcessor* processor_ = nullptr;
    ConnectorEvents* events_ = nullptr;
    host::Task* closed_ = nullptr;

    Mutex mutex_{Rank::transport};
    host::UniqueFd fd_ OWSK_GUARDED_BY(mutex_);  // none once it is somebody else's
    Address remote_ OWSK_GUARDED_BY(mutex_) = {};
    unsigned attempt_ OWSK_GUARDED_BY(mutex_) = 0;
    bool is_trying_ OWSK_GUARDED_BY(mutex_) = false;
};

}  // namespace owsk::net
