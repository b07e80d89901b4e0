// SPDX-License-Identifier: MIT
// The main function of test programs that run machines: with as many descriptors as the system
// allows, and with each test of a simulation on one CPU.
#include <gtest/gtest.h>
#include <openwsk/process.h>

#include <memory>
#include <string_view>

namespace owsk {
namespace {

class SimulationsOnOneCpu final : public testing::EmptyTestEventListener {
    void OnTestStart(const testing::TestInfo& test) override {
        const std::string_view file = test.file();
        if (file.find("/sim/") != file.npos || file.find("/simulation/") != file.npos) {
            one_cpu_ = std::make_unique<OneCpu>();
        }
    }
    void OnTestEnd(const testing::TestInfo&) override { one_cpu_.reset(); }

    std::unique_ptr<OneCpu> one_cpu_;
};

}  // namespace
}  // namespace owsk

int main(int count, char** values) {
    testing::InitGoogleTest(&count, values);
    owsk::raise_descriptor_limit();
    // GoogleTest deletes it.
    testing::UnitTest::GetInstance()->listeners().Append(new owsk::SimulationsOnOneCpu);
    return RUN_ALL_TESTS();
}
