// SPDX-License-Identifier: MIT
// What all clients and sockets of a machine share.
#include "wsk/provider.h"

#include "base/prng.h"
#include "wsk/socket/socket.h"

namespace owsk::wsk {

Provider::Provider(nt::System& system, net::Network& network, ProviderOptions options)
    : system_(system),
      network_(network),
      options_(options),
      lingering_(system.host(), system.probes()),
      registrations_(*this) {
    system_.extension = this;
}

Provider::~Provider() {
    system_.extension = nullptr;
}

Provider& Provider::current() noexcept {
    nt::Extension* extension = nt::System::current().extension;
    OWSK_ASSERT(extension != nullptr);
    return static_cast<Provider&>(*extension);
}

void Provider::start() noexcept {
    const nt::ThreadScope scope(system_);
    registrations_.set_ready(true);
}

void Provider::stop() noexcept {
    const nt::ThreadScope scope(system_);
    registrations_.set_ready(false);
    lingering_.wait_until_none();
}

CompletionMode Provider::choose(Operation operation) noexcept {
    CompletionMode mode = options_.completion;
    if (mode == CompletionMode::mixed) {
        // The n-th call of a run gets the n-th choice of the seed.
        Prng prng(options_.seed + choices_.fetch_add(1, std::memory_order_relaxed));
        constexpr CompletionMode modes[] = {
            CompletionMode::windows, CompletionMode::at_once, CompletionMode::deferred};
        mode = modes[prng.next() % std::size(modes)];
    }
    if (faults().strikes(Fault::late_completion)) {
        return CompletionMode::deferred;
    }
    const bool control = operation == Operation::control || operation == Operation::query_address ||
                         operation == Operation::inspect;
    return mode == CompletionMode::windows && control ? CompletionMode::at_once : mode;
}

NTSTATUS Provider::finish(Request request, NTSTATUS status, ULONG_PTR information) noexcept {
    request.decide(status, information);
    const CompletionMode mode = choose(request.operation());
    if (mode == CompletionMode::deferred || completion_depth() >= completion_depth_max) {
        request.mark_pending();
        later_.add(system_.host().processor(0), request);
        return STATUS_PENDING;
    }
    if (mode == CompletionMode::windows && NT_SUCCESS(status)) {
        request.mark_pending();
        status = STATUS_PENDING;
    }
    request.complete();
    return status;
}

host::Processor& Provider::next_processor() noexcept {
    host::Host& host = system_.host();
    const unsigned turn = next_processor_.fetch_add(1, std::memory_order_relaxed);
    return host.processor(turn % host.processor_count());
}

std::string Provider::open_things() {
    std::string text = registrations_.describe();
    const std::string sockets = sockets_.describe();
    if (!text.empty() && !sockets.empty()) {
        text += ", ";
    }
    return text + sockets;
}

void Provider::note_unreleased_indications(const std::string& socket, ULONG count) {
    lost_indications_.fetch_add(count);
    probes().leak({"retained indication", std::to_string(count) + " of " + socket});
}

std::uint64_t Provider::report_leaks() {
    return registrations_.report_leaks(probes()) + sockets_.report_leaks(probes()) +
           lost_indications_.load();
}

void Provider::LaterCompletions::add(host::Processor& processor, Request request) noexcept {
    Lock lock(mu_);
    requests_.push(request);
    processor.post(*this);
}

void Provider::LaterCompletions::run() noexcept {
    for (;;) {
        Request request;
        {
            Lock lock(mu_);
            if (requests_.empty()) {
                return;
            }
            request = requests_.pop();
        }
        request.complete();
    }
}

}  // namespace owsk::wsk
