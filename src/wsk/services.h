// SPDX-License-Identifier: MIT
// Services: what a socket may ask of the provider that it belongs to. One for each machine.
#pragma once

#include <openwsk/send_completion.h>

#include <atomic>
#include <cstdint>
#include <string>

#include "host/host.h"
#include "net/network.h"
#include "nt/system.h"

namespace owsk::wsk {

class AddressChanges;
class AddressLists;
class AddressTable;
class BlockPool;
class CompletionPolicy;
class Extensions;
class LingeringConnections;
class ListenerList;
class OwnerlessRequests;
class SecurityDescriptors;
class SocketList;

class Services : public nt::Extension {
  public:
    Services(const Services&) = delete;
    Services& operator=(const Services&) = delete;

    // Those of the calling thread's machine.
    static Services& current() noexcept {
        nt::Extension* const extension = nt::System::current().extension;
        OWSK_ASSERT(extension != nullptr);
        return static_cast<Services&>(*extension);
    }

    nt::System& system() noexcept { return system_; }
    host::Host& host() noexcept { return system_.host(); }
    Instant now() noexcept { return host().clock().now(); }
    probe::Probes& probes() noexcept { return system_.probes(); }
    Faults& faults() noexcept { return system_.faults(); }
    net::Network& network() noexcept { return network_; }

    CompletionPolicy& completion() noexcept { return parts_.completion; }
    OwnerlessRequests& ownerless() noexcept { return parts_.ownerless; }
    BlockPool& blocks() noexcept { return parts_.blocks; }
    AddressTable& addresses() noexcept { return parts_.addresses; }
    AddressChanges& address_changes() noexcept { return parts_.address_changes; }
    Extensions& extensions() noexcept { return parts_.extensions; }
    AddressLists& address_lists() noexcept { return parts_.address_lists; }
    SecurityDescriptors& descriptors() noexcept { return parts_.descriptors; }
    SocketList& sockets() noexcept { return parts_.sockets; }
    ListenerList& listeners() noexcept { return parts_.listeners; }
    LingeringConnections& lingering() noexcept { return parts_.lingering; }

    // Whether a send completes only when the peer has acknowledged it.
    bool sends_wait_for_acknowledgment() const noexcept {
        return sends_ == SendCompletion::acknowledged;
    }
    // The processor for the next socket, in turn.
    host::Processor& next_processor() noexcept {
        const unsigned turn = next_processor_.fetch_add(1, std::memory_order_relaxed);
        return host().processor(turn % host().processor_count());
    }
    // The number of the next connection attempt that is inspected on this machine, from 1.
    std::uint64_t next_inspect_number() noexcept {
        return inspected_.fetch_add(1, std::memory_order_relaxed) + 1;
    }
    // A socket was closed with `count` indications that WskRelease has not given back.
    void note_unreleased_indications(const std::string& socket, ULONG count) {
        lost_indications_.fetch_add(count);
        probes().leak({"retained indication", std::to_string(count) + " of " + socket});
    }

  protected:
    // Who assembles the provider owns them.
    struct Parts {
        CompletionPolicy& completion;
        OwnerlessRequests& ownerless;
        BlockPool& blocks;
        AddressTable& addresses;
        AddressChanges& address_changes;
        Extensions& extensions;
        AddressLists& address_lists;
        SecurityDescriptors& descriptors;
        SocketList& sockets;
        ListenerList& listeners;
        LingeringConnections& lingering;
    };

    Services(nt::System& system,
             net::Network& network,
             SendCompletion sends,
             const Parts& parts) noexcept
        : system_(system), network_(network), sends_(sends), parts_(parts) {}
    ~Services() = default;

    std::uint64_t lost_indications() const noexcept { return lost_indications_.load(); }

  private:
    nt::System& system_;
    net::Network& network_;
    const SendCompletion sends_;
    const Parts parts_;
    std::atomic<unsigned> next_processor_ = 0;
    std::atomic<std::uint64_t> inspected_ = 0;
    std::atomic<std::uint64_t> lost_indications_ = 0;
};

}  // namespace owsk::wsk
