// SPDX-License-Identifier: MIT
// TcpEndpoint: one end of a TCP connection as a test drives it. It reads by itself, unless it is
// told to leave the bytes in the buffer of TCP, and takes any amount to send. TcpServer listens.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "net/sim/computer.h"
#include "net/sim/tcp/options.h"
#include "net/sim/tcp/tcb.h"

namespace owsk::net {

class TcpEndpoint;

class TcpEndpointWatcher {
  public:
    // Something was received, acknowledged or ended. From an event of the network, never from
    // inside a call. The endpoint may be used, but not destroyed.
    virtual void on_change(TcpEndpoint& endpoint) noexcept = 0;

  protected:
    ~TcpEndpointWatcher() = default;
};

class TcpEndpoint final : private TcpUser {
  public:
    // The computer outlives the endpoint.
    explicit TcpEndpoint(Computer& computer) noexcept : computer_(computer) {}
    // A connection that a TcpServer has accepted.
    TcpEndpoint(Computer& computer, std::shared_ptr<Tcb> accepted);
    // As close().
    ~TcpEndpoint();
    TcpEndpoint(const TcpEndpoint&) = delete;
    TcpEndpoint& operator=(const TcpEndpoint&) = delete;

    // Before connect().
    void set_options(const TcpOptions& options) noexcept { options_ = options; }
    // Sends the SYN, from the computer's default address and any free port, or from `from` (whose
    // address may be the wildcard and whose port may be 0). Fails with STATUS_CONNECTION_ACTIVE
    // after a first call, STATUS_INVALID_ADDRESS_COMPONENT if `from` is no address of the computer
    // or no port is free, STATUS_ADDRESS_ALREADY_EXISTS if the two ends are connected already, and
    // STATUS_NETWORK_UNREACHABLE if the computer has no address of the family.
    NTSTATUS connect(const Address& to, const std::optional<Address>& from = std::nullopt);

    const Address& local() const noexcept;
    const Address& remote() const noexcept;
    TcpState state() const noexcept;
    bool is_connected() const noexcept;  // the handshake has been completed, whatever came then
    // Why the connection is gone; TcpEnd::none while it is not, or if it ended in peace.
    TcpEnd end() const noexcept;
    // The peer's FIN was received, and all data before it was read.
    bool saw_end_of_stream() const noexcept { return saw_end_; }
    // Our FIN was acknowledged.
    bool finish_acknowledged() const noexcept;
    // Nothing more will come or go: both directions are finished, or the connection is gone.
    bool is_over() const noexcept;

    // Queues bytes behind those that wait already. Ignored after finish() and when it is over.
    void send(std::string_view bytes);
    // Sent or waiting to be sent, and not acknowledged.
    std::size_t unacknowledged() const noexcept;

    // All bytes that were read so far.
    const std::string& received() const noexcept { return received_; }
    // The same, and starts again with none.
    std::string take_received() noexcept;
    // Whether bytes are read as they come; true at first. While it is false they fill TCP's buffer,
    // and then the window closes.
    void set_reading(bool reading);
    // Reads up to `limit` bytes of those that wait in TCP's buffer; how many it was.
    std::size_t read_some(std::size_t limit);
    std::size_t unread() const noexcept;
    // Of this connection; smaller ones take effect as the buffer is emptied.
    void set_receive_buffer(std::uint32_t bytes) noexcept;

    // FIN after everything that is queued.
    void finish();
    // RST, and the end. A connection that is still in SYN-SENT sends it as well, which a real
    // client does not do: that is close().
    void reset();
    // Leaves the connection to TCP, which finishes it in peace if everything was read, and resets
    // it otherwise. In SYN-SENT it falls silent.
    void close();

    void set_watcher(TcpEndpointWatcher* watcher) noexcept { watcher_ = watcher; }

  private:
    void on_tcp(Readiness readiness) noexcept override;
    void pump();

    Computer& computer_;
    TcpOptions options_;
    std::shared_ptr<Tcb> tcb_;
    TcpEndpointWatcher* watcher_ = nullptr;
    std::string received_;
    std::string unsent_;
    std::size_t unsent_from_ = 0;  // what is before it in unsent_ was sent
    bool reading_ = true;
    bool finishing_ = false;
    bool saw_end_ = false;
    bool closed_ = false;
};

}  // namespace owsk::net
