// SPDX-License-Identifier: MIT
// Clients and providers that come and go at the same time: each is detached once for each time it
// was attached, and cleaned up after both sides have detached.
#include <atomic>

#include "unit/nt/nmr/modules.h"
#include "unit/nt/simulated_fixture.h"

namespace owsk::nt {
namespace {

using SimulatedNmr = SimulatedTest;

// Detaches by the second call, which another thread makes.
template <typename Module>
void complete_elsewhere(SimulatedExecutive& executive, Module& module) {
    module.detach_answer = STATUS_PENDING;
    module.on_detach = [&executive, &module] {
        executive.start([&module, binding = module.binding] {
            module.binding = binding;
            module.complete();
        });
    };
}

struct Counts {
    int asked = 0;
    int detached = 0;
    int cleaned = 0;
};

Counts counts_of(const std::vector<std::string>& notes, const std::string& name) {
    Counts counts;
    for (const std::string& note : notes) {
        counts.asked += note == name + " is asked";
        counts.detached += note == name + " detaches";
        counts.cleaned += note == name + " cleans up";
    }
    return counts;
}

TEST_P(SimulatedNmr, WhoComesAndGoesAtTheSameTimeIsDetachedAndCleanedUpOnce) {
    Notes notes;
    SimulatedExecutive executive(GetParam());
    TestClient client(notes);
    TestProvider provider(notes);
    if (GetParam() % 2 == 0) {
        complete_elsewhere(executive, client);
    }
    if (GetParam() % 3 == 0) {
        complete_elsewhere(executive, provider);
    }
    executive.start([&] {
        EXPECT_EQ(client.enroll(), STATUS_SUCCESS);
        EXPECT_EQ(client.leave(), STATUS_PENDING);
        EXPECT_EQ(client.wait(), STATUS_SUCCESS);
        notes.add("client is gone");
    });
    executive.start([&] {
        EXPECT_EQ(provider.enroll(), STATUS_SUCCESS);
        EXPECT_EQ(provider.leave(), STATUS_PENDING);
        EXPECT_EQ(provider.wait(), STATUS_SUCCESS);
        notes.add("provider is gone");
    });
    executive.join_all();
    executive.join_all();  // whoever completes a detach
    const std::vector<std::string> all = notes.take();
    const Counts of_client = counts_of(all, "client");
    const Counts of_provider = counts_of(all, "provider");
    // They meet once or never.
    EXPECT_LE(of_provider.asked, 1);
    EXPECT_EQ(of_provider.detached, of_provider.asked);
    EXPECT_EQ(of_provider.cleaned, of_provider.asked);
    EXPECT_EQ(of_client.detached, of_provider.asked);
    EXPECT_EQ(of_client.cleaned, of_provider.asked);
    // Nobody is called after the end of the wait.
    for (const char* const name : {"client", "provider"}) {
        bool is_gone = false;
        for (const std::string& note : all) {
            EXPECT_FALSE(is_gone && note == std::string(name) + " cleans up");
            is_gone = is_gone || note == std::string(name) + " is gone";
        }
    }
}
INSTANTIATE_TEST_SUITE_P(Seeds, SimulatedNmr, testing::Range<std::uint64_t>(1, 101));

}  // namespace
}  // namespace owsk::nt
