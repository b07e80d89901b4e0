// SPDX-License-Identifier: MIT
// RtlRandomEx: the same seed gives the same numbers, in every machine and on every run.
#include <ntifs.h>

#include "base/prng.h"

namespace owsk::nt::rtl {

// RtlRandomEx: a number from 0 to MAXLONG - 1, and the seed of the next one.
//
// The seed walks through all of its values (a Lehmer generator, as Windows documents it for
// RtlUniform); the number is a scrambled seed, because neighbours of that walk are alike.
//
// IRQL       any
extern "C" ULONG NTAPI RtlRandomEx(PULONG Seed) {
    const std::uint64_t step = std::uint64_t{*Seed} * 0x7FFFFFED + 0x7FFFFFC3;
    *Seed = static_cast<ULONG>(step % MAXLONG);
    return static_cast<ULONG>(Prng(*Seed).next() % MAXLONG);
}

}  // namespace owsk::nt::rtl
