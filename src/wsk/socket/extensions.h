// SPDX-License-Identifier: MIT
// Extensions: the extension interfaces of a machine, and which sockets are registered with them.
#pragma once

#include <openwsk/wsk_extension.h>
#include <wdm.h>
#include <wsk.h>

#include <atomic>
#include <map>
#include <utility>
#include <vector>

#include "base/mutex.h"

namespace owsk::wsk {

class Extensions {
  public:
    Extensions() = default;
    Extensions(const Extensions&) = delete;
    Extensions& operator=(const Extensions&) = delete;

    void add(WskExtension& extension) OWSK_EXCLUDES(mu_);
    // SIO_WSK_REGISTER_EXTENSION. STATUS_NOT_SUPPORTED for what is no extension here,
    // STATUS_INVALID_DEVICE_STATE for a socket that is registered with it already.
    NTSTATUS register_socket(PWSK_SOCKET socket,
                             const WSK_EXTENSION_CONTROL_IN& client,
                             WSK_EXTENSION_CONTROL_OUT& provider) noexcept OWSK_EXCLUDES(mu_);
    // At the end of a socket.
    void socket_closed(PWSK_SOCKET socket) noexcept OWSK_EXCLUDES(mu_);

  private:
    using Registration = std::pair<PWSK_SOCKET, WskExtension*>;

    // Null if there is none.
    WskExtension* find_locked(const NPIID& id) const noexcept OWSK_REQUIRES(mu_);

    Mutex mu_{Rank::sockets};
    std::vector<WskExtension*> extensions_ OWSK_GUARDED_BY(mu_);
    // With what the driver has registered.
    std::map<Registration, WSK_EXTENSION_CONTROL_IN> registered_ OWSK_GUARDED_BY(mu_);
    // Most machines have none, and the end of a socket looks no further.
    std::atomic<bool> has_registered_ = false;
};

}  // namespace owsk::wsk
