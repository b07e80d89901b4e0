// SPDX-License-Identifier: MIT
// The records that probes carry. Plain values, so that observers need no object of another floor.
#pragma once

#include <ntdef.h>
#include <openwsk/address.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace owsk::probe {

struct ListenerBound {
    Address local;
    bool conditional;
    std::string gate;    // empty for a plain listener
    std::string reason;  // why this gate and not a better one
};
struct BindFailed {
    Address local;
    NTSTATUS status;
};
struct ListenerClosed {
    Address local;
};
// Clients wait because the system has no descriptor or memory for a connection. Reported once;
// the listener retries by itself, and reports when there has been no shortage for a while.
struct AcceptingPaused {
    Address local;
};
struct AcceptingResumed {
    Address local;
};

enum class Verdict : std::uint8_t { accepted, rejected, pended };
// The driver was asked by WskInspectEvent, or decided later by WskInspectComplete (`late`): one
// record without `late` for each attempt, and one with it for each that was pended and decided.
struct AttemptJudged {
    Address local;
    Address remote;
    Verdict verdict;
    bool late;
};
// Who ended an attempt before it was established.
enum class AbortCause : std::uint8_t { client, listener_closed };
// An attempt went away before it was established: not yet inspected, pended, or accepted.
struct AttemptAborted {
    Address local;
    Address remote;
    AbortCause cause;
};

enum class AcceptPath : std::uint8_t { irp, event };
struct ConnectionAccepted {
    Address local;
    Address remote;
    AcceptPath path;
};
// By WskConnect or WskSocketConnect.
struct ConnectionMade {
    Address local;
    Address remote;
};
// WskAcceptEvent answered STATUS_REQUEST_NOT_ACCEPTED.
struct ConnectionDeclined {
    Address local;
    Address remote;
};
struct ConnectionClosed {
    Address local;
    Address remote;
    std::uint64_t bytes_received;
    std::uint64_t bytes_sent;
};

// An IRP that was passed to a WSK function completes with a failure.
struct RequestFailed {
    const char* function;  // "WskSend"
    NTSTATUS status;
    std::optional<Address> local;  // of its socket
    std::optional<Address> remote;
};

struct DebugPrint {
    std::string_view text;
};
struct DriverLoaded {
    std::string_view name;
};
struct DriverUnloaded {
    std::string_view name;
};
// Reported every few seconds while an unload or WskDeregister cannot go on.
struct UnloadWaits {
    std::string_view waiting_for;
    std::uint64_t seconds;
};
// Something that the driver still owned when it was gone.
struct Leak {
    std::string_view
        kind;  // "pool block", "IRP", "MDL", "thread", "timer", "socket", "handle", ...
    std::string description;
};

}  // namespace owsk::probe
