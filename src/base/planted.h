// SPDX-License-Identifier: MIT
// OWSK_PLANTED(name): a place where the product goes wrong on purpose. In the product it is false.
// tests/simulation/canaries builds the floors host and wsk once more, plants one fault after
// another, and the simulation has to find each.
#pragma once

#ifdef OWSK_PLANTED_FAULTS
namespace owsk {
bool is_planted(const char* fault) noexcept;
}
#define OWSK_PLANTED(name) ::owsk::is_planted(#name)
#else
#define OWSK_PLANTED(name) false
#endif
