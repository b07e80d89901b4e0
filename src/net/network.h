// SPDX-License-Identifier: MIT
// The wire as the provider sees it: listeners that hold or hand out connections, and connections
// that never block. Readiness is announced; whoever wants to transfer tries, from any thread.
// Implemented by net/linux (sockets of the Linux kernel) and by net/sim.
#pragma once

#include <ntdef.h>
#include <openwsk/address.h>
#include <openwsk/gate_mode.h>
#include <openwsk/held_request.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "host/host.h"
#include "net/attempt.h"
#include "net/option_values.h"

namespace owsk::net {

// A piece of memory to fill or to send. Laid out as the system's scatter/gather element.
struct Slice {
    void* base;
    std::size_t length;
};

enum class Outcome : std::uint8_t {
    done,           // `bytes` were transferred, at least one unless nothing was asked for
    would_block,    // nothing was; readiness will be announced
    end_of_stream,  // receive only: the peer has finished sending and everything was read
    failed,         // the connection is gone; `status` says why
};

struct Transfer {
    Outcome outcome;
    std::size_t bytes = 0;
    NTSTATUS status = STATUS_SUCCESS;
};

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
    // Sends RST and forgets what is unsent and unread. Addresses stay known.
    virtual void abort() noexcept = 0;
    // STATUS_SUCCESS while the connection lives, else why it died. Sticky.
    virtual NTSTATUS failure() noexcept = 0;
    // The same, without waiting for the announcement: it asks the system, which costs a call.
    virtual NTSTATUS look_for_failure() noexcept { return failure(); }

    virtual Result<std::uint32_t> get_option(SocketOption option) noexcept = 0;
    virtual NTSTATUS set_option(SocketOption option, std::uint32_t value) noexcept = 0;

    // Readiness is announced to `events` from now on. On the processor, after start().
    virtual void hand_over(ConnectionEvents& events) noexcept = 0;
    // The end: RST unless both directions are finished. `closed` runs on the processor when no
    // announcement is under way or can come any more. Once, after start().
    virtual void close(host::Task& closed) noexcept = 0;
};

class ListenerEvents {
  public:
    // All on the listener's processor, with no lock of net held. Never from inside a call to net.

    // Plain listeners: Listener::accept() may have something. An edge: accept until there is none.
    virtual void on_incoming() noexcept = 0;
    // Conditional listeners: a request arrived and is held for a verdict.
    virtual void on_request(std::shared_ptr<ConnectionAttempt> attempt) noexcept = 0;
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
    bool conditional = false;     // requests are held for a verdict
    bool v6_only = true;          // an IPv6 listener takes no IPv4 clients
    bool share_port = false;      // other sockets on this machine hold the port, and that is agreed
    OptionValues inherited = {};  // by every connection, also by the first
};

// How a conditional listener holds requests, and why not in a better way.
struct GateReport {
    std::string name;    // "syn", "accepted", "sim"; empty: not at all
    std::string reason;  // one sentence, without a capital and a full stop
};

class Listener {
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
    virtual void list_in_line(std::vector<HeldRequest>&, Instant) {}

    // While a second socket that may share our port is being bound.
    virtual void allow_port_sharing(bool allow) noexcept = 0;

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
    // The gate that a conditional listener would get now.
    virtual GateReport gate() = 0;
    virtual GateCounters gate_counters() const noexcept = 0;
};

}  // namespace owsk::net
