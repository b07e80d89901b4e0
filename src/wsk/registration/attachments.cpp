// SPDX-License-Identifier: MIT
// What the NMR asks of WSK: to attach clients, and to let them go.
#include "wsk/registration/attachments.h"

#include <new>

#include "base/assert.h"
#include "base/planted.h"
#include "nt/ke/bug_check.h"
#include "nt/mm/foreign.h"
#include "nt/nmr/registrar.h"

namespace owsk::wsk {

namespace {

constexpr WSK_PROVIDER_CHARACTERISTICS wsk_versions = {.HighestVersion = MAKE_WSK_VERSION(1, 1),
                                                       .LowestVersion = MAKE_WSK_VERSION(1, 0)};
constexpr NPI_MODULEID provider_module = {
    .Length = sizeof(NPI_MODULEID),
    .Type = MIT_GUID,
    .Guid = {0x5A8B8A4C, 0x1C4F, 0x4D0B, {0x9A, 0x37, 0x0F, 0x6B, 0x52, 0xC1, 0x7D, 0x01}}};
constexpr NPI_REGISTRATION_INSTANCE provider_instance = {
    .Version = 0,
    .Size = sizeof(NPI_REGISTRATION_INSTANCE),
    .NpiId = &NPI_WSK_INTERFACE_ID,
    .ModuleId = &provider_module,
    .Number = 0,
    .NpiSpecificCharacteristics = &wsk_versions};

bool supports(USHORT version) noexcept {
    return version >= wsk_versions.LowestVersion && version <= wsk_versions.HighestVersion;
}

Client& client_of(PVOID binding_context) noexcept {
    return *reinterpret_cast<Client*>(binding_context);
}

}  // namespace

Attachments::Attachments(Services& services, const WSK_PROVIDER_DISPATCH& dispatch) noexcept
    : services_(services), dispatch_(dispatch) {
    ExInitializeWorkItem(&leave_, leave_called, this);
    ExInitializeWorkItem(&come_back_, come_back_called, this);
}

void Attachments::open() {
    HANDLE handle = nullptr;
    services_.system().nmr.add({.side = nt::nmr::Side::provider,
                                .context = this,
                                .instance = &provider_instance,
                                .detach = detach_client,
                                .cleanup = clean_up,
                                .attach_client = attach_client,
                                .client_detached = client_detached,
                                .gone = gone,
                                .owner = nt::nmr::Owner::subsystem},
                               &handle);
    const Lock lock(mu_);
    handle_ = handle;
    if (presence_ == Presence::absent) {
        presence_ = Presence::present;
    }
}

void Attachments::close() noexcept {
    {
        const Lock lock(mu_);
        presence_ = Presence::closed;
    }
    nt::nmr::Registrar& nmr = services_.system().nmr;
    // A driver that has left without deregistering is not called any more; it will be told as a
    // leak.
    if (!nmr.has_modules_of_drivers()) {
        nmr.remove(nt::nmr::Side::provider, handle());
    }
}

bool Attachments::is(Presence presence) noexcept {
    const Lock lock(mu_);
    return presence_ == presence;
}

HANDLE Attachments::handle() noexcept {
    const Lock lock(mu_);
    return handle_;
}

void Attachments::leave_soon() noexcept {
    {
        const Lock lock(mu_);
        if (presence_ != Presence::present) {
            return;
        }
        presence_ = Presence::leaving;
    }
    services_.system().work_queue.push(&leave_);
}

VOID NTAPI Attachments::leave_called(PVOID context) noexcept {
    static_cast<Attachments*>(context)->leave();
}

void Attachments::leave() noexcept {
    if (is(Presence::leaving)) {
        services_.system().nmr.remove(nt::nmr::Side::provider, handle());
    }
}

void Attachments::gone(PVOID provider_context) noexcept {
    static_cast<Attachments*>(provider_context)->come_back_soon();
}

// Whoever has detached last may be a driver at DISPATCH_LEVEL.
void Attachments::come_back_soon() noexcept {
    if (is(Presence::leaving) && !OWSK_PLANTED(return_forgotten)) {
        services_.system().work_queue.push(&come_back_);
    }
}

VOID NTAPI Attachments::come_back_called(PVOID context) noexcept {
    static_cast<Attachments*>(context)->come_back();
}

void Attachments::come_back() {
    const auto say_nothing = [](std::uint64_t) {};
    services_.system().nmr.wait_until_gone(
        nt::nmr::Side::provider, handle(), "the return of WSK", say_nothing);
    {
        const Lock lock(mu_);
        if (presence_ != Presence::leaving) {
            return;
        }
        presence_ = Presence::absent;
    }
    open();
}

NTSTATUS NTAPI Attachments::attach_client(HANDLE binding,
                                          PVOID provider_context,
                                          PNPI_REGISTRATION_INSTANCE,
                                          PVOID,
                                          const VOID* client_dispatch,
                                          PVOID* binding_context,
                                          const VOID** dispatch) noexcept {
    Attachments& self = *static_cast<Attachments*>(provider_context);
    PWSK_CLIENT client = nullptr;
    const NTSTATUS status =
        self.attach(binding, static_cast<const WSK_CLIENT_DISPATCH*>(client_dispatch), &client);
    if (NT_SUCCESS(status)) {
        *binding_context = client;
        *dispatch = &self.dispatch_;
    }
    return status;
}

NTSTATUS Attachments::attach(HANDLE binding,
                             const WSK_CLIENT_DISPATCH* client,
                             PWSK_CLIENT* made) noexcept {
    if (client == nullptr) {
        return STATUS_INVALID_PARAMETER;
    }
    nt::mm::require_memory(
        client, sizeof *client, "a WSK_CLIENT_DISPATCH", "NmrClientAttachProvider");
    if (!supports(client->Version)) {
        return STATUS_NOINTERFACE;
    }
    std::unique_ptr<Client> attached(services_.faults().strikes(Fault::attachment)
                                         ? nullptr
                                         : new (std::nothrow) Client(services_, *this, binding));
    if (attached == nullptr) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    *made = attached->api();
    const Lock lock(mu_);
    clients_.emplace(*made, std::move(attached));
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI Attachments::detach_client(PVOID binding_context) noexcept {
    return client_of(binding_context).detach();
}

void Attachments::client_detached(PVOID binding_context) noexcept {
    client_of(binding_context).client_detached();
}

VOID NTAPI Attachments::clean_up(PVOID binding_context) noexcept {
    Client& client = client_of(binding_context);
    OWSK_ASSERT(client.is_unused());
    client.attachments().forget(client.api());
}

void Attachments::forget(PWSK_CLIENT client) noexcept {
    const Lock lock(mu_);
    clients_.erase(client);
}

Client& Attachments::begin_call(PWSK_CLIENT client, const char* function) noexcept {
    bool is_attached = false;
    Client* caller = nullptr;
    {
        const Lock lock(mu_);
        const auto entry = clients_.find(client);
        is_attached = entry != clients_.end();
        if (is_attached && entry->second->call_began()) {
            caller = entry->second.get();
        }
    }
    if (caller != nullptr) {
        if (services_.faults().strikes(Fault::provider_detach)) {
            leave_soon();
        }
        return *caller;
    }
    if (is_attached) {
        nt::ke::broken_rule(Rule::client_used_after_detach,
                            std::string(function) +
                                " was called after the client had detached from WSK. Call it while "
                                "an NPI is captured, or before the detach is completed.",
                            reinterpret_cast<ULONG_PTR>(client));
    }
    nt::ke::broken_rule(Rule::client_not_recognized,
                        std::string(function) +
                            " was called with an invalid PWSK_CLIENT: take it from the "
                            "WSK_PROVIDER_NPI of WskCaptureProviderNPI, and do not use it after "
                            "WskDeregister.",
                        reinterpret_cast<ULONG_PTR>(client));
}

std::string Attachments::describe(PWSK_CLIENT client) {
    const Lock lock(mu_);
    const auto entry = clients_.find(client);
    return entry == clients_.end() ? "" : entry->second->describe();
}

}  // namespace owsk::wsk
