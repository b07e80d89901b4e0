// SPDX-License-Identifier: MIT
// Registering, capturing the provider NPI, and the way back.
#include "wsk/registration/registrations.h"

#include "base/planted.h"
#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"
#include "nt/ke/no_wait.h"

namespace owsk::wsk {

namespace {

// ReservedRegistrationState of a block: what it is, for calls that come at the wrong time.
constexpr ULONGLONG registered_magic = 0x4F57534B'52454731;
constexpr ULONGLONG withdrawn_magic = 0x4F57534B'52454730;

constexpr USHORT lowest_version = MAKE_WSK_VERSION(1, 0);
constexpr USHORT highest_version = MAKE_WSK_VERSION(1, 1);

bool supports(USHORT version) noexcept {
    return version >= lowest_version && version <= highest_version;
}

// Negative: from now on, in units of 100 ns.
LARGE_INTEGER relative_ms(ULONG milliseconds) noexcept {
    LARGE_INTEGER interval;
    interval.QuadPart = -static_cast<LONGLONG>(milliseconds) * 10'000;
    return interval;
}

}  // namespace

Registrations::Registrations(Services& services, const WSK_PROVIDER_DISPATCH& dispatch) noexcept
    : services_(services), dispatch_(dispatch) {
    KeInitializeEvent(&ready_, NotificationEvent, FALSE);
}

Registrations::~Registrations() = default;

void Registrations::set_ready(bool ready) noexcept {
    if (ready) {
        KeSetEvent(&ready_, IO_NO_INCREMENT, FALSE);
    } else {
        KeClearEvent(&ready_);
    }
}

bool Registrations::is_ready() noexcept {
    return KeReadStateEvent(&ready_) != 0;
}

NTSTATUS Registrations::enroll(const WSK_CLIENT_NPI& npi,
                               PWSK_REGISTRATION block,
                               const nt::ke::CallPlace& place) {
    if (services_.faults().strikes(Fault::registration)) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    Lock lock(mu_);
    auto [entry, is_new] = clients_.try_emplace(block);
    if (!is_new) {
        const nt::ke::Stack stack = entry->second->registered_at().stack();
        nt::ke::broken_rule(Rule::registration_used_twice,
                            "WskRegister was called with a WSK_REGISTRATION block that is still "
                            "registered. Call WskDeregister first, or use a second block.",
                            reinterpret_cast<ULONG_PTR>(block),
                            &stack,
                            "it was registered here");
    }
    entry->second = std::make_unique<Client>(services_, npi, place);
    block->ReservedRegistrationState = registered_magic;
    block->ReservedRegistrationContext = entry->second.get();
    block->ReservedRegistrationLock = 0;
    return STATUS_SUCCESS;
}

Client* Registrations::begin_call(PWSK_REGISTRATION block, const char* function) noexcept {
    Lock lock(mu_);
    const auto entry = clients_.find(block);
    if (entry != clients_.end()) {
        entry->second->call_began();
        return entry->second.get();
    }
    if (block == nullptr || block->ReservedRegistrationState != withdrawn_magic) {
        nt::ke::broken_rule(Rule::registration_not_recognized,
                            std::string(function) +
                                " was called with a WSK_REGISTRATION block that "
                                "WskRegister has not filled, or that was overwritten since.",
                            reinterpret_cast<ULONG_PTR>(block));
    }
    return nullptr;
}

Client& Registrations::begin_call(PWSK_CLIENT client, const char* function) noexcept {
    {
        Lock lock(mu_);
        for (const auto& [block, registered] : clients_) {
            if (registered->api() == client) {
                registered->call_began();
                return *registered;
            }
        }
    }
    nt::ke::broken_rule(Rule::client_not_recognized,
                        std::string(function) +
                            " was called with an invalid PWSK_CLIENT: take it from the "
                            "WSK_PROVIDER_NPI of WskCaptureProviderNPI, and do not use it after "
                            "WskDeregister.",
                        reinterpret_cast<ULONG_PTR>(client));
}

NTSTATUS Registrations::wait_until_ready(Client& client, ULONG timeout_ms) noexcept {
    LARGE_INTEGER interval = relative_ms(timeout_ms);
    PVOID objects[] = {client.deregistering_event(), &ready_};
    const NTSTATUS status =
        KeWaitForMultipleObjects(2,
                                 objects,
                                 WaitAny,
                                 Executive,
                                 KernelMode,
                                 FALSE,
                                 timeout_ms == WSK_INFINITE_WAIT ? nullptr : &interval,
                                 nullptr);
    return status == STATUS_WAIT_1 ? STATUS_SUCCESS : STATUS_DEVICE_NOT_READY;
}

NTSTATUS Registrations::capture(PWSK_REGISTRATION block,
                                ULONG timeout_ms,
                                PWSK_PROVIDER_NPI npi) noexcept {
    nt::ke::require_irql_at_most(timeout_ms == WSK_NO_WAIT ? DISPATCH_LEVEL : PASSIVE_LEVEL,
                                 "WskCaptureProviderNPI");
    if (timeout_ms != WSK_NO_WAIT) {
        nt::ke::require_may_block("WskCaptureProviderNPI with a wait");
    }
    Client* client = begin_call(block, "WskCaptureProviderNPI");
    if (client == nullptr) {
        return STATUS_DEVICE_NOT_READY;
    }
    NTSTATUS status = wait_until_ready(*client, timeout_ms);
    if (NT_SUCCESS(status) && !supports(client->version())) {
        status = STATUS_NOINTERFACE;
    }
    if (NT_SUCCESS(status)) {
        client->npi_captured();
        npi->Client = client->api();
        npi->Dispatch = &dispatch_;
    }
    client->call_ended();
    return status;
}

void Registrations::release(PWSK_REGISTRATION block) noexcept {
    Client* client = begin_call(block, "WskReleaseProviderNPI");
    if (client != nullptr) {
        client->npi_released();
        client->call_ended();
    }
}

NTSTATUS Registrations::query(PWSK_REGISTRATION block,
                              PWSK_PROVIDER_CHARACTERISTICS characteristics) noexcept {
    Client* client = begin_call(block, "WskQueryProviderCharacteristics");
    if (client == nullptr || !is_ready()) {
        if (client != nullptr) {
            client->call_ended();
        }
        return STATUS_DEVICE_NOT_READY;
    }
    characteristics->HighestVersion = highest_version;
    characteristics->LowestVersion = lowest_version;
    client->call_ended();
    return STATUS_SUCCESS;
}

void Registrations::withdraw(PWSK_REGISTRATION block, const void* place) noexcept {
    nt::ke::require_irql_at_most(PASSIVE_LEVEL, "WskDeregister");
    nt::ke::require_may_block("WskDeregister");
    Client* client = begin_call(block, "WskDeregister");
    if (client == nullptr) {
        nt::ke::broken_rule(Rule::registration_withdrawn_twice,
                            "WskDeregister was called twice for one WskRegister. The first call "
                            "was at " +
                                nt::ke::symbol_of(block->ReservedRegistrationContext) + '.',
                            reinterpret_cast<ULONG_PTR>(block));
    }
    client->call_ended();
    client->begin_deregistration();
    for (;;) {
        client->wait_until_drained();
        Lock lock(mu_);
        // A capture that came in since will be refused, but it has the client.
        if (client->is_drained() || OWSK_PLANTED(late_capture_forgotten)) {
            block->ReservedRegistrationState = withdrawn_magic;
            // A second call will be told where this one was.
            block->ReservedRegistrationContext = const_cast<void*>(place);
            clients_.erase(block);
            return;
        }
    }
}

std::string Registrations::describe() {
    Lock lock(mu_);
    const std::size_t count = clients_.size();
    if (count == 0) {
        return "";
    }
    return std::to_string(count) + (count == 1 ? " registration without WskDeregister"
                                               : " registrations without WskDeregister");
}

std::uint64_t Registrations::report_leaks(probe::Probes& probes) {
    std::uint64_t count = 0;
    {
        Lock lock(mu_);
        count = clients_.size();
    }
    for (std::uint64_t i = 0; i < count; ++i) {
        probes.leak({"registration", "WskRegister without WskDeregister"});
    }
    return count;
}

}  // namespace owsk::wsk
