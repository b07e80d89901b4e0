// SPDX-License-Identifier: MIT
// How many descriptors, and so connections, this process may have.
#pragma once

#include <cstdint>

namespace wskrun {

struct DescriptorLimit {
    std::uint64_t now;
    std::uint64_t allowed;  // what a process of this user may raise it to
};

DescriptorLimit descriptor_limit();
// A server needs a descriptor for each connection, and the usual limit is meant for other programs.
void raise_descriptor_limit();

}  // namespace wskrun
