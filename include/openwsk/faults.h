// SPDX-License-Identifier: MIT
// Faults: what a machine makes fail on purpose, the n-th time or with a probability.
//
//     machine.faults().fail_nth(Fault::irp_allocation, 3);
//
//     for_each_failure({Fault::pool_allocation, Fault::irp_allocation}, [](PlannedFailure& failure)
//     {
//         Machine machine;
//         failure.plan(machine.faults());
//         ...  // what has to survive: each allocation fails once, one in each run
//     });
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace owsk {

enum class Fault : std::uint8_t {
#define OWSK_FAULT(name, text) name,
#include <openwsk/faults.def>
#undef OWSK_FAULT
};

inline constexpr std::size_t fault_count = 0
#define OWSK_FAULT(name, text) +1
#include <openwsk/faults.def>
#undef OWSK_FAULT
    ;

// As in faults.def: "irp_allocation", and a sentence for people.
const char* fault_name(Fault fault) noexcept;
const char* fault_text(Fault fault) noexcept;
// Needs MachineOptions::network_faults.
bool is_network_fault(Fault fault) noexcept;
std::optional<Fault> fault_of(std::string_view name) noexcept;
// "pool_allocation, irp_allocation, ..."
std::string all_fault_names();

// When a fault strikes, as a command line or a scenario file says it: "irp_allocation=nth:3",
// "short_send=percent:5" (or percent:0.5).
struct FaultSetting {
    Fault fault = {};
    std::uint64_t nth = 0;   // from 1 on; 0: by `probability`
    double probability = 0;  // 0 to 1
};
// Throws std::invalid_argument with a sentence that says what is wrong and what is right.
FaultSetting parse_fault_setting(const std::string& text);

// From any thread. An occasion is a moment at which the fault may strike: an allocation, a
// transfer. Occasions are counted while their fault is set.
class Faults {
  public:
    // `seed` decides for fail_with(), and for what is left open, such as where a send is cut.
    explicit Faults(std::uint64_t seed, bool with_network = false) noexcept
        : seed_(seed), with_network_(with_network) {}
    Faults(const Faults&) = delete;
    Faults& operator=(const Faults&) = delete;

    // The n-th occasion from now fails, once. Precondition: n > 0. A network fault on a machine
    // without MachineOptions::network_faults throws std::logic_error.
    void fail_nth(Fault fault, std::uint64_t n);
    // From now on each occasion fails with this probability, 0 to 1. With 0 they are only counted.
    void fail_with(Fault fault, double probability);
    void set(const FaultSetting& setting);
    // From now on nothing fails. The numbers stay.
    void clear() noexcept;
    void clear(Fault fault) noexcept;

    std::uint64_t occasions(Fault fault) const noexcept;
    std::uint64_t injected(Fault fault) const noexcept;
    // "faults: irp_allocation 1 of 12, short_send 3 of 40"; empty if none was ever set.
    std::string line() const;

    // For code that fails on purpose: an occasion. If it fails, a number from the seed says how.
    std::optional<std::uint64_t> strike(Fault fault) noexcept {
        return is_set(fault) ? decide(fault) : std::nullopt;
    }
    bool strikes(Fault fault) noexcept { return strike(fault).has_value(); }
    bool is_set(Fault fault) const noexcept {
        return (set_.load(std::memory_order_relaxed) & bit(fault)) != 0;
    }

  private:
    friend class PlannedFailure;
    struct Plan {
        std::atomic<std::uint64_t> occasions = 0;
        std::atomic<std::uint64_t> injected = 0;
        std::atomic<std::uint64_t> nth = 0;        // the occasion that fails; 0: none
        std::atomic<std::uint64_t> threshold = 0;  // of 2^32 draws, as many fail
    };
    static_assert(fault_count <= 64);

    static constexpr std::uint64_t bit(Fault fault) noexcept {
        return std::uint64_t{1} << static_cast<unsigned>(fault);
    }
    Plan& plan_of(Fault fault) noexcept { return plans_[static_cast<std::size_t>(fault)]; }
    const Plan& plan_of(Fault fault) const noexcept {
        return plans_[static_cast<std::size_t>(fault)];
    }
    void require_usable(Fault fault) const;
    void tell(Fault fault, std::shared_ptr<std::atomic<bool>> happened);
    std::optional<std::uint64_t> decide(Fault fault) noexcept;

    const std::uint64_t seed_;
    const bool with_network_;
    std::atomic<std::uint64_t> set_ = 0;  // a bit for each fault
    std::atomic<std::uint64_t> ever_set_ = 0;
    std::array<Plan, fault_count> plans_;
    std::mutex mutex_;
    std::array<std::shared_ptr<std::atomic<bool>>, fault_count> told_;  // by mutex_
};

// One failure of a sweep.
class PlannedFailure {
  public:
    PlannedFailure(Fault fault, std::uint64_t nth) : fault_(fault), nth_(nth) {}
    PlannedFailure(const PlannedFailure&) = delete;
    PlannedFailure& operator=(const PlannedFailure&) = delete;

    Fault fault() const noexcept { return fault_; }
    std::uint64_t nth() const noexcept { return nth_; }
    // "irp_allocation=nth:3", as wskrun --fault takes it.
    std::string text() const;

    // The n-th occasion from now fails, on this machine. Once in each run.
    void plan(Faults& faults);
    bool is_planned() const noexcept { return planned_; }
    bool has_happened() const noexcept { return happened_->load(); }

  private:
    const Fault fault_;
    const std::uint64_t nth_;
    bool planned_ = false;
    // The machine may be destroyed before this object, or after it.
    const std::shared_ptr<std::atomic<bool>> happened_ = std::make_shared<std::atomic<bool>>(false);
};

// Calls `run` again and again, with the first occasion of the first fault planned to fail, then the
// second, until a run has met no failure, and so for each fault. Returns how many runs met one.
// `run` must plan its failure, or std::logic_error is thrown. So is it when a fault is met in
// `runs_max` runs of one fault: then `run` does more each time, and would never end.
std::uint64_t for_each_failure(std::initializer_list<Fault> faults,
                               const std::function<void(PlannedFailure&)>& run,
                               std::uint64_t runs_max = 10'000);

}  // namespace owsk
