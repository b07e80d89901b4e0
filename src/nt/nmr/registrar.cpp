// SPDX-License-Identifier: MIT
// Modules: how they come, go, and are waited for. What happens between two of them is in
// binding.cpp.
#include "nt/nmr/registrar.h"

#include <cstring>

#include "nt/ke/stack.h"
#include "nt/ke/wait.h"

namespace owsk::nt::nmr {

namespace {

// How long a wait lasts before it says so, and again.
constexpr LONGLONG reminder_interval_s = 3;
constexpr LONGLONG units_per_s = 10'000'000;

bool is_same_interface(const NPIID& one, const NPIID& other) noexcept {
    return std::memcmp(&one, &other, sizeof(NPIID)) == 0;
}

std::string function_name(const char* begin, Side side, const char* end) {
    return std::string(begin) + (side == Side::client ? "Client" : "Provider") + end;
}

std::string missing_call(const Module& module) {
    const Side side = module.registration.side;
    const std::string registered = function_name("NmrRegister", side, " without ");
    return registered + (module.is_leaving ? function_name("NmrWaitFor", side, "DeregisterComplete")
                                           : function_name("NmrDeregister", side, ""));
}

}  // namespace

HANDLE Registrar::next_handle_locked() noexcept {
    last_handle_ += 4;
    return reinterpret_cast<HANDLE>(last_handle_);
}

Module* Registrar::find_module_locked(Side side, HANDLE handle) noexcept {
    const auto entry = modules_.find(handle);
    return entry != modules_.end() && entry->second->registration.side == side ? entry->second.get()
                                                                               : nullptr;
}

std::vector<Binding*> Registrar::bind_locked(Module& module) {
    std::vector<Binding*> made;
    for (const auto& [handle, found] : modules_) {
        if (found->registration.side == module.registration.side || found->is_leaving ||
            !is_same_interface(found->npi, module.npi)) {
            continue;
        }
        const bool is_client = module.registration.side == Side::client;
        Module& client = is_client ? module : *found;
        Module& provider = is_client ? *found : module;
        const HANDLE number = next_handle_locked();
        auto binding = std::make_unique<Binding>(client, provider, number);
        made.push_back(binding.get());
        bindings_.emplace(number, std::move(binding));
        ++client.bindings;
        ++provider.bindings;
    }
    return made;
}

void Registrar::add(const Registration& registration, HANDLE* handle) {
    std::vector<Binding*> bindings;
    {
        const Lock lock(mu_);
        const HANDLE number = next_handle_locked();
        Module& module =
            *modules_.emplace(number, std::make_unique<Module>(registration, number)).first->second;
        bindings = bind_locked(module);
        *handle = number;
    }
    for (Binding* const binding : bindings) {
        offer(*binding);
    }
}

Registrar::Farewell Registrar::end_locked(Module& module) noexcept {
    KeSetEvent(&module.gone, IO_NO_INCREMENT, FALSE);
    return {.tell = module.registration.gone, .context = module.registration.context};
}

NTSTATUS Registrar::remove(Side side, HANDLE handle) noexcept {
    std::vector<Binding*> bindings;
    Farewell farewell;
    {
        const Lock lock(mu_);
        Module* const module = find_module_locked(side, handle);
        if (module == nullptr || module->is_leaving) {
            return STATUS_INVALID_PARAMETER;
        }
        module->is_leaving = true;
        for (const auto& [number, binding] : bindings_) {
            // Whoever offers one sees afterwards that it is unwanted.
            if (&binding->end(side).module == module && !binding->is_offered &&
                !binding->is_detaching) {
                binding->is_detaching = true;
                bindings.push_back(binding.get());
            }
        }
        if (module->bindings == 0) {
            farewell = end_locked(*module);
        }
    }
    farewell.say();
    for (Binding* const binding : bindings) {
        detach(*binding, side);
    }
    return STATUS_PENDING;
}

NTSTATUS Registrar::wait_until_gone(Side side,
                                    HANDLE handle,
                                    const char* function,
                                    const std::function<void(std::uint64_t seconds)>& remind) {
    Module* module = nullptr;
    {
        const Lock lock(mu_);
        module = find_module_locked(side, handle);
        if (module == nullptr || !module->is_leaving) {
            return STATUS_INVALID_PARAMETER;
        }
        ++module->waiters;
    }
    LARGE_INTEGER interval;
    interval.QuadPart = -reminder_interval_s * units_per_s;
    std::uint64_t seconds = 0;
    while (ke::wait_for_one(module->gone.Header, &interval, function, host::Sleep::For::reminder) ==
           STATUS_TIMEOUT) {
        seconds += reminder_interval_s;
        remind(seconds);
    }
    // Whoever has signalled the event may still hold the lock.
    const Lock lock(mu_);
    if (--module->waiters == 0) {
        modules_.erase(handle);
    }
    return STATUS_SUCCESS;
}

bool Registrar::has_modules_of_drivers() noexcept {
    const Lock lock(mu_);
    for (const auto& [handle, module] : modules_) {
        if (module->registration.owner == Owner::driver) {
            return true;
        }
    }
    return false;
}

std::string Registrar::describe() {
    const Lock lock(mu_);
    std::string text;
    const auto add_text = [&text](const std::string& more) {
        text += (text.empty() ? "" : ", ") + more;
    };
    for (const auto& [handle, module] : modules_) {
        if (module->registration.owner == Owner::driver) {
            add_text(missing_call(*module));
        }
    }
    for (const auto& [handle, binding] : bindings_) {
        for (const Binding::End& end : binding->ends) {
            if (end.detach == Binding::Detach::pending &&
                end.module.registration.owner == Owner::driver) {
                add_text(end.module.registration.side == Side::client
                             ? "a detach without NmrClientDetachProviderComplete"
                             : "a detach without NmrProviderDetachClientComplete");
            }
        }
    }
    return text;
}

std::uint64_t Registrar::report_leaks(probe::Probes& probes) {
    std::vector<std::string> leaks;
    {
        const Lock lock(mu_);
        for (const auto& [handle, module] : modules_) {
            if (module->registration.owner == Owner::driver) {
                leaks.push_back(missing_call(*module) + ", registered at " +
                                ke::symbol_of(module->registration.place));
            }
        }
    }
    for (const std::string& leak : leaks) {
        probes.leak({"NMR registration", leak});
    }
    return leaks.size();
}

}  // namespace owsk::nt::nmr
