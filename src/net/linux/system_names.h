// SPDX-License-Identifier: MIT
// What this system knows of names: the files, name servers and whatever else nsswitch.conf names.
#pragma once

#include "net/resolver.h"

namespace owsk::net {

// Asks the C library, and waits for as long as that takes; nothing can interrupt it. Any thread.
LookupAnswer ask_system(const LookupQuestion& question);

}  // namespace owsk::net
