// SPDX-License-Identifier: MIT
// DriverSocket: a socket in the hands of a scenario's driver. It keeps the rule that WskCloseSocket
// does not run beside another call: whoever leaves last closes.
#pragma once

#include <wsk.h>

#include <functional>
#include <string>

#include "simulation/checkers/callbacks.h"
#include "simulation/driver/call.h"

namespace owsk::scenarios {

class Server;

SOCKADDR_IN sockaddr_of(const std::string& ip, std::uint16_t port);

class DriverSocket {
  public:
    DriverSocket(const DriverSocket&) = delete;
    DriverSocket& operator=(const DriverSocket&) = delete;

    Server& server() const { return server_; }
    Run& run() const { return run_; }
    PWSK_SOCKET api() const { return api_; }
    CallbackChecker::Id id() const { return id_; }
    bool is_open() const { return api_ != nullptr && !closing_; }
    bool has_closed() const { return closed_; }

    // WskControlSocket with SO_WSK_EVENT_CALLBACK. STATUS_CANCELLED: the socket is being closed.
    NTSTATUS enable(ULONG events);
    NTSTATUS disable(ULONG event);
    CallRef disable_with_irp(ULONG event);

    // WskCloseSocket, as soon as no call is in progress. Once; later calls do nothing.
    void close();
    // At PASSIVE_LEVEL: until the close that somebody has begun has completed.
    void wait_closed();
    void close_and_wait() {
        close();
        wait_closed();
    }

    // A call on this socket. Null if it is being closed.
    CallRef call(const char* what,
                 const Call::Function& function,
                 Call::Then then = {},
                 bool in_order = false);

    // Sees every call before it is made, so that it can be cancelled at any moment.
    std::function<void(const CallRef& call)> before_call;

  protected:
    explicit DriverSocket(Server& server);
    ~DriverSocket() = default;

    // What WskSocket is called with.
    struct SocketPlan {
        ULONG flags;
        std::string what;  // for people
        USHORT type = SOCK_STREAM;
        ULONG protocol = IPPROTO_TCP;
        PVOID context = nullptr;
        const VOID* dispatch = nullptr;
    };
    // WskSocket, and WskBind to the port on every address. On a thread of the machine.
    NTSTATUS make(const SocketPlan& plan);
    NTSTATUS bind(PFN_WSK_BIND function, std::uint16_t port);
    // A socket that is there.
    void open(PWSK_SOCKET api, std::string what);
    bool begin_use();
    void end_use();
    virtual void on_closed() {}

    // Holds the checker's eye on one callback.
    class Callback {
      public:
        Callback(DriverSocket& socket, const char* routine, ULONG event);
        ~Callback();
        Callback(const Callback&) = delete;
        Callback& operator=(const Callback&) = delete;

      private:
        DriverSocket& socket_;
    };

  private:
    const WSK_PROVIDER_BASIC_DISPATCH& basic() const {
        return *static_cast<const WSK_PROVIDER_BASIC_DISPATCH*>(api_->Dispatch);
    }
    void really_close();
    NTSTATUS control(ULONG mask, PIRP irp);

    Server& server_;
    Run& run_;
    PWSK_SOCKET api_ = nullptr;
    CallbackChecker::Id id_ = 0;
    unsigned uses_ = 0;  // calls in progress
    bool closing_ = false;
    bool closed_ = false;
    KEVENT closed_event_;
};

}  // namespace owsk::scenarios
