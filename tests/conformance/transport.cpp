// SPDX-License-Identifier: MIT
// Which transport the tests run on.
#include "conformance/transport.h"

#include "base/assert.h"
#include "conformance/linux_transport.h"
#include "conformance/sim_transport.h"
#include "conformance/tested.h"

namespace owsk::conformance {

namespace {

Transport* current = nullptr;

}  // namespace

Transport::Transport() {
    OWSK_ASSERT(current == nullptr);
    current = this;
}

Transport::~Transport() {
    current = nullptr;
}

Transport& transport() {
    OWSK_ASSERT(current != nullptr);
    return *current;
}

std::unique_ptr<Transport> new_transport() {
    if (tested_network == TestedNetwork::simulated) {
        return std::make_unique<SimTransport>();
    }
    return std::make_unique<LinuxTransport>();
}

}  // namespace owsk::conformance
