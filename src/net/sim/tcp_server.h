// SPDX-License-Identifier: MIT
// TcpServer: a listening port as a test drives it. Connections wait in its backlog until accept().
#pragma once

#include <cstddef>
#include <memory>

#include "base/result.h"
#include "net/sim/computer.h"
#include "net/sim/tcp/listener.h"
#include "net/sim/tcp_endpoint.h"

namespace owsk::net {

class TcpServer;

class TcpServerWatcher {
  public:
    // accept() has something. From an event of the network.
    virtual void on_incoming(TcpServer& server) noexcept = 0;

  protected:
    ~TcpServerWatcher() = default;
};

class TcpServer final : private TcpListenerUser {
  public:
    explicit TcpServer(Computer& computer) noexcept : computer_(computer) {}
    // As close().
    ~TcpServer();
    TcpServer(const TcpServer&) = delete;
    TcpServer& operator=(const TcpServer&) = delete;

    // For the connections to come. Before listen().
    void set_options(const TcpOptions& options) noexcept { options_ = options; }
    // Fails as Network::listen does. At most `backlog` connections wait for accept().
    NTSTATUS listen(const Address& address,
                    std::size_t backlog = default_backlog,
                    const ListenOptions& options = {});
    const Address& local() const noexcept { return listener_->local_address(); }

    // The next so many SYNs are refused. Precondition: listen().
    void refuse_next(std::size_t syns) noexcept { listener_->refuse_next(syns); }

    // How many connections wait.
    std::size_t waiting() const noexcept { return listener_->waiting(); }
    // The next connection, or null.
    std::unique_ptr<TcpEndpoint> accept();
    // Resets what waits, and frees the port.
    void close() noexcept { listener_.reset(); }

    void set_watcher(TcpServerWatcher* watcher) noexcept { watcher_ = watcher; }

  private:
    void on_incoming() noexcept override;

    Computer& computer_;
    TcpOptions options_;
    TcpServerWatcher* watcher_ = nullptr;
    std::unique_ptr<TcpListener> listener_;
};

}  // namespace owsk::net
