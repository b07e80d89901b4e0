// SPDX-License-Identifier: MIT
// What is said about what is not an IRP, or one that somebody else has.
#include <string>

#include "nt/io/irp.h"
#include "nt/ke/bug_check.h"

namespace owsk::nt::io {

void detail::refuse_irp(const IRP* irp, const char* function) noexcept {
    ke::broken_rule(Rule::irp_not_recognized,
                    std::string(function) +
                        " was given something that is not an IRP: it was never initialised, or "
                        "has been freed.",
                    reinterpret_cast<ULONG_PTR>(irp));
}

void detail::refuse_held(const IRP* irp, Rule rule, const char* function) noexcept {
    ke::broken_rule(rule,
                    std::string(function) +
                        " was given an IRP of a request that is still pending, made at " +
                        ke::symbol_of(held_since(irp)) +
                        ". The IRP is the driver's again when its completion routine is "
                        "called.",
                    reinterpret_cast<ULONG_PTR>(irp));
}

}  // namespace owsk::nt::io
