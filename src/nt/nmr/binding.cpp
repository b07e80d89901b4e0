// SPDX-License-Identifier: MIT
// What a client and a provider of the same interface go through together: offered, attached,
// detached, cleaned up. No lock is held while either is called.
#include "base/assert.h"
#include "nt/ke/bug_check.h"
#include "nt/ke/irql.h"
#include "nt/nmr/registrar.h"

namespace owsk::nt::nmr {

namespace {

[[noreturn]] void refuse_attach_status(HANDLE binding, bool is_attached) noexcept {
    ke::broken_rule(
        Rule::attach_status_not_passed_on,
        is_attached
            ? "ClientAttachProvider returned a failure although NmrClientAttachProvider had "
              "succeeded. It must return the status of NmrClientAttachProvider."
            : "ClientAttachProvider returned STATUS_SUCCESS, but no call of "
              "NmrClientAttachProvider in it has succeeded. A client that does not attach "
              "returns STATUS_NOINTERFACE.",
        reinterpret_cast<ULONG_PTR>(binding));
}

[[noreturn]] void refuse_completion(HANDLE binding, const char* function) noexcept {
    ke::broken_rule(Rule::detach_completed_without_pending,
                    std::string(function) +
                        " was called, but no detach of this binding is pending: it is for a "
                        "callback that has returned STATUS_PENDING, and once for each.",
                    reinterpret_cast<ULONG_PTR>(binding));
}

}  // namespace

Binding* Registrar::find_binding_locked(HANDLE handle) noexcept {
    const auto entry = bindings_.find(handle);
    return entry == bindings_.end() ? nullptr : entry->second.get();
}

// The last binding of a module that has left lets go whoever waits for it.
void Registrar::forget(Binding& binding) noexcept {
    std::array<Farewell, 2> farewells;
    {
        const Lock lock(mu_);
        for (std::size_t i = 0; i < farewells.size(); ++i) {
            Module& module = binding.ends[i].module;
            if (--module.bindings == 0 && module.is_leaving) {
                farewells[i] = end_locked(module);
            }
        }
        bindings_.erase(binding.handle);
    }
    for (const Farewell& farewell : farewells) {
        farewell.say();
    }
}

void Registrar::offer(Binding& binding) noexcept {
    const Registration& client = binding.end(Side::client).module.registration;
    const Registration& provider = binding.end(Side::provider).module.registration;
    bool is_wanted = true;
    {
        const Lock lock(mu_);
        is_wanted = !binding.is_unwanted();
    }
    if (!is_wanted) {
        forget(binding);
        return;
    }
    OWSK_ASSERT(holds_no_lock());
    const NTSTATUS status =
        client.attach_provider(binding.handle, client.context, provider.instance);
    bool is_attached = false;
    Side first = Side::client;
    {
        const Lock lock(mu_);
        is_attached = binding.is_attached;
        // One that is not attached counts as offered until it is forgotten: nobody detaches it.
        binding.is_offered = !is_attached;
        is_wanted = !binding.is_unwanted();
        binding.is_detaching = is_attached && !is_wanted;
        first = binding.end(Side::client).module.is_leaving ? Side::client : Side::provider;
    }
    if (is_attached != (status == STATUS_SUCCESS)) {
        refuse_attach_status(binding.handle, is_attached);
    }
    if (!is_attached) {
        forget(binding);
    } else if (!is_wanted) {
        detach(binding, first);
    }
}

NTSTATUS Registrar::attach(HANDLE handle,
                           PVOID client_context,
                           const VOID* client_dispatch,
                           PVOID* provider_context,
                           const VOID** provider_dispatch) noexcept {
    Binding* binding = nullptr;
    {
        const Lock lock(mu_);
        binding = find_binding_locked(handle);
        if (binding == nullptr || !binding->is_offered || binding->is_attached) {
            return STATUS_INVALID_PARAMETER;
        }
        if (binding->is_unwanted()) {
            return STATUS_DEVICE_NOT_READY;
        }
    }
    OWSK_ASSERT(holds_no_lock());
    const Registration& provider = binding->end(Side::provider).module.registration;
    PVOID context = nullptr;
    const VOID* dispatch = nullptr;
    const NTSTATUS status =
        provider.attach_client(handle,
                               provider.context,
                               binding->end(Side::client).module.registration.instance,
                               client_context,
                               client_dispatch,
                               &context,
                               &dispatch);
    if (status == STATUS_SUCCESS) {
        const Lock lock(mu_);
        binding->is_attached = true;
        binding->end(Side::client).context = client_context;
        binding->end(Side::provider).context = context;
        *provider_context = context;
        *provider_dispatch = dispatch;
    }
    return status;
}

void Registrar::detach(Binding& binding, Side first) noexcept {
    detach_end(binding, first);
    detach_end(binding, other(first));
}

void Registrar::detach_end(Binding& binding, Side side) noexcept {
    Binding::End& end = binding.end(side);
    {
        const Lock lock(mu_);
        end.detach = Binding::Detach::asked;
    }
    OWSK_ASSERT(holds_no_lock());
    const HANDLE handle = binding.handle;
    const bool is_pending = end.module.registration.detach(end.context) == STATUS_PENDING;
    bool is_completed = false;
    {
        const Lock lock(mu_);
        is_completed = end.detach == Binding::Detach::completed;
        if (is_pending && !is_completed) {
            end.detach = Binding::Detach::pending;
            return;
        }
    }
    if (is_completed && !is_pending) {
        refuse_completion(handle,
                          side == Side::client ? "NmrClientDetachProviderComplete"
                                               : "NmrProviderDetachClientComplete");
    }
    end_detached(binding, side);
}

void Registrar::detach_completed(Side side, HANDLE handle, const char* function) noexcept {
    Binding* binding = nullptr;
    bool is_asked = false;
    {
        const Lock lock(mu_);
        binding = find_binding_locked(handle);
        if (binding != nullptr) {
            Binding::Detach& detach = binding->end(side).detach;
            is_asked = detach == Binding::Detach::asked;
            if (is_asked) {
                detach = Binding::Detach::completed;
            } else if (detach != Binding::Detach::pending) {
                binding = nullptr;
            } else {
                // Another call for the same detach comes too late.
                detach = Binding::Detach::completed;
            }
        }
    }
    if (binding == nullptr) {
        refuse_completion(handle, function);
    }
    if (!is_asked) {
        end_detached(*binding, side);
    }
}

void Registrar::end_detached(Binding& binding, Side side) noexcept {
    const Binding::End& client = binding.end(Side::client);
    const Binding::End& provider = binding.end(Side::provider);
    const auto tell = side == Side::client ? provider.module.registration.client_detached : nullptr;
    const PVOID provider_context = provider.context;
    bool is_over = false;
    {
        const Lock lock(mu_);
        binding.end(side).detach = Binding::Detach::done;
        is_over = binding.has_detached();
    }
    // From here on the other side may end the binding, unless it waits to be told.
    if (tell != nullptr) {
        tell(provider_context);
    }
    if (!is_over) {
        return;
    }
    for (const Binding::End* const end : {&client, &provider}) {
        if (end->module.registration.cleanup != nullptr) {
            end->module.registration.cleanup(end->context);
        }
    }
    forget(binding);
}

}  // namespace owsk::nt::nmr
