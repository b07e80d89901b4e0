// SPDX-License-Identifier: MIT
// RequestKeeper: who may not go before its requests have completed, as a client may not that
// WskDeregister waits for.
#pragma once

namespace owsk::wsk {

class RequestKeeper {
  public:
    virtual void request_began() noexcept = 0;
    virtual void request_ended() noexcept = 0;

  protected:
    ~RequestKeeper() = default;
};

}  // namespace owsk::wsk
