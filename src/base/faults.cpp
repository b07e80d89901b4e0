// SPDX-License-Identifier: MIT
// Which occasion fails. Each decision depends on the seed, the fault and the number of the occasion
// alone, so that one fault does not shift another.
#include <openwsk/faults.h>

#include <cmath>
#include <stdexcept>
#include <utility>

#include "base/assert.h"
#include "base/prng.h"

namespace owsk {

namespace {

constexpr std::uint64_t draws = std::uint64_t{1} << 32;

// One generator for each occasion.
Prng prng_of(std::uint64_t seed, Fault fault, std::uint64_t occasion) noexcept {
    Prng of_seed(seed);
    Prng of_fault(of_seed.next() + static_cast<std::uint64_t>(fault));
    return Prng(of_fault.next() + occasion);
}

}  // namespace

void Faults::require_usable(Fault fault) const {
    if (is_network_fault(fault) && !with_network_) {
        throw std::logic_error(std::string("the fault ") + fault_name(fault) +
                               " is one of the network: set MachineOptions::network_faults before "
                               "the machine is made");
    }
}

void Faults::fail_nth(Fault fault, std::uint64_t n) {
    OWSK_ASSERT(n > 0);
    require_usable(fault);
    Plan& plan = plan_of(fault);
    plan.nth.store(plan.occasions.load() + n);
    ever_set_.fetch_or(bit(fault));
    set_.fetch_or(bit(fault));
}

void Faults::fail_with(Fault fault, double probability) {
    OWSK_ASSERT(probability >= 0 && probability <= 1);
    require_usable(fault);
    plan_of(fault).threshold.store(
        static_cast<std::uint64_t>(std::llround(probability * static_cast<double>(draws))));
    ever_set_.fetch_or(bit(fault));
    set_.fetch_or(bit(fault));
}

void Faults::set(const FaultSetting& setting) {
    if (setting.nth > 0) {
        fail_nth(setting.fault, setting.nth);
    } else {
        fail_with(setting.fault, setting.probability);
    }
}

void Faults::clear() noexcept {
    for (std::size_t i = 0; i < fault_count; ++i) {
        clear(static_cast<Fault>(i));
    }
}

void Faults::clear(Fault fault) noexcept {
    set_.fetch_and(~bit(fault));
    Plan& plan = plan_of(fault);
    plan.nth.store(0);
    plan.threshold.store(0);
}

std::uint64_t Faults::occasions(Fault fault) const noexcept {
    return plan_of(fault).occasions.load();
}

std::uint64_t Faults::injected(Fault fault) const noexcept {
    return plan_of(fault).injected.load();
}

std::optional<std::uint64_t> Faults::decide(Fault fault) noexcept {
    Plan& plan = plan_of(fault);
    const std::uint64_t occasion = plan.occasions.fetch_add(1) + 1;
    Prng prng = prng_of(seed_, fault, occasion);
    const bool by_chance = prng.below(draws) < plan.threshold.load();
    if (!by_chance && occasion != plan.nth.load()) {
        return std::nullopt;
    }
    plan.injected.fetch_add(1);
    const std::lock_guard guard(mutex_);
    if (const auto& told = told_[static_cast<std::size_t>(fault)]) {
        told->store(true);
    }
    return prng.next();
}

void Faults::tell(Fault fault, std::shared_ptr<std::atomic<bool>> happened) {
    const std::lock_guard guard(mutex_);
    told_[static_cast<std::size_t>(fault)] = std::move(happened);
}

std::string Faults::line() const {
    std::string text;
    const std::uint64_t shown = ever_set_.load();
    for (std::size_t i = 0; i < fault_count; ++i) {
        const auto fault = static_cast<Fault>(i);
        if ((shown & bit(fault)) != 0) {
            text += (text.empty() ? "faults: " : ", ") + std::string(fault_name(fault)) + ' ' +
                    std::to_string(injected(fault)) + " of " + std::to_string(occasions(fault));
        }
    }
    return text;
}

std::string PlannedFailure::text() const {
    return std::string(fault_name(fault_)) + "=nth:" + std::to_string(nth_);
}

void PlannedFailure::plan(Faults& faults) {
    faults.tell(fault_, happened_);
    faults.fail_nth(fault_, nth_);
    planned_ = true;
}

std::uint64_t for_each_failure(std::initializer_list<Fault> faults,
                               const std::function<void(PlannedFailure&)>& run,
                               std::uint64_t runs_max) {
    std::uint64_t met = 0;
    for (const Fault fault : faults) {
        for (std::uint64_t nth = 1;; ++nth) {
            PlannedFailure failure(fault, nth);
            if (nth > runs_max) {
                throw std::logic_error("still a failure in run " + std::to_string(runs_max) +
                                       " of the sweep (" + failure.text() +
                                       "): each run must do the same");
            }
            run(failure);
            if (!failure.is_planned()) {
                throw std::logic_error("a run of the sweep has not planned its failure (" +
                                       failure.text() + "): it has to call plan(machine.faults())");
            }
            if (!failure.has_happened()) {
                break;
            }
            ++met;
        }
    }
    return met;
}

}  // namespace owsk
