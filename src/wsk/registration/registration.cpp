// SPDX-License-Identifier: MIT
// A registration between the driver, which captures, and the NMR, which attaches and detaches.
#include "wsk/registration/registration.h"

#include "base/planted.h"
#include "host/readable.h"
#include "nt/ke/bug_check.h"
#include "nt/ke/wait.h"
#include "nt/nmr/registrar.h"
#include "wsk/registration/counts.h"

namespace owsk::wsk {

namespace {

constexpr NPI_MODULEID client_module = {
    .Length = sizeof(NPI_MODULEID),
    .Type = MIT_GUID,
    .Guid = {0x5A8B8A4C, 0x1C4F, 0x4D0B, {0x9A, 0x37, 0x0F, 0x6B, 0x52, 0xC1, 0x7D, 0x02}}};
constexpr NPI_REGISTRATION_INSTANCE client_instance = {.Version = 0,
                                                       .Size = sizeof(NPI_REGISTRATION_INSTANCE),
                                                       .NpiId = &NPI_WSK_INTERFACE_ID,
                                                       .ModuleId = &client_module,
                                                       .Number = 0,
                                                       .NpiSpecificCharacteristics = nullptr};

// Negative: from now on, in units of 100 ns.
LARGE_INTEGER relative_ms(ULONG milliseconds) noexcept {
    LARGE_INTEGER interval;
    interval.QuadPart = -static_cast<LONGLONG>(milliseconds) * 10'000;
    return interval;
}

}  // namespace

Registration::Registration(Attachments& attachments,
                           Services& services,
                           const WSK_CLIENT_NPI& npi,
                           const nt::ke::CallPlace& place) noexcept
    : attachments_(attachments),
      services_(services),
      dispatch_(npi.Dispatch),
      dispatch_then_(*npi.Dispatch),
      registered_at_(place) {
    KeInitializeEvent(&decided_, NotificationEvent, FALSE);
    KeInitializeEvent(&withdrawing_, NotificationEvent, FALSE);
    KeInitializeEvent(&idle_, NotificationEvent, FALSE);
}

Registration::~Registration() {
    const Lock lock(mu_);
    OWSK_ASSERT(calls_ == 0);
}

void Registration::enroll() {
    services_.system().nmr.add({.side = nt::nmr::Side::client,
                                .context = this,
                                .instance = &client_instance,
                                .detach = detach_provider,
                                .cleanup = nullptr,
                                .attach_provider = attach_provider,
                                .owner = nt::nmr::Owner::subsystem},
                               &handle_);
}

// The table must stay as it was at WskRegister.
void Registration::require_unchanged() const noexcept {
    if (!host::is_readable_now(dispatch_, sizeof *dispatch_) ||
        dispatch_->Version != dispatch_then_.Version ||
        dispatch_->Reserved != dispatch_then_.Reserved ||
        dispatch_->WskClientEvent != dispatch_then_.WskClientEvent) {
        const nt::ke::Stack stack = registered_at_.stack();
        nt::ke::broken_rule(Rule::client_dispatch_changed,
                            "The WSK_CLIENT_DISPATCH that WskRegister was given has changed. It "
                            "must stay as it is until WskDeregister; one on a stack does not.",
                            reinterpret_cast<ULONG_PTR>(dispatch_),
                            &stack,
                            "WskRegister was called here");
    }
}

NTSTATUS NTAPI Registration::attach_provider(HANDLE binding,
                                             PVOID context,
                                             PNPI_REGISTRATION_INSTANCE provider) noexcept {
    return static_cast<Registration*>(context)->attach(binding, provider);
}

NTSTATUS Registration::attach(HANDLE binding, PNPI_REGISTRATION_INSTANCE provider) noexcept {
    const auto* const versions =
        static_cast<const WSK_PROVIDER_CHARACTERISTICS*>(provider->NpiSpecificCharacteristics);
    {
        const Lock lock(mu_);
        // A driver may provide the same interface, but this is for WSK's own, and one at a time.
        if (versions == nullptr || state_ == State::attached || is_detach_pending_) {
            return STATUS_NOINTERFACE;
        }
    }
    require_unchanged();
    PVOID client = nullptr;
    const VOID* functions = nullptr;
    const NTSTATUS status = NmrClientAttachProvider(binding, this, dispatch_, &client, &functions);
    // WSK is not there for long enough to say what it thinks of the client.
    if (status != STATUS_DEVICE_NOT_READY) {
        const Lock lock(mu_);
        versions_ = *versions;
        refusal_ = status;
        state_ = status == STATUS_SUCCESS ? State::attached : State::refused;
        if (state_ == State::attached) {
            binding_ = binding;
            npi_ = {.Client = static_cast<PWSK_CLIENT>(client),
                    .Dispatch = static_cast<const WSK_PROVIDER_DISPATCH*>(functions)};
        }
        KeSetEvent(&decided_, IO_NO_INCREMENT, FALSE);
    }
    return status;
}

NTSTATUS NTAPI Registration::detach_provider(PVOID context) noexcept {
    return static_cast<Registration*>(context)->detach();
}

NTSTATUS Registration::detach() noexcept {
    const Lock lock(mu_);
    state_ = State::alone;
    KeClearEvent(&decided_);
    is_detach_pending_ = captures_ != 0 && !OWSK_PLANTED(deregistered_too_early);
    return is_detach_pending_ ? STATUS_PENDING : STATUS_SUCCESS;
}

bool Registration::withdraw() {
    {
        const Lock lock(mu_);
        is_withdrawing_ = true;
        if (calls_ == 0) {
            KeSetEvent(&idle_, IO_NO_INCREMENT, FALSE);
        }
    }
    KeSetEvent(&withdrawing_, IO_NO_INCREMENT, FALSE);
    nt::nmr::Registrar& nmr = services_.system().nmr;
    if (nmr.remove(nt::nmr::Side::client, handle_) != STATUS_PENDING) {
        return false;
    }
    nmr.wait_until_gone(
        nt::nmr::Side::client, handle_, "WskDeregister", [this](std::uint64_t seconds) {
            const std::string holds = describe() + " (in WskDeregister)";
            services_.probes().unload_waits({holds, seconds});
        });
    return true;
}

void Registration::call_began() noexcept {
    const Lock lock(mu_);
    ++calls_;
    if (is_withdrawing_) {
        KeClearEvent(&idle_);
    }
}

void Registration::call_ended() noexcept {
    const Lock lock(mu_);
    if (--calls_ == 0 && is_withdrawing_) {
        KeSetEvent(&idle_, IO_NO_INCREMENT, FALSE);
    }
}

void Registration::wait_until_idle() noexcept {
    nt::ke::wait_for_one(idle_.Header, nullptr, "WskDeregister");
    // Whoever has signalled the event may still hold the lock.
    const Lock lock(mu_);
}

bool Registration::is_idle() noexcept {
    const Lock lock(mu_);
    return calls_ == 0;
}

NTSTATUS Registration::wait_until_decided(ULONG timeout_ms) noexcept {
    LARGE_INTEGER interval = relative_ms(timeout_ms);
    PVOID objects[] = {&withdrawing_, &decided_};
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

NTSTATUS Registration::capture(ULONG timeout_ms, PWSK_PROVIDER_NPI npi) noexcept {
    for (;;) {
        const NTSTATUS status = wait_until_decided(timeout_ms);
        if (!NT_SUCCESS(status)) {
            return status;
        }
        require_unchanged();
        const Lock lock(mu_);
        if (state_ == State::attached) {
            ++captures_;
            *npi = npi_;
            return STATUS_SUCCESS;
        }
        if (state_ == State::refused) {
            return refusal_;
        }
        // It was there, and has left.
        if (timeout_ms != WSK_INFINITE_WAIT) {
            return STATUS_DEVICE_NOT_READY;
        }
    }
}

void Registration::release() noexcept {
    bool was_captured = false;
    bool is_last = false;
    HANDLE binding = nullptr;
    {
        const Lock lock(mu_);
        was_captured = captures_ != 0;
        if (was_captured && --captures_ == 0 && is_detach_pending_) {
            is_detach_pending_ = false;
            is_last = true;
            binding = binding_;
        }
    }
    if (!was_captured) {
        nt::ke::broken_rule(
            Rule::npi_released_too_often,
            "WskReleaseProviderNPI was called more often than WskCaptureProviderNPI "
            "has succeeded for this registration.",
            reinterpret_cast<ULONG_PTR>(this));
    }
    if (is_last) {
        NmrClientDetachProviderComplete(binding);
    }
}

NTSTATUS Registration::query(PWSK_PROVIDER_CHARACTERISTICS versions) noexcept {
    const Lock lock(mu_);
    if (state_ == State::alone) {
        return STATUS_DEVICE_NOT_READY;
    }
    *versions = versions_;
    return STATUS_SUCCESS;
}

std::string Registration::describe() {
    std::string text;
    PWSK_CLIENT client = nullptr;
    {
        const Lock lock(mu_);
        append_count(text, captures_, "captured NPI", "captured NPIs");
        client = npi_.Client;
    }
    const std::string held = attachments_.describe(client);
    return text + (text.empty() || held.empty() ? "" : ", ") + held;
}

}  // namespace owsk::wsk
