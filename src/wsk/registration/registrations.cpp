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

}  // namespace

NTSTATUS Registrations::enroll(const WSK_CLIENT_NPI& npi,
                               PWSK_REGISTRATION block,
                               const nt::ke::CallPlace& place) {
    if (services_.faults().strikes(Fault::registration)) {
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    Registration* registration = nullptr;
    {
        const Lock lock(mu_);
        auto [entry, is_new] = registrations_.try_emplace(block);
        if (!is_new) {
            const nt::ke::Stack stack = entry->second->registered_at().stack();
            nt::ke::broken_rule(Rule::registration_used_twice,
                                "WskRegister was called with a WSK_REGISTRATION block that is "
                                "still registered. Call WskDeregister first, or use a second "
                                "block.",
                                reinterpret_cast<ULONG_PTR>(block),
                                &stack,
                                "it was registered here");
        }
        entry->second = std::make_unique<Registration>(attachments_, services_, npi, place);
        registration = entry->second.get();
    }
    registration->enroll();
    block->ReservedRegistrationState = registered_magic;
    block->ReservedRegistrationContext = registration;
    block->ReservedRegistrationLock = 0;
    return STATUS_SUCCESS;
}

Registration* Registrations::begin_call(PWSK_REGISTRATION block, const char* function) noexcept {
    const Lock lock(mu_);
    const auto entry = registrations_.find(block);
    if (entry != registrations_.end()) {
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

NTSTATUS Registrations::capture(PWSK_REGISTRATION block,
                                ULONG timeout_ms,
                                PWSK_PROVIDER_NPI npi) noexcept {
    nt::ke::require_irql_at_most(timeout_ms == WSK_NO_WAIT ? DISPATCH_LEVEL : PASSIVE_LEVEL,
                                 "WskCaptureProviderNPI");
    if (timeout_ms != WSK_NO_WAIT) {
        nt::ke::require_may_block("WskCaptureProviderNPI with a wait");
    }
    Registration* const registration = begin_call(block, "WskCaptureProviderNPI");
    if (registration == nullptr) {
        return STATUS_DEVICE_NOT_READY;
    }
    const NTSTATUS status = registration->capture(timeout_ms, npi);
    registration->call_ended();
    return status;
}

void Registrations::release(PWSK_REGISTRATION block) noexcept {
    Registration* const registration = begin_call(block, "WskReleaseProviderNPI");
    if (registration != nullptr) {
        registration->release();
        registration->call_ended();
    }
}

NTSTATUS Registrations::query(PWSK_REGISTRATION block,
                              PWSK_PROVIDER_CHARACTERISTICS characteristics) noexcept {
    Registration* const registration = begin_call(block, "WskQueryProviderCharacteristics");
    if (registration == nullptr) {
        return STATUS_DEVICE_NOT_READY;
    }
    const NTSTATUS status = registration->query(characteristics);
    registration->call_ended();
    return status;
}

[[noreturn]] void Registrations::refuse_second_withdrawal(PWSK_REGISTRATION block) noexcept {
    nt::ke::broken_rule(Rule::registration_withdrawn_twice,
                        "WskDeregister was called twice for one WskRegister. The first call was " +
                            (block->ReservedRegistrationState == withdrawn_magic
                                 ? "at " + nt::ke::symbol_of(block->ReservedRegistrationContext)
                                 : "still waiting") +
                            '.',
                        reinterpret_cast<ULONG_PTR>(block));
}

void Registrations::withdraw(PWSK_REGISTRATION block, const void* place) noexcept {
    nt::ke::require_irql_at_most(PASSIVE_LEVEL, "WskDeregister");
    nt::ke::require_may_block("WskDeregister");
    Registration* const registration = begin_call(block, "WskDeregister");
    if (registration == nullptr) {
        refuse_second_withdrawal(block);
    }
    registration->call_ended();
    if (!registration->withdraw()) {
        refuse_second_withdrawal(block);
    }
    for (;;) {
        registration->wait_until_idle();
        const Lock lock(mu_);
        // A capture that came in since will be refused, but it has the registration.
        if (registration->is_idle() || OWSK_PLANTED(late_capture_forgotten)) {
            block->ReservedRegistrationState = withdrawn_magic;
            // A second call will be told where this one was.
            block->ReservedRegistrationContext = const_cast<void*>(place);
            registrations_.erase(block);
            return;
        }
    }
}

std::string Registrations::describe() {
    Lock lock(mu_);
    const std::size_t count = registrations_.size();
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
        count = registrations_.size();
    }
    for (std::uint64_t i = 0; i < count; ++i) {
        probes.leak({"registration", "WskRegister without WskDeregister"});
    }
    return count;
}

}  // namespace owsk::wsk
