// SPDX-License-Identifier: MIT
// A module as its characteristics describe it.
#include "nt/nmr/module.h"

namespace owsk::nt::nmr {

Registration registration_of(const NPI_CLIENT_CHARACTERISTICS& client, PVOID context) noexcept {
    return {.side = Side::client,
            .context = context,
            .instance = &client.ClientRegistrationInstance,
            .detach = client.ClientDetachProvider,
            .cleanup = client.ClientCleanupBindingContext,
            .attach_provider = client.ClientAttachProvider};
}

Registration registration_of(const NPI_PROVIDER_CHARACTERISTICS& provider, PVOID context) noexcept {
    return {.side = Side::provider,
            .context = context,
            .instance = &provider.ProviderRegistrationInstance,
            .detach = provider.ProviderDetachClient,
            .cleanup = provider.ProviderCleanupBindingContext,
            .attach_client = provider.ProviderAttachClient};
}

Module::Module(const Registration& registered, HANDLE number) noexcept
    : registration(registered), npi(*registered.instance->NpiId), handle(number) {
    KeInitializeEvent(&gone, NotificationEvent, FALSE);
}

}  // namespace owsk::nt::nmr
