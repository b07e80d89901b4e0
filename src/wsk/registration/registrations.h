// SPDX-License-Identifier: MIT
// Registrations: the registration blocks of a machine's drivers, and whether the provider is ready.
#pragma once

#include <wdm.h>
#include <wsk.h>

#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "probe/probes.h"
#include "wsk/registration/client.h"

namespace owsk::wsk {

class Registrations {
  public:
    // `dispatch` is what WskCaptureProviderNPI hands out.
    Registrations(Services& services, const WSK_PROVIDER_DISPATCH& dispatch) noexcept;
    ~Registrations();
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

    // The client behind a driver's PWSK_CLIENT, with one call counted. Anything else is a broken
    // rule.
    Client& begin_call(PWSK_CLIENT client, const char* function) noexcept OWSK_EXCLUDES(mu_);

    void set_ready(bool ready) noexcept;

    std::string describe() OWSK_EXCLUDES(mu_);
    std::uint64_t report_leaks(probe::Probes& probes) OWSK_EXCLUDES(mu_);

  private:
    // The client behind a block, with one call counted; null after WskDeregister. A block that was
    // never registered is a broken rule.
    Client* begin_call(PWSK_REGISTRATION block, const char* function) noexcept OWSK_EXCLUDES(mu_);
    bool is_ready() noexcept;
    NTSTATUS wait_until_ready(Client& client, ULONG timeout_ms) noexcept;

    Services& services_;
    const WSK_PROVIDER_DISPATCH& dispatch_;
    KEVENT ready_;
    Mutex mu_{Rank::registry};
    std::map<PWSK_REGISTRATION, std::unique_ptr<Client>> clients_ OWSK_GUARDED_BY(mu_);
};

}  // namespace owsk::wsk
