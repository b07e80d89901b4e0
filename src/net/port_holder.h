// SPDX-License-Identifier: MIT
#pragma once

namespace owsk::net {

// Something that holds a local port.
class PortHolder {
  public:
    // While a second socket that may share our port is being bound.
    virtual void allow_port_sharing(bool allow) noexcept = 0;

  protected:
    ~PortHolder() = default;
};

}  // namespace owsk::net
