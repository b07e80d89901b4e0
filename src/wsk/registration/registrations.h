// SPDX-License-Identifier: MIT
// Registrations: the registration blocks of a machine's drivers.
#pragma once

#include <wdm.h>
#include <wsk.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "probe/probes.h"
#include "wsk/registration/attachments.h"
#include "wsk/registration/registration.h"

namespace owsk::wsk {

class Registrations {
  public:
    Registrations(Services& services, Attachments& attachments) noexcept
        : services_(services), attachments_(attachments) {}
    ~Registrations() = default;
    Registrations(const Registrations&) = delete;
    Registrations& operator=(const Registrations&) = delete;

    // The five Wsk functions of the same names.
    NTSTATUS enroll(const WSK_CLIENT_NPI& npi,
                    PWSK_REGISTRATION block,
                    const nt::ke::CallPlace& place) OWSK_EXCLUDES(mu_);
    NTSTATUS capture(PWSK_REGISTRATION block, ULONG timeout_ms, PWSK_PROVIDER_NPI npi) noexcept
        OWSK_EXCLUDES(mu_);
    void release(PWSK_REGISTRATION block) noexcept OWSK_EXCLUDES(mu_);
    NTSTATUS query(PWSK_REGISTRATION block, PWSK_PROVIDER_CHARACTERISTICS characteristics) noexcept
        OWSK_EXCLUDES(mu_);
    void withdraw(PWSK_REGISTRATION block, const void* place) noexcept OWSK_EXCLUDES(mu_);

    std::string describe() OWSK_EXCLUDES(mu_);
    std::uint64_t report_leaks(probe::Probes& probes) OWSK_EXCLUDES(mu_);

  private:
    // The registration of a block, with one call counted; null after WskDeregister. A block that
    // was never registered is a broken rule.
    Registration* begin_call(PWSK_REGISTRATION block, const char* function) noexcept
        OWSK_EXCLUDES(mu_);

    [[noreturn]] static void refuse_second_withdrawal(PWSK_REGISTRATION block) noexcept;

    Services& services_;
    Attachments& attachments_;
    Mutex mu_{Rank::registry};
    std::map<PWSK_REGISTRATION, std::unique_ptr<Registration>> registrations_ OWSK_GUARDED_BY(mu_);
};

}  // namespace owsk::wsk
