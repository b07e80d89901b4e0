// SPDX-License-Identifier: MIT
// GuestList: the flows of a listener's connections whose sockets are open. The kernel may have
// ended some of them.
#pragma once

#include <memory>
#include <unordered_map>

#include "base/mutex.h"
#include "base/time.h"
#include "net/flow.h"

namespace owsk::net {

class GuestList : public std::enable_shared_from_this<GuestList> {
  public:
    bool has(const Flow& flow) noexcept OWSK_EXCLUDES(mutex_);
    // Whether it is listed, and has entered then or later.
    bool has_since(const Flow& flow, Instant since) noexcept OWSK_EXCLUDES(mutex_);
    // The flow is listed as long as somebody keeps what this returns, which keeps the list.
    std::shared_ptr<const void> enter(const Flow& flow, Instant now) noexcept;

  private:
    class Guest;

    // Taken inside the screen's lock.
    Mutex mutex_{Rank::transport};
    std::unordered_map<Flow, Instant, FlowHash> entered_ OWSK_GUARDED_BY(mutex_);
};

}  // namespace owsk::net
