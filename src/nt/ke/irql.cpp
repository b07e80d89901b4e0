// SPDX-License-Identifier: MIT
// The IRQL: a number of each thread. Nothing is masked by it; it decides what a driver may call.
#include "nt/ke/irql.h"

#include <string>

#include "base/interleave.h"
#include "nt/ke/bug_check.h"

namespace owsk::nt::ke {

namespace {

[[noreturn]] void refuse_irql(Rule rule, KIRQL allowed, const std::string& sentence) noexcept {
    broken_rule(rule, {.parameters = {0, current_irql(), allowed, 0}, .sentence = sentence});
}

std::string at_irql(const char* function) {
    return std::string(function) + " was called at IRQL " + std::to_string(current_irql());
}

}  // namespace

void detail::refuse_irql_above(KIRQL max, const char* function) noexcept {
    refuse_irql(Rule::function_called_above_its_irql,
                max,
                at_irql(function) + "; it may be called at IRQL <= " + std::to_string(max) + '.');
}

void detail::refuse_irql_below(KIRQL min, const char* function) noexcept {
    refuse_irql(Rule::function_called_below_its_irql,
                min,
                at_irql(function) + "; it may be called at IRQL >= " + std::to_string(min) + '.');
}

void detail::refuse_to_lower_irql(KIRQL wanted) noexcept {
    const KIRQL previous = current_irql();
    if (wanted > previous) {
        refuse_irql(Rule::irql_lowered_upwards,
                    previous,
                    "KeLowerIrql was asked to raise the IRQL from " + std::to_string(previous) +
                        " to " + std::to_string(wanted) + '.');
    }
    broken_rule(Rule::irql_lowered_in_callback,
                {.parameters = {previous, wanted, 1},
                 .sentence = "A DPC or callback lowered the IRQL to " + std::to_string(wanted) +
                             "; it runs at DISPATCH_LEVEL from beginning to end."});
}

}  // namespace owsk::nt::ke

using namespace owsk::nt::ke;

// KeGetCurrentIrql: the IRQL of the calling thread.
//
// IRQL       any
extern "C" KIRQL NTAPI KeGetCurrentIrql(VOID) {
    owsk::pass(owsk::Point::memory);
    return current_irql();
}

// KfRaiseIrql: raise the IRQL, and return the one before.
//
// IRQL       <= NewIrql
extern "C" KIRQL NTAPI KfRaiseIrql(KIRQL NewIrql) {
    const KIRQL previous = current_irql();
    if (NewIrql < previous) {
        refuse_irql(owsk::Rule::irql_raised_downwards,
                    NewIrql,
                    "KeRaiseIrql was asked to lower the IRQL from " + std::to_string(previous) +
                        " to " + std::to_string(NewIrql) + '.');
    }
    set_irql(NewIrql);
    return previous;
}

// KeRaiseIrqlToDpcLevel: raise the IRQL to DISPATCH_LEVEL, and return the one before.
//
// IRQL       <= DISPATCH_LEVEL
extern "C" KIRQL NTAPI KeRaiseIrqlToDpcLevel(VOID) {
    return KfRaiseIrql(DISPATCH_LEVEL);
}

// KeLowerIrql: go back to the IRQL that a raise returned.
//
// IRQL       >= NewIrql
extern "C" VOID NTAPI KeLowerIrql(KIRQL NewIrql) {
    lower_irql(NewIrql);
}
