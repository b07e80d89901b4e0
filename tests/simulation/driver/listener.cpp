// SPDX-License-Identifier: MIT
// A listening socket from WskSocket to its connections.
#include "simulation/driver/listener.h"

#include <string>
#include <utility>

#include "base/status_name.h"
#include "simulation/run.h"
#include "simulation/server.h"

namespace owsk::scenarios {

const WSK_CLIENT_LISTEN_DISPATCH Listener::dispatch = {accept_event, inspect_event, abort_event};

Listener::Listener(Server& server) : DriverSocket(server) {}

Listener::~Listener() = default;

void Listener::open(const ListenerPlan& plan) {
    NTSTATUS status = make({.flags = WSK_FLAG_LISTEN_SOCKET,
                            .what = "listener on port " + std::to_string(plan.port),
                            .context = this,
                            .dispatch = &dispatch});
    if (NT_SUCCESS(status)) {
        conditional_ = plan.conditional;
        status = plan.conditional ? set_conditional() : STATUS_SUCCESS;
    }
    status = NT_SUCCESS(status) ? bind(functions().WskBind, plan.port) : status;
    if (NT_SUCCESS(status) && plan.events != 0) {
        status = enable(plan.events);
    }
    if (!NT_SUCCESS(status)) {
        run().fail("the listener could not be opened: " + status_name(status));
    }
}

NTSTATUS Listener::set_conditional() {
    ULONG yes = 1;
    return wait(call("WskControlSocket", [&](PIRP irp) {
        return functions().Basic.WskControlSocket(api(),
                                                  WskSetOption,
                                                  SO_CONDITIONAL_ACCEPT,
                                                  SOL_SOCKET,
                                                  sizeof yes,
                                                  &yes,
                                                  0,
                                                  nullptr,
                                                  nullptr,
                                                  irp);
    }));
}

void Listener::delivered(Connection& connection) {
    connections_.push_back(&connection);
    if (conditional_) {
        WSK_INSPECT_ID id = {};
        if (!connection.query_inspect_id(id)) {
            run().fail("an accepted socket of a conditional listener has no WSK_INSPECT_ID");
        }
        run().attempts.delivered(this, id);
    }
    if (on_accepted) {
        on_accepted(connection);
    }
}

CallRef Listener::accept(Call::Then then) {
    struct Answer {
        SOCKADDR_STORAGE remote = {};
        Connection* connection = nullptr;
    };
    auto answer = std::make_shared<Answer>();
    answer->connection = &server().keep<Connection>(server());
    return call(
        "WskAccept",
        [&](PIRP irp) {
            return functions().WskAccept(api(),
                                         0,
                                         answer->connection,
                                         &Connection::dispatch,
                                         nullptr,
                                         reinterpret_cast<PSOCKADDR>(&answer->remote),
                                         irp);
        },
        [this, answer, then = std::move(then)](NTSTATUS status, ULONG_PTR information) {
            if (NT_SUCCESS(status)) {
                answer->connection->adopt(reinterpret_cast<PWSK_SOCKET>(information),
                                          reinterpret_cast<SOCKADDR*>(&answer->remote));
                delivered(*answer->connection);
            }
            if (then) {
                then(status, information);
            }
        },
        true);
}

void Listener::keep_accepting(unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
        accept([this](NTSTATUS status, ULONG_PTR) {
            if (NT_SUCCESS(status)) {
                keep_accepting(1);
            }
        });
    }
}

NTSTATUS Listener::accept_event(PVOID context,
                                ULONG,
                                PSOCKADDR,
                                PSOCKADDR remote,
                                PWSK_SOCKET socket,
                                PVOID* socket_context,
                                const WSK_CLIENT_CONNECTION_DISPATCH** socket_dispatch) {
    auto& self = *static_cast<Listener*>(context);
    const Callback callback(self, "WskAcceptEvent", WSK_EVENT_ACCEPT);
    if (socket == nullptr) {
        self.run().fail("WskAcceptEvent says that the listener is dead");
    }
    if (self.takes && !self.takes()) {
        return STATUS_REQUEST_NOT_ACCEPTED;
    }
    auto& connection = self.server().keep<Connection>(self.server());
    connection.adopt(socket, remote);
    *socket_context = &connection;
    *socket_dispatch = &Connection::dispatch;
    self.delivered(connection);
    return STATUS_SUCCESS;
}

WSK_INSPECT_ACTION Listener::inspect_event(PVOID context,
                                           PSOCKADDR,
                                           PSOCKADDR remote,
                                           PWSK_INSPECT_ID id) {
    auto& self = *static_cast<Listener*>(context);
    const Callback callback(self, "WskInspectEvent", CallbackChecker::not_an_event);
    const WSK_INSPECT_ID copy = *id;
    self.run().attempts.inspected(&self, copy, self.run().since_connect(port_of(remote)));
    const WSK_INSPECT_ACTION action = self.on_inspect ? self.on_inspect(copy) : WskInspectAccept;
    self.run().attempts.answered(&self, copy, action);
    return action;
}

NTSTATUS Listener::abort_event(PVOID context, PWSK_INSPECT_ID id) {
    auto& self = *static_cast<Listener*>(context);
    const Callback callback(self, "WskAbortEvent", CallbackChecker::not_an_event);
    self.run().attempts.aborted(&self, *id);
    if (self.on_abort) {
        self.on_abort(*id);
    }
    return STATUS_SUCCESS;
}

CallRef Listener::complete_inspection(const WSK_INSPECT_ID& id,
                                      WSK_INSPECT_ACTION action,
                                      Call::Then then) {
    WSK_INSPECT_ID copy = id;
    if (!is_open()) {
        return nullptr;
    }
    run().attempts.completing(this, id);
    return call(
        "WskInspectComplete",
        [&](PIRP irp) { return functions().WskInspectComplete(api(), &copy, action, irp); },
        [this, id, action, then = std::move(then)](NTSTATUS status, ULONG_PTR information) {
            run().attempts.completed(this, id, action, status);
            if (then) {
                then(status, information);
            }
        });
}

void Listener::ask_for_address() {
    auto address = std::make_shared<SOCKADDR_STORAGE>();
    call(
        "WskGetLocalAddress",
        [&](PIRP irp) {
            return functions().WskGetLocalAddress(
                api(), reinterpret_cast<PSOCKADDR>(address.get()), irp);
        },
        [address](NTSTATUS, ULONG_PTR) {});
}

void Listener::on_closed() {
    run().attempts.closed(this);
}

void Listener::close_connections() {
    // By index: more may come meanwhile.
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        connections_[i]->close();
    }
}

void Listener::wait_connections_closed() {
    for (std::size_t i = 0; i < connections_.size(); ++i) {
        connections_[i]->wait_closed();
    }
}

}  // namespace owsk::scenarios
