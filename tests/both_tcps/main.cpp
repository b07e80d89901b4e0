// SPDX-License-Identifier: MIT
// In a network namespace of its own, where a tun device may be made.
#include <gtest/gtest.h>

#include "conformance/own_network.h"

int main(int count, char** values) {
    using owsk::conformance::OwnNetwork;
    switch (owsk::conformance::enter_own_network(values)) {
        case OwnNetwork::entered:
            break;
        case OwnNetwork::not_allowed:
            return 77;
        case OwnNetwork::failed:
            return 1;
    }
    testing::InitGoogleTest(&count, values);
    return RUN_ALL_TESTS();
}
