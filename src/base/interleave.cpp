// SPDX-License-Identifier: MIT
// What the headers for drivers look at before each of their points.
#include "base/interleave.h"

extern "C" {
int owsk_simulations = 0;
}
