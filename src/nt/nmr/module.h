// SPDX-License-Identifier: MIT
// Module: one registration with the NMR, of a client or a provider; Binding: what a client and a
// provider of the same interface are to each other.
#pragma once

#include <netioddk.h>
#include <wdm.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace owsk::nt::nmr {

enum class Side : std::uint8_t { client, provider };

inline Side other(Side side) noexcept {
    return side == Side::client ? Side::provider : Side::client;
}
inline const char* side_name(Side side) noexcept {
    return side == Side::client ? "client" : "provider";
}

// Where a module comes from. What is ours is neither a leak nor anything that a driver has to end.
enum class Owner : std::uint8_t { driver, subsystem };

// What a module registers. The callbacks are copied; the registration instance has to stay.
struct Registration {
    Side side;
    PVOID context;
    PNPI_REGISTRATION_INSTANCE instance;
    NTSTATUS(NTAPI* detach)(PVOID binding_context);
    VOID(NTAPI* cleanup)(PVOID binding_context);               // may be null
    PNPI_CLIENT_ATTACH_PROVIDER_FN attach_provider = nullptr;  // of a client
    PNPI_PROVIDER_ATTACH_CLIENT_FN attach_client = nullptr;    // of a provider
    // Of a provider of ours, which may have to know when no call of a client can come any more: the
    // client has detached. Called before the provider can have detached.
    void (*client_detached)(PVOID binding_context) noexcept = nullptr;
    // Of a module of ours: it was removed, and is detached from everybody. At IRQL <=
    // DISPATCH_LEVEL.
    void (*gone)(PVOID context) noexcept = nullptr;
    Owner owner = Owner::driver;
    const void* place = nullptr;  // who registered, for reports
};

Registration registration_of(const NPI_CLIENT_CHARACTERISTICS& client, PVOID context) noexcept;
Registration registration_of(const NPI_PROVIDER_CHARACTERISTICS& provider, PVOID context) noexcept;

// Guarded by the registrar's lock, except for what does not change.
struct Module {
    Module(const Registration& registered, HANDLE number) noexcept;

    const Registration registration;
    const NPIID npi;
    const HANDLE handle;
    ULONG bindings = 0;
    ULONG waiters = 0;        // threads in NmrWaitFor...DeregisterComplete
    bool is_leaving = false;  // deregistered
    KEVENT gone;              // and without bindings
};

// Guarded by the registrar's lock.
struct Binding {
    // How far one side has come with detaching.
    enum class Detach : std::uint8_t {
        none,       // nobody has asked
        asked,      // its callback runs
        completed,  // it said so while its callback was still running
        pending,    // its callback returned STATUS_PENDING
        done,
    };
    struct End {
        Module& module;
        PVOID context = nullptr;
        Detach detach = Detach::none;
    };

    Binding(Module& client, Module& provider, HANDLE number) noexcept
        : ends{End{client}, End{provider}}, handle(number) {}

    End& end(Side side) noexcept { return ends[static_cast<std::size_t>(side)]; }
    bool is_unwanted() const noexcept {
        return ends[0].module.is_leaving || ends[1].module.is_leaving;
    }
    bool has_detached() const noexcept {
        return ends[0].detach == Detach::done && ends[1].detach == Detach::done;
    }

    std::array<End, 2> ends;
    const HANDLE handle;
    bool is_offered = true;     // ClientAttachProvider runs, or is about to
    bool is_attached = false;   // the provider has accepted the client
    bool is_detaching = false;  // somebody sees to it
};

}  // namespace owsk::nt::nmr
