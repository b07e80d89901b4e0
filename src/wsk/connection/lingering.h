// SPDX-License-Identifier: MIT
// LingeringConnections: connections whose sockets are closed, and whose last bytes are still on
// their way. They need no driver: WskCloseSocket has completed, and the driver may be unloaded.
#pragma once

#include <wdm.h>

#include <atomic>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "host/host.h"
#include "net/network.h"
#include "probe/probes.h"
#include "wsk/connection/linger.h"

namespace owsk::wsk {

class LingeringConnections {
  public:
    LingeringConnections(host::Host& host, probe::Probes& probes) noexcept;
    // Precondition: none is left.
    ~LingeringConnections();
    LingeringConnections(const LingeringConnections&) = delete;
    LingeringConnections& operator=(const LingeringConnections&) = delete;

    // Resets `connection` when `linger` says so. On its processor.
    void take(std::unique_ptr<net::Connection> connection,
              const Linger& linger,
              host::Processor& processor) noexcept OWSK_EXCLUDES(mu_);

    // Waits until none is left, and says every few seconds for whom. From now on patience is short.
    // Precondition: the processors run.
    void wait_until_none() noexcept OWSK_EXCLUDES(mu_);

  private:
    class Member;

    Duration patience() const noexcept;
    void remove(Member& member) noexcept OWSK_EXCLUDES(mu_);
    std::string describe() noexcept OWSK_EXCLUDES(mu_);

    host::Host& host_;
    probe::Probes& probes_;
    std::atomic<bool> stopping_ = false;

    Mutex mu_{Rank::sockets};
    LIST_ENTRY members_ OWSK_GUARDED_BY(mu_);
    std::size_t count_ OWSK_GUARDED_BY(mu_) = 0;
    host::Parker* waits_for_none_ OWSK_GUARDED_BY(mu_) = nullptr;
};

}  // namespace owsk::wsk
