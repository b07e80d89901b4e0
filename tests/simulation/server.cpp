// SPDX-License-Identifier: MIT
// A machine by the seed, and the driver's part of its registration.
#include "simulation/server.h"

#include "base/status_name.h"
#include "simulation/run.h"

namespace owsk::scenarios {

Server::Server(Run& run, std::string name, std::string ip, const ServerPlan& plan)
    : run_(run), name_(std::move(name)), ip_(std::move(ip)), leaks_(run) {
    computer_ = &run_.simulation().add_computer(name_, {ip_});
    machine_ = &computer_->start_machine(machine_options(plan));
    if (plan.capricious) {
        set_caprices();
    }
    if (plan.registered) {
        perform([this] { attach(); });
    }
}

Server::~Server() = default;

MachineOptions Server::machine_options(const ServerPlan& plan) {
    constexpr CompletionMode modes[] = {CompletionMode::windows,
                                        CompletionMode::immediate,
                                        CompletionMode::deferred,
                                        CompletionMode::mixed,
                                        CompletionMode::hostile};
    MachineOptions options;
    options.processors =
        plan.processors != 0 ? plan.processors : static_cast<unsigned>(run_.between(1, 3));
    completion_ = modes[run_.below(std::size(modes))];
    completion_ = run_.completion().value_or(completion_);
    options.completion = completion_;
    options.sends = run_.chance(30) ? SendCompletion::acknowledged : SendCompletion::buffered;
    options.seed = run_.below(1'000'000);
    options.network_faults = true;
    options.observers = {&leaks_};
    if (run_.journal() != nullptr) {
        options.observers.push_back(&run_.journal()->observer_of(name_));
    }
    options.on_bug_check = [this](const BugCheck& check) {
        const std::string finder =
            check.rule ? "rule " + std::string(rule_name(*check.rule)) : "bug check " + check.name;
        run_.fail(finder + ": " + check.text);
    };
    return options;
}

void Server::set_caprices() {
    Faults& faults = machine_->faults();
    constexpr Fault harmless[] = {Fault::indication_list,
                                  Fault::indication_chain,
                                  Fault::late_completion,
                                  Fault::late_turn,
                                  Fault::receive_memory,
                                  Fault::short_send,
                                  Fault::short_receive};
    for (const Fault fault : harmless) {
        if (run_.chance(30)) {
            faults.fail_with(fault, static_cast<double>(run_.between(1, 40)) / 100);
        }
    }
}

void Server::attach() {
    dispatch_ = {MAKE_WSK_VERSION(1, 0), 0, nullptr};
    WSK_CLIENT_NPI npi = {nullptr, &dispatch_};
    NTSTATUS status = WskRegister(&npi, &registration_);
    if (NT_SUCCESS(status)) {
        status = WskCaptureProviderNPI(&registration_, WSK_INFINITE_WAIT, &npi_);
    }
    if (!NT_SUCCESS(status)) {
        run_.fail("the driver could not register: " + status_name(status));
    }
    attached_ = true;
}

void Server::detach() {
    if (std::exchange(attached_, false)) {
        WskReleaseProviderNPI(&registration_);
        WskDeregister(&registration_);
    }
}

void Server::start(const std::string& thread, std::function<void()> body) {
    ++running_;
    threads_.push_back(
        run_.simulation().start_thread(name_ + '.' + thread, [this, body = std::move(body)] {
            {
                const Machine::Attachment attachment(*machine_);
                body();
            }
            --running_;
        }));
}

void Server::perform(std::function<void()> body) {
    bool ended = false;
    start("driver", [&] {
        body();
        ended = true;
    });
    run_.until("the driver's thread", [&] { return ended; });
}

void Server::stop() {
    perform([this] {
        detach();
        kept_.clear();
    });
    join_threads();
    leaks_.check_stopped(machine_->stop());
}

void Server::sleep(std::chrono::nanoseconds time) {
    LARGE_INTEGER interval;
    interval.QuadPart = -(time.count() + 99) / 100;  // relative, in units of 100 ns
    if (interval.QuadPart != 0) {
        KeDelayExecutionThread(KernelMode, FALSE, &interval);
    }
}

}  // namespace owsk::scenarios
