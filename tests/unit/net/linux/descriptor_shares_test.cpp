// SPDX-License-Identifier: MIT
// How many descriptors a listener may keep when the user has not said so.
#include "net/linux/descriptor_shares.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace owsk::net {
namespace {

class DescriptorSharesTest : public testing::Test {
  protected:
    DescriptorSharesTest() { EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0); }
    ~DescriptorSharesTest() override { ::setrlimit(RLIMIT_NOFILE, &before_); }

    static void limit_descriptors(rlim_t count) {
        rlimit limit = {};
        ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
        limit.rlim_cur = count;
        ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    }

  private:
    rlimit before_ = {};
};

TEST_F(DescriptorSharesTest, AnEighthIsDividedAmongTheListenersThatThereAre) {
    limit_descriptors(800);
    DescriptorShares shares;
    const DescriptorShares::Member one(shares);
    EXPECT_EQ(one.bound(0, 1024), 100U);
    {
        const DescriptorShares::Member other(shares);
        EXPECT_EQ(one.bound(0, 1024), 50U);
        EXPECT_EQ(other.bound(0, 1024), 50U);
    }
    EXPECT_EQ(one.bound(0, 1024), 100U);
}

TEST_F(DescriptorSharesTest, NoMoreThanUsualAndNeverNone) {
    limit_descriptors(800);
    DescriptorShares shares;
    const DescriptorShares::Member one(shares);
    EXPECT_EQ(one.bound(0, 10), 10U);
    limit_descriptors(64);
    DescriptorShares few;
    const DescriptorShares::Member members[] = {DescriptorShares::Member(few),
                                                DescriptorShares::Member(few),
                                                DescriptorShares::Member(few),
                                                DescriptorShares::Member(few),
                                                DescriptorShares::Member(few),
                                                DescriptorShares::Member(few),
                                                DescriptorShares::Member(few),
                                                DescriptorShares::Member(few),
                                                DescriptorShares::Member(few)};
    EXPECT_EQ(members[0].bound(0, 1024), 1U);
}

TEST_F(DescriptorSharesTest, TheUserKnowsBest) {
    limit_descriptors(800);
    DescriptorShares shares;
    const DescriptorShares::Member one(shares);
    EXPECT_EQ(one.bound(5000, 1024), 5000U);
}

}  // namespace
}  // namespace owsk::net
