// SPDX-License-Identifier: MIT
// The wire as the provider sees it: listeners that hold or hand out connections, connectors that
// make one, connections that never block, and ports of datagrams. Readiness is announced; whoever
// wants to transfer tries, from any thread. Names are in net/resolver.h.
// Implemented by net/linux (sockets of the Linux kernel) and by net/sim.
#pragma once

#include <ntdef.h>
#include <openwsk/address.h>
#include <openwsk/gate_mode.h>
#include <openwsk/held_attempt.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "host/host.h"
#include "net/address_list.h"
#include "net/attempt.h"
#include "net/datagram_port.h"
#include "net/option_values.h"
#include "net/port_holder.h"
#include "net/resolver.h"
#include "net/transfer.h"

namespace owsk::net {

// What has changed since the last announcement; edges, not levels.
struct Readiness {
    bool readable = false;       // data, or the end of the stream
    bool writable = false;       // room to send, or our FIN was acknowledged
    bool peer_finished = false;  // the peer's FIN has arrived; data before it may still be unread
    bool failed = false;         // reset or timed out; Connection::failure() says how
};

class ConnectionEvents {
  public:
    // On the connection's processor, with no lock of net held.
    virtual void on_ready(Readiness readiness) noexcept = 0;

  protected:
    ~ConnectionEvents() = default;
};

// What fills most paths. Less is not worth a driver's while.
inline constexpr std::size_t ideal_send_backlog_min = 64 * 1024;
// The answer of Connection::ideal_send_backlog() for a path that `in_flight` bytes fill.
constexpr std::size_t ideal_send_backlog_of(std::size_t in_flight,
                                            std::size_t send_buffer) noexcept {
    return std::max(std::min(in_flight, send_buffer), ideal_send_backlog_min);
}

// One established TCP connection. Transfers never block and may come from any thread, one thread at
// a time in each direction.
class Connection {
  public:
    // Precondition: never started, or `closed` of close() has run.
    virtual ~Connection() = default;

    virtual const Address& local_address() const noexcept = 0;
    virtual const Address& remote_address() const noexcept = 0;

    // From now on Readiness.writable announces acknowledgments as well: that of the last byte that
    // was sent nearly always, others by chance. Before start().
    virtual void announce_acknowledgments() noexcept = 0;
    // From now on readiness is announced to `events` on `processor`. Once.
    virtual NTSTATUS start(host::Processor& processor, ConnectionEvents& events) noexcept = 0;

    // Fewer bytes than there is room for: what comes after them will be announced. Nothing, once
    // the connection has failed: a reset discards what was not read before it.
    virtual Transfer receive(std::span<const Slice> slices) noexcept = 0;
    // Takes up to `limit` received bytes and throws them away.
    virtual Transfer discard(std::size_t limit) noexcept = 0;
    // `more` follows at once: the system may wait for it before it sends a short segment.
    virtual Transfer send(std::span<const Slice> slices, bool more) noexcept = 0;
    // What the system holds back to fill a segment goes out now.
    virtual void push() noexcept = 0;

    // Sends FIN after everything that was sent.
    virtual NTSTATUS finish_sending() noexcept = 0;
    // Whether the peer has acknowledged our FIN. Readiness.writable announces the change.
    virtual bool finish_acknowledged() noexcept = 0;
    // How many of the sent bytes the peer has not acknowledged, or had not when the connection
    // failed. Not after abort(). No change of it is sure to be announced: who waits for it asks now
    // and then.
    virtual std::size_t unacknowledged() noexcept = 0;
    // How many received bytes wait to be taken.
    virtual std::size_t unread() noexcept = 0;
    // How many bytes have to be on their way, sent and not acknowledged, to fill the path to the
    // peer, as far as is known now: from ideal_send_backlog_min to the size of the send buffer.
    virtual std::size_t ideal_send_backlog() noexcept = 0;
    // Sends RST and forgets what is unsent and unread. Addresses stay known.
    virtual void abort() noexcept = 0;
    // STATUS_SUCCESS while the connection lives, else why it died. Sticky.
    virtual NTSTATUS failure() noexcept = 0;
    // The same, without waiting for the announcement: it asks the system, which costs a call.
    virtual NTSTATUS look_for_failure() noexcept { return failure(); }

