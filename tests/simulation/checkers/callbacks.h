// SPDX-License-Identifier: MIT
// CallbackChecker: what runs on behalf of a socket - callbacks and completions - runs on one thread
// at a time, one inside the other only where a call from inside completes before it returns, and
// not after the close or a disable has completed. In mode `hostile` only what belongs to one role
// of the socket excludes one another.
#pragma once

#include <wsk.h>

#include <cstddef>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "simulation/checkers/complaints.h"

namespace owsk::scenarios {

class CallbackChecker {
  public:
    using Id = std::size_t;
    static constexpr const char* name = "callbacks";
    static constexpr ULONG not_an_event = 0;

    explicit CallbackChecker(Complaints& complaints) : complaints_(complaints) {}

    // A socket; `what` is for people.
    Id opened(std::string what, bool roles_are_serial = true);

    // A routine of the driver begins and ends: the callback of `event`, or a completion, which may
    // be that of a call that the calling thread is just making.
    void begin(Id id, const char* routine, ULONG event, bool in_own_call = false);
    void end(Id id);
    void request_issued(Id id);
    void request_completed(Id id);
    // The IRP of WskCloseSocket has completed.
    void close_completed(Id id);
    // Disabling `event` has taken effect: STATUS_SUCCESS, or the completion of its IRP.
    void disabled(Id id, ULONG event);
    // Disabling `event` has returned STATUS_EVENT_PENDING: the call that runs, or is about to, is
    // the last.
    void disable_pending(Id id, ULONG event);
    // Before the call that enables it.
    void enabling(Id id, ULONG event);
    void check_end();

  private:
    struct Routine {
        const char* name;
        ULONG event;
        std::thread::id thread;
    };
    struct Socket {
        std::string what;
        bool roles_are_serial = true;
        std::vector<Routine> running;  // the innermost last
        std::size_t requests = 0;
        bool closed = false;
        ULONG off = 0;                       // events that may not come
        std::map<ULONG, unsigned> last_one;  // events of which one more may come
    };

    // What the routine has to wait for; null if there is nothing.
    static const Routine* obstacle(const Socket& socket, const char* routine, bool in_own_call);
    static const Routine* running_callback(const Socket& socket, ULONG event);
    void complain(const Socket& socket, const std::string& what);

    Complaints& complaints_;
    std::vector<Socket> sockets_;
};

}  // namespace owsk::scenarios
