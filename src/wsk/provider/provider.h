// SPDX-License-Identifier: MIT
// Provider: the WSK subsystem of one machine, assembled. Holds what its clients and sockets share.
#pragma once

#include <openwsk/completion_mode.h>
#include <openwsk/send_completion.h>

#include <cstdint>
#include <string>

#include "wsk/connection/lingering.h"
#include "wsk/listen/listener_list.h"
#include "wsk/memory/block.h"
#include "wsk/registration/attachments.h"
#include "wsk/registration/registrations.h"
#include "wsk/request/completion_policy.h"
#include "wsk/request/ownerless_requests.h"
#include "wsk/resolve/address_lists.h"
#include "wsk/services.h"
#include "wsk/socket/address_changes.h"
#include "wsk/socket/address_table.h"
#include "wsk/socket/extensions.h"
#include "wsk/socket/security_descriptors.h"
#include "wsk/socket/socket_list.h"

namespace owsk::wsk {

struct ProviderOptions {
    CompletionMode completion = CompletionMode::windows;
    std::uint64_t seed = 0;  // of CompletionMode::mixed
    SendCompletion sends = SendCompletion::buffered;
};

class Provider final : public Services {
  public:
    Provider(nt::System& system, net::Network& network, ProviderOptions options);
    // Precondition: every client has deregistered.
    ~Provider();

    // The provider of the calling thread's machine.
    static Provider& current() noexcept { return static_cast<Provider&>(Services::current()); }

    // From now on, until stop(), clients are attached. stop() waits for connections whose last
    // bytes are on their way.
    void start() noexcept;
    void stop() noexcept;

    Attachments& attachments() noexcept { return attachments_; }
    Registrations& registrations() noexcept { return registrations_; }

    // What keeps drivers from being unloaded: registrations and sockets, for people. Empty:
    // nothing.
    std::string open_things();
    // Announces what is open as leaks, and returns how much that is, with what was lost before.
    std::uint64_t report_leaks();

  private:
    CompletionPolicy completion_;
    OwnerlessRequests ownerless_;
    BlockPool blocks_;
    AddressTable addresses_;
    ListenerList listeners_;
    AddressChanges address_changes_;
    Extensions extensions_;
    AddressLists address_lists_;
    SecurityDescriptors descriptors_;
    SocketList sockets_;
    LingeringConnections lingering_;
    Attachments attachments_;
    Registrations registrations_;
};

}  // namespace owsk::wsk