    // From now on nothing is sent, also by close(), and what arrives is dropped without an answer.
    // STATUS_NOT_SUPPORTED where that cannot be had. Precondition: started, all that was sent is
    // acknowledged, and nothing is transferred any more.
    virtual NTSTATUS silence() noexcept { return STATUS_NOT_SUPPORTED; }

    virtual Result<std::uint32_t> get_option(SocketOption option) noexcept = 0;
    virtual NTSTATUS set_option(SocketOption option, std::uint32_t value) noexcept = 0;

    // Readiness is announced to `events` from now on. On the processor, after start().
    virtual void hand_over(ConnectionEvents& events) noexcept = 0;
    // The end: RST unless both directions are finished. `closed` runs on the processor when no
    // announcement is under way or can come any more. Once, after start().
    virtual void close(host::Task& closed) noexcept = 0;
};

class ConnectorEvents {
  public:
    // Both on the connector's processor, with no lock of net held. Never from inside a call to net.

    // The handshake is complete. The connection is not started yet.
    virtual void on_connected(std::unique_ptr<Connection> connection) noexcept = 0;
    // An attempt has failed, and the connector may try again. Perhaps it has done so already: what
    // was under way when an attempt was abandoned still comes.
    virtual void on_not_connected(unsigned attempt, NTSTATUS status) noexcept = 0;

  protected:
    ~ConnectorEvents() = default;
};

// After so many repetitions of its SYN, some 31 s, a connector takes the peer for gone. Windows
// gives up after some 21 s, Linux by itself after two minutes.
inline constexpr int connector_syn_repetitions = 4;

// What a connector is made with.
struct BindOptions {
    bool v6_only = true;      // of the listener that it may become, as in ListenOptions
    bool share_port = false;  // likewise
};

class Listener;

// A local TCP address from which one connection is made, or which becomes that of a listener.
class Connector : public PortHolder {
  public:
    // Precondition: no attempt is under way, or `closed` of close() has run.
    virtual ~Connector() = default;

    // As it was bound: the port is real, the rest may be the wildcard.
    virtual const Address& local_address() const noexcept = 0;
    // Sends the SYN. What becomes of the attempt, which has the number `attempt`, is announced to
    // `events` on `processor`, once; not if this fails, as it does when one has succeeded
    // (STATUS_INVALID_DEVICE_STATE). Precondition: no attempt is under way.
    virtual NTSTATUS connect(const Address& remote,
                             unsigned attempt,
                             host::Processor& processor,
                             ConnectorEvents& events) noexcept = 0;
    // The same, and says how many bytes of `first` the network has taken for the SYN, as if they
    // had been sent. It takes some only with SocketOption::fast_open, if it can and knows that the
    // peer can. Precondition: no more than slices_max slices.
    virtual Result<std::size_t> connect_with(std::span<const Slice> first,
                                             const Address& remote,
                                             unsigned attempt,
                                             host::Processor& processor,
                                             ConnectorEvents& events) noexcept {
        static_cast<void>(first);
        const NTSTATUS status = connect(remote, attempt, processor, events);
        return NT_SUCCESS(status) ? Result<std::size_t>(std::size_t{0}) : status;
    }
    // Gives the attempt up. Nothing is announced of it any more but what is under way already. Any
    // thread.
    virtual void abandon() noexcept = 0;

    // Has the address become a listener's, without anybody else getting it meanwhile; from then on
    // the connector is of no use but to be closed. Fails as Network::listen does, or with
    // STATUS_INVALID_DEVICE_STATE when an attempt has succeeded; then nothing has changed.
    // Precondition: no attempt is under way.
    virtual Result<std::unique_ptr<Listener>> listen(const OptionValues& inherited) = 0;

    virtual NTSTATUS set_option(SocketOption option, std::uint32_t value) noexcept = 0;

    // The end: `closed` runs on the processor when no announcement is under way or can come any
    // more. Once, after a connect() that has succeeded.
    virtual void close(host::Task& closed) noexcept = 0;
};

class ListenerEvents {
  public:
    // All on the listener's processor, with no lock of net held. Never from inside a call to net.

