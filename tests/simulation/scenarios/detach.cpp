// SPDX-License-Identifier: MIT
// WSK goes away while clients have sockets and calls in progress, and comes back: it waits until
// everybody has given back everything, and attaches whoever is still registered.
#include <netioddk.h>

#include <string>
#include <vector>

#include "base/status_name.h"
#include "simulation/driver/call.h"
#include "simulation/run.h"
#include "simulation/scenario.h"
#include "simulation/server.h"

namespace owsk::scenarios {
namespace {

class NmrClient;
using NmrClients = std::vector<NmrClient*>;

PWSK_SOCKET open(Run& run, PWSK_CLIENT client, const WSK_PROVIDER_DISPATCH& functions) {
    const CallRef call = Call::make(run, {.what = "WskSocket"}, [&](PIRP irp) {
        return functions.WskSocket(client,
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

void close(Run& run, PWSK_SOCKET socket) {
    const auto* functions = static_cast<const WSK_PROVIDER_BASIC_DISPATCH*>(socket->Dispatch);
    Call::make(run, {.what = "WskCloseSocket"}, [&](PIRP irp) {
        return functions->WskCloseSocket(socket, irp);
    });
}

// Attaches by NmrRegisterClient.
class NmrClient {
  public:
    NmrClient(Run& run, NmrClients& all) : run_(run), all_(all) { all_.push_back(this); }

    void enroll() {
        is_enrolling_ = true;
        if (NmrRegisterClient(&characteristics_, this, &handle_) != STATUS_SUCCESS) {
            run_.fail("NmrRegisterClient failed");
        }
        is_enrolling_ = false;
    }

    // If it is attached.
    void use() {
        if (!is_attached_) {
            return;
        }
        ++calls_;
        ++sockets_;
        PWSK_SOCKET socket = open(run_, client_, *functions_);
        end_call();
        Server::sleep(run_.moment(200us));
        --sockets_;
        close(run_, socket);
    }

    void withdraw() {
        is_withdrawing_ = true;
        if (NmrDeregisterClient(handle_) != STATUS_PENDING ||
            NmrWaitForClientDeregisterComplete(handle_) != STATUS_SUCCESS) {
            run_.fail("a client cannot deregister");
        }
        if (is_attached_ || is_detaching_) {
            run_.fail("the wait for a deregistration ended before the detach");
        }
        if (NmrWaitForClientDeregisterComplete(handle_) != STATUS_INVALID_PARAMETER) {
            run_.fail("a handle works after its deregistration");
        }
    }

  private:
    static NTAPI NTSTATUS attach(HANDLE binding, PVOID context, PNPI_REGISTRATION_INSTANCE) {
        return static_cast<NmrClient*>(context)->attach(binding);
    }
    static NTAPI NTSTATUS detach(PVOID context) {
        return static_cast<NmrClient*>(context)->detach();
    }
    static NTAPI VOID clean_up(PVOID context) { static_cast<NmrClient*>(context)->clean_up(); }

    NTSTATUS attach(HANDLE binding) {
        if (!is_enrolling_) {
            require_nobody_left();
        }
        PVOID client = nullptr;
        const VOID* functions = nullptr;
        const NTSTATUS status =
            NmrClientAttachProvider(binding, this, &dispatch_, &client, &functions);
        if (status == STATUS_SUCCESS) {
            binding_ = binding;
            client_ = static_cast<PWSK_CLIENT>(client);
            functions_ = static_cast<const WSK_PROVIDER_DISPATCH*>(functions);
            is_attached_ = true;
        } else if (status != STATUS_DEVICE_NOT_READY) {  // WSK goes just now
            run_.fail("NmrClientAttachProvider returned " + status_name(status));
        }
        return status;
    }
    // WSK is back.
    void require_nobody_left() {
        for (const NmrClient* client : all_) {
            if (client->is_detaching_ && !client->is_withdrawing_) {
                run_.fail("WSK is back although a client has not been detached");
            }
        }
    }
    NTSTATUS detach() {
        if (!is_attached_) {
            run_.fail("ClientDetachProvider is called for a client that is not attached");
        }
        is_attached_ = false;
        is_detaching_ = true;
        is_pending_ = calls_ != 0;
        return is_pending_ ? STATUS_PENDING : STATUS_SUCCESS;
    }
    void end_call() {
        if (--calls_ == 0 && is_pending_) {
            is_pending_ = false;
            NmrClientDetachProviderComplete(binding_);
        }
    }
    void clean_up() {
        if (!is_detaching_ || calls_ != 0 || sockets_ != 0) {
            run_.fail("ClientCleanupBindingContext is called with " + std::to_string(calls_) +
                      " call(s) in progress and " + std::to_string(sockets_) + " socket(s)");
        }
        is_detaching_ = false;
    }

    Run& run_;
    NmrClients& all_;
    const NPI_MODULEID id_ = {
        .Length = sizeof(NPI_MODULEID), .Type = MIT_GUID, .Guid = {1, 2, 3, {4}}};
    const NPI_CLIENT_CHARACTERISTICS characteristics_ = {
        .Version = 0,
        .Length = sizeof(NPI_CLIENT_CHARACTERISTICS),
        .ClientAttachProvider = attach,
        .ClientDetachProvider = detach,
        .ClientCleanupBindingContext = clean_up,
        .ClientRegistrationInstance = {.Version = 0,
                                       .Size = sizeof(NPI_REGISTRATION_INSTANCE),
                                       .NpiId = &NPI_WSK_INTERFACE_ID,
                                       .ModuleId = &id_,
                                       .Number = 0,
                                       .NpiSpecificCharacteristics = nullptr}};
    const WSK_CLIENT_DISPATCH dispatch_ = {MAKE_WSK_VERSION(1, 0), 0, nullptr};
    HANDLE handle_ = nullptr;
    HANDLE binding_ = nullptr;
    PWSK_CLIENT client_ = nullptr;
    const WSK_PROVIDER_DISPATCH* functions_ = nullptr;
    bool is_enrolling_ = false;
    bool is_withdrawing_ = false;
    bool is_attached_ = false;
    bool is_detaching_ = false;
    bool is_pending_ = false;
    unsigned calls_ = 0;
    unsigned sockets_ = 0;
};

// Attaches by WskRegister.
struct Registrant {
    WSK_CLIENT_DISPATCH dispatch = {MAKE_WSK_VERSION(1, 0), 0, nullptr};
    WSK_REGISTRATION registration = {};

    void enroll(Run& run) {
        WSK_CLIENT_NPI npi = {nullptr, &dispatch};
        if (!NT_SUCCESS(WskRegister(&npi, &registration))) {
            run.fail("WskRegister failed");
        }
    }
    void use(Run& run) {
        constexpr ULONG timeouts[] = {WSK_NO_WAIT, 1, WSK_INFINITE_WAIT};
        const ULONG timeout = timeouts[run.below(3)];
        WSK_PROVIDER_NPI npi = {};
        const NTSTATUS status = WskCaptureProviderNPI(&registration, timeout, &npi);
        if (status == STATUS_DEVICE_NOT_READY && timeout != WSK_INFINITE_WAIT) {
            return;  // WSK is not there
        }
        if (!NT_SUCCESS(status)) {
            run.fail("WskCaptureProviderNPI returned " + status_name(status));
        }
        PWSK_SOCKET socket = open(run, npi.Client, *npi.Dispatch);
        if (run.chance(50)) {
            Server::sleep(run.moment(100us));
        }
        WskReleaseProviderNPI(&registration);
        Server::sleep(run.moment(200us));
        close(run, socket);
    }
};

// Once nothing fails any more, WSK is back for good.
void require_return(Run& run) {
    Registrant last;
    last.enroll(run);
    WSK_PROVIDER_NPI npi = {};
    if (!NT_SUCCESS(WskCaptureProviderNPI(&last.registration, WSK_INFINITE_WAIT, &npi))) {
        run.fail("WSK has not come back");
    }
    WskReleaseProviderNPI(&last.registration);
    WskDeregister(&last.registration);
}

}  // namespace

OWSK_SCENARIO(detach, "WSK goes away from clients that have sockets and calls, and comes back") {
    Server& server = run.add_server({.registered = false});
    auto& all = server.keep<NmrClients>();
    server.machine().faults().fail_with(Fault::provider_detach,
                                        static_cast<double>(run.between(10, 60)) / 100);
    const std::uint64_t clients = run.between(1, 3);
    for (std::uint64_t i = 0; i < clients; ++i) {
        auto& client = server.keep<NmrClient>(run, all);
        server.perform([&] { client.enroll(); });
        server.start("client", [&] {
            for (std::uint64_t times = run.between(1, 5); times != 0; --times) {
                client.use();
                Server::sleep(run.moment(100us));
            }
            client.withdraw();
        });
    }
    const std::uint64_t registrants = run.between(0, 2);
    for (std::uint64_t i = 0; i < registrants; ++i) {
        auto& registrant = server.keep<Registrant>();
        server.perform([&] { registrant.enroll(run); });
        server.start("registrant", [&] {
            for (std::uint64_t times = run.between(1, 5); times != 0; --times) {
                registrant.use(run);
            }
            WskDeregister(&registrant.registration);
        });
    }
    run.until_threads_end();
    server.machine().faults().clear();
    server.perform([&] { require_return(run); });
    run.finish();
}

}  // namespace owsk::scenarios
