// SPDX-License-Identifier: MIT
// What programs set for themselves, and hosts leave alone.
#include <gtest/gtest.h>
#include <openwsk/process.h>
#include <sched.h>
#include <sys/resource.h>

#include "host/linux/linux_host.h"
#include "host/sim/world.h"

namespace owsk::host {
namespace {

class ProcessTest : public testing::Test {
  protected:
    ProcessTest() {
        EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &limit_before_), 0);
        EXPECT_EQ(::sched_getaffinity(0, sizeof cpus_before_, &cpus_before_), 0);
    }
    ~ProcessTest() override { ::setrlimit(RLIMIT_NOFILE, &limit_before_); }

    void allow_descriptors(rlim_t count) {
        rlimit limit = limit_before_;
        limit.rlim_cur = count;
        ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    }
    bool may_use_the_same_cpus() const {
        cpu_set_t now;
        return ::sched_getaffinity(0, sizeof now, &now) == 0 && CPU_EQUAL(&now, &cpus_before_);
    }

  private:
    rlimit limit_before_ = {};
    cpu_set_t cpus_before_;
};

TEST_F(ProcessTest, AHostLeavesTheDescriptorLimitAlone) {
    allow_descriptors(100);
    const LinuxHost host;
    EXPECT_EQ(descriptor_limit().now, 100U);
}

TEST_F(ProcessTest, TheDescriptorLimitIsRaisedToWhatIsAllowed) {
    allow_descriptors(100);
    raise_descriptor_limit();
    EXPECT_EQ(descriptor_limit().now, descriptor_limit().allowed);
}

TEST_F(ProcessTest, ASimulatedWorldLeavesTheCpusAlone) {
    const World world;
    EXPECT_TRUE(may_use_the_same_cpus());
}

TEST_F(ProcessTest, OneCpuEndsWithItsScope) {
    {
        const OneCpu one_cpu;
        cpu_set_t now;
        ASSERT_EQ(::sched_getaffinity(0, sizeof now, &now), 0);
        EXPECT_EQ(CPU_COUNT(&now), 1);
    }
    EXPECT_TRUE(may_use_the_same_cpus());
}

}  // namespace
}  // namespace owsk::host
