// SPDX-License-Identifier: MIT
// Attachments: WSK as a provider of the NMR, and the clients that are attached to it.
#pragma once

#include <netioddk.h>
#include <wdm.h>
#include <wsk.h>

#include <map>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "wsk/registration/client.h"

namespace owsk::wsk {

class Attachments {
  public:
    // `dispatch` is what clients get.
    Attachments(Services& services, const WSK_PROVIDER_DISPATCH& dispatch) noexcept;
    // What was leaked goes with the machine.
    ~Attachments() = default;
    Attachments(const Attachments&) = delete;
    Attachments& operator=(const Attachments&) = delete;

    // From now on the NMR offers WSK to clients.
    void open() OWSK_EXCLUDES(mu_);
    // No longer, for good. Clients that hold something stay attached until they have given it back;
    // nobody waits for them here.
    void close() noexcept OWSK_EXCLUDES(mu_);

    // The client behind a driver's PWSK_CLIENT, with one call counted. Anything else is a broken
    // rule.
    Client& begin_call(PWSK_CLIENT client, const char* function) noexcept OWSK_EXCLUDES(mu_);
    // What keeps a client attached; empty if it is not.
    std::string describe(PWSK_CLIENT client) OWSK_EXCLUDES(mu_);

  private:
    enum class Presence : std::uint8_t {
        absent,
        present,
        leaving,  // by Fault::provider_detach, until no client is attached any more
        closed,
    };

    static NTAPI NTSTATUS attach_client(HANDLE binding,
                                        PVOID provider_context,
                                        PNPI_REGISTRATION_INSTANCE instance,
                                        PVOID client_context,
                                        const VOID* client_dispatch,
                                        PVOID* binding_context,
                                        const VOID** dispatch) noexcept;
    static NTAPI NTSTATUS detach_client(PVOID binding_context) noexcept;
    static void client_detached(PVOID binding_context) noexcept;
    static NTAPI VOID clean_up(PVOID binding_context) noexcept;
    static void gone(PVOID provider_context) noexcept;
    static NTAPI VOID leave_called(PVOID context) noexcept;
    static NTAPI VOID come_back_called(PVOID context) noexcept;
    // From inside a call: by and by, on a thread that may call drivers.
    void leave_soon() noexcept OWSK_EXCLUDES(mu_);
    void leave() noexcept OWSK_EXCLUDES(mu_);
    void come_back_soon() noexcept OWSK_EXCLUDES(mu_);
    void come_back() OWSK_EXCLUDES(mu_);
    bool is(Presence presence) noexcept OWSK_EXCLUDES(mu_);
    HANDLE handle() noexcept OWSK_EXCLUDES(mu_);
    NTSTATUS attach(HANDLE binding, const WSK_CLIENT_DISPATCH* client, PWSK_CLIENT* made) noexcept
        OWSK_EXCLUDES(mu_);
    void forget(PWSK_CLIENT client) noexcept OWSK_EXCLUDES(mu_);

    Services& services_;
    const WSK_PROVIDER_DISPATCH& dispatch_;
    WORK_QUEUE_ITEM leave_;
    WORK_QUEUE_ITEM come_back_;

    Mutex mu_{Rank::registry};
    Presence presence_ OWSK_GUARDED_BY(mu_) = Presence::absent;
    HANDLE handle_ OWSK_GUARDED_BY(mu_) = nullptr;  // the NMR's; null while absent
    std::map<PWSK_CLIENT, std::unique_ptr<Client>> clients_ OWSK_GUARDED_BY(mu_);
};

}  // namespace owsk::wsk
