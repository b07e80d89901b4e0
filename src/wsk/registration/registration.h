// SPDX-License-Identifier: MIT
// Registration: one WskRegister. It is a client of the NMR that attaches to WSK on behalf of a
// driver, which captures and releases what it has got there.
#pragma once

#include <netioddk.h>
#include <wdm.h>
#include <wsk.h>

#include <string>

#include "base/mutex.h"
#include "nt/ke/call_place.h"
#include "wsk/registration/attachments.h"

namespace owsk::wsk {

class Registration {
  public:
    // Copies what it needs of the NPI, which may live on the stack. WskRegister was called at
    // `place`.
    Registration(Attachments& attachments,
                 Services& services,
                 const WSK_CLIENT_NPI& npi,
                 const nt::ke::CallPlace& place) noexcept;
    // Precondition: idle.
    ~Registration();
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;

    const nt::ke::CallPlace& registered_at() const noexcept { return registered_at_; }

    // Makes the NMR attach it, now if WSK is there.
    void enroll();
    // Is detached, and waits for that; says every few seconds for what. False if it was before.
    bool withdraw();

    // Calls of the other functions are counted: the registration lasts as long as one.
    void call_began() noexcept OWSK_EXCLUDES(mu_);
    void call_ended() noexcept OWSK_EXCLUDES(mu_);
    void wait_until_idle() noexcept;
    bool is_idle() noexcept OWSK_EXCLUDES(mu_);

    NTSTATUS capture(ULONG timeout_ms, PWSK_PROVIDER_NPI npi) noexcept OWSK_EXCLUDES(mu_);
    void release() noexcept OWSK_EXCLUDES(mu_);
    NTSTATUS query(PWSK_PROVIDER_CHARACTERISTICS versions) noexcept OWSK_EXCLUDES(mu_);

  private:
    enum class State : std::uint8_t {
        alone,  // WSK is not there, or goes
        attached,
        refused,  // by WSK, for a reason
    };

    static NTAPI NTSTATUS attach_provider(HANDLE binding,
                                          PVOID context,
                                          PNPI_REGISTRATION_INSTANCE provider) noexcept;
    static NTAPI NTSTATUS detach_provider(PVOID context) noexcept;
    NTSTATUS attach(HANDLE binding, PNPI_REGISTRATION_INSTANCE provider) noexcept
        OWSK_EXCLUDES(mu_);
    NTSTATUS detach() noexcept OWSK_EXCLUDES(mu_);
    void require_unchanged() const noexcept;
    NTSTATUS wait_until_decided(ULONG timeout_ms) noexcept;
    std::string describe() OWSK_EXCLUDES(mu_);

    Attachments& attachments_;
    Services& services_;
    const WSK_CLIENT_DISPATCH* const dispatch_;
    const WSK_CLIENT_DISPATCH dispatch_then_;
    const nt::ke::CallPlace registered_at_;
    HANDLE handle_ = nullptr;  // the NMR's
    KEVENT decided_;           // attached or refused
    KEVENT withdrawing_;
    KEVENT idle_;  // while it is withdrawn

    Mutex mu_{Rank::client};
    State state_ OWSK_GUARDED_BY(mu_) = State::alone;
    NTSTATUS refusal_ OWSK_GUARDED_BY(mu_) = STATUS_SUCCESS;
    WSK_PROVIDER_CHARACTERISTICS versions_ OWSK_GUARDED_BY(mu_) = {};  // unless alone
    HANDLE binding_ OWSK_GUARDED_BY(mu_) = nullptr;
    WSK_PROVIDER_NPI npi_ OWSK_GUARDED_BY(mu_) = {};
    ULONG captures_ OWSK_GUARDED_BY(mu_) = 0;
    ULONG calls_ OWSK_GUARDED_BY(mu_) = 0;
    bool is_withdrawing_ OWSK_GUARDED_BY(mu_) = false;
    bool is_detach_pending_ OWSK_GUARDED_BY(mu_) = false;
};

}  // namespace owsk::wsk
