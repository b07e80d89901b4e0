// SPDX-License-Identifier: MIT
// Puts a screen before an accepted gate, and takes both away again.
#include "net/linux/gate/syn/syn_gate.h"

#include <utility>

#include "net/linux/gate/syn/syn_screen.h"

namespace owsk::net {

Result<std::unique_ptr<Listener>> SynGate::open(ListeningSocket socket,
                                                bool v6_only,
                                                AcceptedGate::Late late,
                                                SynService& service,
                                                GateReport report,
                                                GateTerms& terms) noexcept {
    const Address local = socket.local_address();
    const Claim claim(local, v6_only);
    auto screen = std::make_shared<SynScreen>(service, local.family, terms);
    ListenerTable::Place place = service.listeners().enter(claim, screen);
    NTSTATUS status = service.add(local, claim.takes_both_families(), screen);
    if (!NT_SUCCESS(status)) {
        return status;
    }
    status = socket.listen();
    std::unique_ptr<Listener> gate(new SynGate(std::move(socket),
                                               late,
                                               service,
                                               std::move(screen),
                                               std::move(place),
                                               std::move(report),
                                               terms));
    if (!NT_SUCCESS(status)) {
        return status;
    }
    return gate;
}

SynGate::SynGate(ListeningSocket socket,
                 AcceptedGate::Late late,
                 SynService& service,
                 std::shared_ptr<SynScreen> screen,
                 ListenerTable::Place place,
                 GateReport report,
                 GateTerms& terms) noexcept
    : service_(service),
      screen_(std::move(screen)),
      place_(std::move(place)),
      report_(std::move(report)),
      behind_(std::move(socket), late, *screen_, terms) {}

SynGate::~SynGate() {
    if (processor_ == nullptr) {
        // Never started, so close() did not do it.
        screen_->close();
        service_.remove(*screen_);
    }
}

NTSTATUS SynGate::start(host::Processor& processor, ListenerEvents& events) noexcept {
    processor_ = static_cast<host::LinuxProcessor*>(&processor);
    const NTSTATUS status = behind_.start(processor, events);
    if (NT_SUCCESS(status)) {
        // Last: from here on the listener may be closed by whoever is asked.
        screen_->start(*processor_, events);
    } else {
        processor_ = nullptr;
    }
    return status;
}

void SynGate::close(host::Task& closed) noexcept {
    OWSK_ASSERT(processor_ != nullptr && closed_ == nullptr);
    closed_ = &closed;
    place_.step_back();
    behind_.turn_away();
    screen_->close();
    behind_.close(leave_);
}

void SynGate::leave() noexcept {
    // Not here: the programs that may be needed would keep the processor waiting.
    service_.loop(0).post_anywhere(remove_rules_);
}

void SynGate::remove_rules() noexcept {
    service_.remove(*screen_);
    place_.leave();
    pass_next_queue();
}

void SynGate::pass_next_queue() noexcept {
    ++queues_passed_;
    if (queues_passed_ < service_.queue_count()) {
        service_.loop(queues_passed_).post_anywhere(pass_next_queue_);
    } else {
        processor_->post(end_);
    }
}

void SynGate::end() noexcept {
    screen_->deliver();
    closed_->run();
}

}  // namespace owsk::net
