// SPDX-License-Identifier: MIT
// LinuxNetwork: the sockets of the Linux kernel. It runs on a LinuxHost.
#pragma once

#include "net/network.h"

namespace owsk::net {

class LinuxNetwork final : public Network {
  public:
    Result<std::unique_ptr<Listener>> listen(const Address& address,
                                             const ListenOptions& options) override;
    GateReport gate() override;
};

}  // namespace owsk::net