    // Plain listeners: Listener::accept() may have something. An edge: accept until there is none.
    virtual void on_incoming() noexcept = 0;
    // Conditional listeners: an attempt arrived and is held for a verdict.
    virtual void on_attempt(std::shared_ptr<ConnectionAttempt> attempt) noexcept = 0;
    // The accepted attempt has become a connection, not started yet.
    virtual void on_established(ConnectionAttempt& attempt,
                                std::unique_ptr<Connection> connection) noexcept = 0;
    // The held or accepted attempt went away before it was established.
    virtual void on_aborted(ConnectionAttempt& attempt) noexcept = 0;
    // The listener no longer works. At most once.
    virtual void on_failed(NTSTATUS status) noexcept = 0;
    // Clients wait because the system has no descriptor or memory for their connections, and: that
    // has not happened for a while. By turns; there is nothing to do about it but to say so.
    virtual void on_accepting_paused() noexcept {}
    virtual void on_accepting_resumed() noexcept {}

  protected:
    ~ListenerEvents() = default;
};

// What a listener is made with.
struct ListenOptions {
    bool conditional = false;     // attempts are held for a verdict
    bool v6_only = true;          // an IPv6 listener takes no IPv4 clients
    bool share_port = false;      // other sockets on this machine hold the port, and that is agreed
    OptionValues inherited = {};  // by every connection, also by the first
};

// How a conditional listener holds attempts, and why not in a better way.
struct GateReport {
    std::string name;    // "syn", "accepted", "sim"; empty: not at all
    std::string reason;  // one sentence, without a capital and a full stop
};

class Listener : public PortHolder {
  public:
    // Precondition: never started, or `closed` of close() has run.
    virtual ~Listener() = default;

    virtual const Address& local_address() const noexcept = 0;
    // Without a name for plain listeners.
    virtual const GateReport& gate() const noexcept = 0;
    virtual NTSTATUS start(host::Processor& processor, ListenerEvents& events) noexcept = 0;

    // The next established connection, or null when there is none now. Plain listeners, any thread.
    // STATUS_INSUFFICIENT_RESOURCES when the system has no descriptor or memory for it: the
    // connection waits, and on_incoming comes again when it may work.
    virtual Result<std::unique_ptr<Connection>> accept() noexcept = 0;

    // Conditional listeners: a connection that was established is no longer the listener's. While
    // there are too many that nobody takes, no more are accepted. Any thread.
    virtual void connection_taken() noexcept {}
    // Appends the connections about which nobody is asked yet, because their clients have their
    // share of what is held. Any thread.
    virtual void list_in_line(std::vector<HeldAttempt>&, Instant) {}

    virtual Result<std::uint32_t> get_option(SocketOption option) noexcept = 0;
    virtual NTSTATUS set_option(SocketOption option, std::uint32_t value) noexcept = 0;

    // The end: what is held or waits is reset. `closed` as for Connection::close.
    virtual void close(host::Task& closed) noexcept = 0;
};

class Network {
  public:
    virtual ~Network() = default;

    // Starts to listen on `address` (port 0: any free one). Fails with the statuses of errno_map.
    virtual Result<std::unique_ptr<Listener>> listen(const Address& address,
                                                     const ListenOptions& options) = 0;
    // Holds `address` (port 0: any free one) for a connection that is still to be made. Other
    // sockets on this machine may hold the port if that is agreed. Fails likewise.
    virtual Result<std::unique_ptr<Connector>> bind(const Address& address,
                                                    const BindOptions& options) = 0;
    // Holds `address` (port 0: any free one) for datagrams. Fails likewise.
    virtual Result<std::unique_ptr<DatagramPort>> bind_datagrams(
        const Address& address, const DatagramPortOptions& options) = 0;
    // What an option of such a port is as long as nobody sets it.
    virtual Result<std::uint32_t> datagram_default(Family family,
                                                   DatagramOption option) noexcept = 0;
    // Who knows names here.
    virtual Resolver& resolver() noexcept = 0;
    // What addresses there are.
    virtual AddressList& address_list() noexcept = 0;
    // The gate that a conditional listener would get now.
    virtual GateReport gate() = 0;
    virtual GateCounters gate_counters() const noexcept = 0;
};

}  // namespace owsk::net
