// SPDX-License-Identifier: MIT
// Registrations come and go while other threads capture the provider, release it and have sockets:
// WskDeregister waits for all of them, and lets nobody in any more.
#include <deque>
#include <string>

#include "base/status_name.h"
#include "simulation/driver/call.h"
#include "simulation/run.h"
#include "simulation/scenario.h"
#include "simulation/server.h"

namespace owsk::scenarios {
namespace {

struct Registrant {
    WSK_CLIENT_DISPATCH dispatch = {MAKE_WSK_VERSION(1, 0), 0, nullptr};
    WSK_REGISTRATION registration = {};
    bool withdrawn = false;
    unsigned captures = 0;
    unsigned sockets = 0;
    unsigned requests = 0;
};

void close(Run& run, Registrant& client, PWSK_SOCKET socket) {
    const auto* functions = static_cast<const WSK_PROVIDER_BASIC_DISPATCH*>(socket->Dispatch);
    Call::make(run, {.what = "WskCloseSocket"}, [&](PIRP irp) {
        --client.sockets;
        return functions->WskCloseSocket(socket, irp);
    });
}

PWSK_SOCKET open(Run& run, Registrant& client, const WSK_PROVIDER_NPI& npi) {
    ++client.sockets;
    const CallRef call = Call::make(run, {.what = "WskSocket"}, [&](PIRP irp) {
        return npi.Dispatch->WskSocket(npi.Client,
                                       AF_INET,
                                       SOCK_STREAM,
                                       IPPROTO_TCP,
                                       WSK_FLAG_LISTEN_SOCKET,
                                       nullptr,
                                       nullptr,
                                       nullptr,
                                       nullptr,
                                       nullptr,
                                       irp);
    });
    if (!NT_SUCCESS(call->wait())) {
        run.fail("WskSocket completed with " + status_name(call->status()));
    }
    return reinterpret_cast<PWSK_SOCKET>(call->information());
}

// Waits for a change of the transports, which never comes: it ends with the registration.
void wait_for_change(Run& run, Registrant& client, const WSK_PROVIDER_NPI& npi) {
    ++client.requests;
    const CallRef call = Call::make(
        run,
        {.what = "WskControlClient"},
        [&](PIRP irp) {
            return npi.Dispatch->WskControlClient(
                npi.Client, WSK_TRANSPORT_LIST_CHANGE, 0, nullptr, 0, nullptr, nullptr, irp);
        },
        [&client](NTSTATUS, ULONG_PTR) { --client.requests; });
    if (run.chance(50)) {
        Server::sleep(run.moment(200us));
        call->cancel();
    }
}

void use(Run& run, Registrant& client) {
    constexpr ULONG timeouts[] = {WSK_NO_WAIT, 1, WSK_INFINITE_WAIT};
    WSK_PROVIDER_NPI npi = {};
    const NTSTATUS status =
        WskCaptureProviderNPI(&client.registration, timeouts[run.below(3)], &npi);
    if (status == STATUS_DEVICE_NOT_READY) {
        return;  // WskDeregister was first
    }
    if (!NT_SUCCESS(status)) {
        run.fail("WskCaptureProviderNPI returned " + status_name(status));
    }
    ++client.captures;
    if (client.withdrawn) {
        run.fail("WskCaptureProviderNPI succeeded after WskDeregister had returned");
    }
    PWSK_SOCKET socket = run.chance(50) ? open(run, client, npi) : nullptr;
    if (run.chance(30)) {
        wait_for_change(run, client, npi);
    }
    if (run.chance(50)) {
        Server::sleep(run.moment(300us));
    }
    --client.captures;
    WskReleaseProviderNPI(&client.registration);
    if (socket != nullptr) {
        Server::sleep(run.moment(200us));
        close(run, client, socket);
    }
}

void withdraw(Run& run, Registrant& client) {
    Server::sleep(run.moment(300us));
    WskDeregister(&client.registration);
    client.withdrawn = true;
    if (client.captures != 0 || client.sockets != 0 || client.requests != 0) {
        run.fail("WskDeregister returned with " + std::to_string(client.captures) +
                 " captured NPI(s), " + std::to_string(client.sockets) + " socket(s) and " +
                 std::to_string(client.requests) + " request(s)");
    }
    WSK_PROVIDER_NPI npi = {};
    if (WskCaptureProviderNPI(&client.registration, WSK_NO_WAIT, &npi) != STATUS_DEVICE_NOT_READY) {
        run.fail("WskCaptureProviderNPI works after WskDeregister");
    }
}

}  // namespace

OWSK_SCENARIO(register_capture, "WskDeregister against captures, sockets and requests") {
    Server& server = run.add_server({.registered = false});
    const std::uint64_t clients = run.between(1, 3);
    for (std::uint64_t i = 0; i < clients; ++i) {
        auto& client = server.keep<Registrant>();
        server.perform([&] {
            WSK_CLIENT_NPI npi = {nullptr, &client.dispatch};
            if (!NT_SUCCESS(WskRegister(&npi, &client.registration))) {
                run.fail("WskRegister failed");
            }
        });
        const std::uint64_t users = run.between(1, 3);
        for (std::uint64_t j = 0; j < users; ++j) {
            server.start("user", [&] {
                for (std::uint64_t times = run.between(1, 4); times != 0; --times) {
                    use(run, client);
                }
            });
        }
        server.start("withdrawer", [&] { withdraw(run, client); });
    }
    run.finish();
}

}  // namespace owsk::scenarios
