// SPDX-License-Identifier: MIT
// Provider: the WSK subsystem of one machine. Holds what all its clients and sockets share.
#pragma once

#include <ntdef.h>
#include <openwsk/completion_mode.h>
#include <openwsk/send_completion.h>
#include <wdm.h>
#include <wsk.h>

#include <atomic>
#include <cstdint>
#include <string>

#include "host/host.h"
#include "net/network.h"
#include "nt/system.h"
#include "wsk/connection/block.h"
#include "wsk/connection/lingering.h"
#include "wsk/listen/listener_list.h"
#include "wsk/registration/registrations.h"
#include "wsk/socket/address_table.h"
#include "wsk/socket/inspect_id.h"
#include "wsk/socket/request.h"
#include "wsk/socket/socket_list.h"

namespace owsk::wsk {

struct ProviderOptions {
    CompletionMode completion = CompletionMode::windows;
    std::uint64_t seed = 0;  // of CompletionMode::mixed
    SendCompletion sends = SendCompletion::buffered;
};

class Provider final : public nt::Extension {
  public:
    Provider(nt::System& system, net::Network& network, ProviderOptions options);
    // Precondition: every client has deregistered.
    ~Provider();
    Provider(const Provider&) = delete;
    Provider& operator=(const Provider&) = delete;

    // The provider of the calling thread's machine.
    static Provider& current() noexcept;

    // From now on, until stop(), WskCaptureProviderNPI succeeds. stop() waits for connections whose
    // last bytes are on their way.
    void start() noexcept;
    void stop() noexcept;

    // How the call being made is to complete its request; never CompletionMode::mixed. Control
    // operations complete as documented where Windows shows nothing else.
    CompletionMode choose(Operation operation) noexcept;
    // Whether a send completes only when the peer has acknowledged it.
    bool sends_wait_for_acknowledgment() const noexcept {
        return options_.sends == SendCompletion::acknowledged;
    }
    // Completes a request that belongs to no socket. The return value is the call's.
    NTSTATUS finish(Request request, NTSTATUS status, ULONG_PTR information = 0) noexcept;

    // The name of the next connection request that is inspected on this machine.
    InspectId new_inspect_id() noexcept {
        return {inspected_.fetch_add(1, std::memory_order_relaxed) + 1};
    }
    // The processor for the next socket, in turn.
    host::Processor& next_processor() noexcept;

    nt::System& system() noexcept { return system_; }
    probe::Probes& probes() noexcept { return system_.probes(); }
    Faults& faults() noexcept { return system_.faults(); }
    net::Network& network() noexcept { return network_; }
    Registrations& registrations() noexcept { return registrations_; }
    SocketList& sockets() noexcept { return sockets_; }
    ListenerList& listeners() noexcept { return listeners_; }
    AddressTable& addresses() noexcept { return addresses_; }
    BlockPool& blocks() noexcept { return blocks_; }
    LingeringConnections& lingering() noexcept { return lingering_; }

    // What keeps drivers from being unloaded: registrations and sockets, for people. Empty:
    // nothing.
    std::string open_things();
    // A socket was closed with `count` indications that WskRelease has not given back.
    void note_unreleased_indications(const std::string& socket, ULONG count);
    // Announces what is open as leaks, and returns how much that is, with what was lost before.
    std::uint64_t report_leaks();

  private:
    // Completes requests from a processor that cannot be completed in the call.
    class LaterCompletions final : public host::Task {
      public:
        void add(host::Processor& processor, Request request) noexcept OWSK_EXCLUDES(mu_);
        void run() noexcept override;

      private:
        Mutex mu_{Rank::socket};
        RequestQueue requests_ OWSK_GUARDED_BY(mu_);
    };

    nt::System& system_;
    net::Network& network_;
    const ProviderOptions options_;
    std::atomic<std::uint64_t> choices_ = 0;
    std::atomic<unsigned> next_processor_ = 0;
    std::atomic<std::uint64_t> inspected_ = 0;
    std::atomic<std::uint64_t> lost_indications_ = 0;
    LaterCompletions later_;
    BlockPool blocks_;
    AddressTable addresses_;
    SocketList sockets_;
    ListenerList listeners_;
    LingeringConnections lingering_;
    Registrations registrations_;
};

}  // namespace owsk::wsk
