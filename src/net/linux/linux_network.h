// SPDX-License-Identifier: MIT
// LinuxNetwork: the sockets of the Linux kernel. It chooses how conditional listeners hold their
// attempts.
#pragma once

#include <openwsk/gate_limits.h>
#include <openwsk/gate_mode.h>

#include <memory>
#include <optional>
#include <string>

#include "base/mutex.h"
#include "net/linux/gate/gate_terms.h"
#include "net/linux/gate/syn/syn_service.h"
#include "net/linux/linux_address_list.h"
#include "net/linux/linux_resolver.h"
#include "net/linux/listener_table.h"
#include "net/linux/listening_socket.h"
#include "net/network.h"

namespace owsk::net {

class LinuxNetwork final : public Network {
  public:
    // The host outlives the network, and is stopped before the network ends.
    LinuxNetwork(host::LinuxHost& host, GateMode mode, const GateLimits& limits = {}) noexcept
        : host_(host), mode_(mode), terms_{.limits = limits} {}

    Result<std::unique_ptr<Listener>> listen(const Address& address,
                                             const ListenOptions& options) override;
    Result<std::unique_ptr<Connector>> bind(const Address& address,
                                            const BindOptions& options) override;
    Resolver& resolver() noexcept override { return resolver_; }
    AddressList& address_list() noexcept override { return address_list_; }
    Result<std::unique_ptr<DatagramPort>> bind_datagrams(
        const Address& address, const DatagramPortOptions& options) override;
    Result<std::uint32_t> datagram_default(Family family, DatagramOption option) noexcept override;
    GateReport gate() override;
    GateCounters gate_counters() const noexcept override;

  private:
    Result<std::unique_ptr<Listener>> listen_conditionally(ListeningSocket socket,
                                                           const ListenOptions& options);
    // Null where SYNs cannot be held, or shall not be. Opened when first asked for.
    SynService* syn_service() OWSK_EXCLUDES(mutex_);
    std::string reason() OWSK_EXCLUDES(mutex_);
    std::uint64_t lost_in_queues() const noexcept OWSK_EXCLUDES(mutex_);

    host::LinuxHost& host_;
    const GateMode mode_;
    GateTerms terms_;
    ListenerTable listeners_;
    LinuxResolver resolver_;
    LinuxAddressList address_list_;

    mutable Mutex mutex_{Rank::network};
    std::optional<SynService::Opened> syn_ OWSK_GUARDED_BY(mutex_);
};

}  // namespace owsk::net
