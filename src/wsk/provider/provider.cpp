// SPDX-License-Identifier: MIT
// What all clients and sockets of a machine share.
#include "wsk/provider/provider.h"

#include "wsk/provider/provider_npi.h"

namespace owsk::wsk {

Provider::Provider(nt::System& system, net::Network& network, ProviderOptions options)
    : Services(system,
               network,
               options.sends,
               {completion_,
                ownerless_,
                blocks_,
                addresses_,
                address_changes_,
                extensions_,
                address_lists_,
                descriptors_,
                sockets_,
                listeners_,
                lingering_}),
      completion_(options.completion, options.seed, system.faults()),
      ownerless_(system.host(), completion_),
      address_changes_(*this, listeners_),
      lingering_(system.host(), system.probes()),
      attachments_(*this, provider_dispatch),
      registrations_(*this, attachments_) {
    system.extension = this;
}

Provider::~Provider() {
    system().extension = nullptr;
}

void Provider::start() noexcept {
    const nt::ThreadScope scope(system());
    attachments_.open();
}

void Provider::stop() noexcept {
    const nt::ThreadScope scope(system());
    attachments_.close();
    lingering_.wait_until_none();
}

std::string Provider::open_things() {
    std::string text = registrations_.describe();
    const std::string sockets = sockets_.describe();
    if (!text.empty() && !sockets.empty()) {
        text += ", ";
    }
    return text + sockets;
}

std::uint64_t Provider::report_leaks() {
    return registrations_.report_leaks(probes()) + sockets_.report_leaks(probes()) +
           address_lists_.report_leaks(probes()) + descriptors_.report_leaks(probes()) +
           lost_indications();
}

}  // namespace owsk::wsk
