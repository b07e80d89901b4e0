// SPDX-License-Identifier: MIT
// Admissions: who was admitted before the handshake, asked when the connection arrives, and told
// how long it stays.
#pragma once

#include <memory>

#include "net/attempt.h"

namespace owsk::net {

class Admissions {
  public:
    // The accepted attempt that this connection comes from, once; null if nobody was asked. On the
    // listener's processor.
    virtual std::shared_ptr<ConnectionAttempt> take(const Address& local,
                                                    const Address& remote) noexcept = 0;
    // A connection between these ends is there as long as somebody keeps what this returns.
    virtual std::shared_ptr<const void> enter(const Address& local,
                                              const Address& remote) noexcept = 0;

    // Until resume(), connections that are established wait in the kernel.
    virtual void pause() noexcept = 0;
    virtual void resume() noexcept = 0;

  protected:
    ~Admissions() = default;
};

}  // namespace owsk::net
