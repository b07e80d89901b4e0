// SPDX-License-Identifier: MIT
// ConnectionAttempt: a client's attempt to connect, held for a verdict. Every gate hands out this
// same object, so that whoever inspects does not know how it is held.
#pragma once

#include <openwsk/address.h>

#include "base/time.h"

namespace owsk::net {

// Resolved exactly once: accepted, rejected, or gone by itself (net/attempt_state.h). After
// accept() exactly one of ListenerEvents::on_established and on_aborted follows; a held attempt
// whose peer goes away gets on_aborted; after reject() nothing follows, except an on_aborted that
// is just being called on another thread. accept() and reject() may be called from any thread, of
// several calls one counts; neither calls back before it returns.
class ConnectionAttempt {
  public:
    virtual ~ConnectionAttempt() = default;

    virtual const Address& local_address() const noexcept = 0;
    virtual const Address& remote_address() const noexcept = 0;
    // When it came to the gate.
    virtual Instant arrived_at() const noexcept = 0;
    virtual void accept() noexcept = 0;
    virtual void reject() noexcept = 0;
};

}  // namespace owsk::net
