// SPDX-License-Identifier: MIT
// Registrar: the Network Module Registrar of a machine. Clients and providers of an interface find
// each other here, and part again when one of them goes.
#pragma once

#include <netioddk.h>
#include <wdm.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "nt/nmr/module.h"
#include "probe/probes.h"

namespace owsk::nt::nmr {

class Registrar {
  public:
    Registrar() = default;
    // What was leaked goes with the machine; no driver is called.
    ~Registrar() = default;
    Registrar(const Registrar&) = delete;
    Registrar& operator=(const Registrar&) = delete;

    // Offers the module to everybody on the other side, on the calling thread. `*handle` is known
    // before the first of them is called.
    void add(const Registration& registration, HANDLE* handle) OWSK_EXCLUDES(mu_);
    // Detaches the module from everybody, and offers it to nobody any more. STATUS_PENDING, or
    // STATUS_INVALID_PARAMETER if no such module is registered, or no longer.
    NTSTATUS remove(Side side, HANDLE handle) noexcept OWSK_EXCLUDES(mu_);
    // Waits until a removed module is detached from everybody, and forgets its handle. `remind` is
    // called every few seconds meanwhile, with the seconds that have passed.
    // STATUS_INVALID_PARAMETER if the module was not removed before.
    NTSTATUS wait_until_gone(Side side,
                             HANDLE handle,
                             const char* function,
                             const std::function<void(std::uint64_t seconds)>& remind)
        OWSK_EXCLUDES(mu_);

    // NmrClientAttachProvider: inside ClientAttachProvider, the client's wish.
    NTSTATUS attach(HANDLE binding,
                    PVOID client_context,
                    const VOID* client_dispatch,
                    PVOID* provider_context,
                    const VOID** provider_dispatch) noexcept OWSK_EXCLUDES(mu_);
    // The end of a detach that a callback had answered with STATUS_PENDING; anything else is a
    // broken rule that names `function`.
    void detach_completed(Side side, HANDLE binding, const char* function) noexcept
        OWSK_EXCLUDES(mu_);

    // Whether a driver has registered a module that is not gone.
    bool has_modules_of_drivers() noexcept OWSK_EXCLUDES(mu_);
    // What drivers have registered and whom their detaching waits for; for people. Empty: nothing.
    std::string describe() OWSK_EXCLUDES(mu_);
    std::uint64_t report_leaks(probe::Probes& probes) OWSK_EXCLUDES(mu_);

  private:
    HANDLE next_handle_locked() noexcept OWSK_REQUIRES(mu_);
    Module* find_module_locked(Side side, HANDLE handle) noexcept OWSK_REQUIRES(mu_);
    Binding* find_binding_locked(HANDLE handle) noexcept OWSK_REQUIRES(mu_);
    std::vector<Binding*> bind_locked(Module& module) OWSK_REQUIRES(mu_);
    // What is told to a module that is gone, which may be forgotten by then.
    struct Farewell {
        void (*tell)(PVOID context) noexcept = nullptr;
        PVOID context = nullptr;

        void say() const noexcept {
            if (tell != nullptr) {
                tell(context);
            }
        }
    };
    static Farewell end_locked(Module& module) noexcept;
    void forget(Binding& binding) noexcept OWSK_EXCLUDES(mu_);
    void offer(Binding& binding) noexcept OWSK_EXCLUDES(mu_);
    void detach(Binding& binding, Side first) noexcept OWSK_EXCLUDES(mu_);
    void detach_end(Binding& binding, Side side) noexcept OWSK_EXCLUDES(mu_);
    void end_detached(Binding& binding, Side side) noexcept OWSK_EXCLUDES(mu_);

    Mutex mu_{Rank::executive};
    std::map<HANDLE, std::unique_ptr<Module>> modules_ OWSK_GUARDED_BY(mu_);
    std::map<HANDLE, std::unique_ptr<Binding>> bindings_ OWSK_GUARDED_BY(mu_);
    // Numbers, none of which comes twice: a handle that is used too late is never another's.
    std::uintptr_t last_handle_ OWSK_GUARDED_BY(mu_) = 0;
};

}  // namespace owsk::nt::nmr
