// SPDX-License-Identifier: MIT
// LinuxListener: the plain listener. Connections wait in the kernel until somebody accepts them.
#pragma once

#include "net/bound.h"
#include "net/linux/listener_table.h"
#include "net/linux/listening_socket.h"
#include "net/linux/shortage.h"

namespace owsk::net {

class LinuxListener final : public Listener, private host::Watch {
  public:
    // Starts to listen, with these options of all connections. `socket` becomes the listener's, but
    // not if this fails.
    static Result<std::unique_ptr<Listener>> open(ListeningSocket& socket,
                                                  bool v6_only,
                                                  const OptionValues& inherited,
                                                  ListenerTable& listeners);
    LinuxListener(ListeningSocket socket, ListenerTable::Place place) noexcept;

    const Address& local_address() const noexcept override { return socket_.local_address(); }
    const GateReport& gate() const noexcept override { return no_gate_; }
    // Precondition: the processor is a LinuxProcessor.
    NTSTATUS start(host::Processor& processor, ListenerEvents& events) noexcept override;
    Result<std::unique_ptr<Connection>> accept() noexcept override;
    void allow_port_sharing(bool allow) noexcept override { socket_.allow_port_sharing(allow); }

    Result<std::uint32_t> get_option(SocketOption option) noexcept override;
    NTSTATUS set_option(SocketOption option, std::uint32_t value) noexcept override;
    void close(host::Task& closed) noexcept override;

  private:
    void on_events(std::uint32_t events) noexcept override;
    void try_again() noexcept;
    void end() noexcept;

    const GateReport no_gate_;
    ListenerTable::Place place_;  // given up after the socket
    ListeningSocket socket_;
    host::LinuxProcessor* processor_ = nullptr;
    ListenerEvents* events_ = nullptr;
    host::Task* closed_ = nullptr;
    BoundTask<LinuxListener, &LinuxListener::end> end_{*this};
    // The kernel announces a connection once. One that we had no descriptor for is announced again
    // after a pause, so that nothing is lost.
    BoundTask<LinuxListener, &LinuxListener::try_again> again_{*this};
    Shortage shortage_{again_};
};

}  // namespace owsk::net
