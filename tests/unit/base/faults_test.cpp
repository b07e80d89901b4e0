// SPDX-License-Identifier: MIT
#include <gmock/gmock.h>
#include <openwsk/faults.h>

#include <stdexcept>
#include <thread>
#include <vector>

namespace owsk {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// Which of the next `count` occasions fail.
std::vector<int> failures(Faults& faults, Fault fault, int count) {
    std::vector<int> failed;
    for (int occasion = 1; occasion <= count; ++occasion) {
        if (faults.strikes(fault)) {
            failed.push_back(occasion);
        }
    }
    return failed;
}

TEST(Faults, NothingFailsUnlessItIsSet) {
    Faults faults(7);
    EXPECT_THAT(failures(faults, Fault::pool_allocation, 100), ElementsAre());
    EXPECT_EQ(faults.occasions(Fault::pool_allocation), 0U);
    EXPECT_EQ(faults.line(), "");
}

TEST(Faults, TheNthOccasionFromNowFailsOnce) {
    Faults faults(7);
    faults.fail_nth(Fault::irp_allocation, 3);
    EXPECT_THAT(failures(faults, Fault::irp_allocation, 10), ElementsAre(3));
    faults.fail_nth(Fault::irp_allocation, 1);
    EXPECT_THAT(failures(faults, Fault::irp_allocation, 10), ElementsAre(1));
    EXPECT_EQ(faults.occasions(Fault::irp_allocation), 20U);
    EXPECT_EQ(faults.injected(Fault::irp_allocation), 2U);
}

TEST(Faults, AFaultDoesNotTouchTheOthers) {
    Faults faults(7);
    faults.fail_with(Fault::irp_allocation, 1);
    EXPECT_THAT(failures(faults, Fault::mdl_allocation, 10), ElementsAre());
}

TEST(Faults, ProbabilityOneIsAlwaysAndZeroOnlyCounts) {
    Faults faults(7);
    faults.fail_with(Fault::mdl_allocation, 1);
    EXPECT_EQ(failures(faults, Fault::mdl_allocation, 50).size(), 50U);
    faults.fail_with(Fault::mdl_allocation, 0);
    EXPECT_THAT(failures(faults, Fault::mdl_allocation, 50), ElementsAre());
    EXPECT_EQ(faults.occasions(Fault::mdl_allocation), 100U);
}

TEST(Faults, AProbabilityIsMetAboutAsOftenAsItSays) {
    Faults faults(7);
    faults.fail_with(Fault::pool_allocation, 0.05);
    const std::size_t count = failures(faults, Fault::pool_allocation, 10'000).size();
    EXPECT_GT(count, 400U);
    EXPECT_LT(count, 600U);
}

TEST(Faults, TheSameSeedFailsTheSameOccasions) {
    Faults one(7);
    Faults same(7);
    Faults other(8);
    for (Faults* faults : {&one, &same, &other}) {
        faults->fail_with(Fault::pool_allocation, 0.5);
    }
    const std::vector<int> failed = failures(one, Fault::pool_allocation, 100);
    EXPECT_EQ(failures(same, Fault::pool_allocation, 100), failed);
    EXPECT_NE(failures(other, Fault::pool_allocation, 100), failed);
}

TEST(Faults, OneFaultDoesNotShiftAnother) {
    Faults alone(7);
    Faults beside(7);
    alone.fail_with(Fault::pool_allocation, 0.5);
    beside.fail_with(Fault::pool_allocation, 0.5);
    beside.fail_with(Fault::irp_allocation, 0.5);
    failures(beside, Fault::irp_allocation, 13);
    EXPECT_EQ(failures(beside, Fault::pool_allocation, 100),
              failures(alone, Fault::pool_allocation, 100));
}

TEST(Faults, TheNumberThatSaysHowIsOfTheSeed) {
    Faults one(7);
    Faults same(7);
    one.fail_nth(Fault::indication_list, 1);
    same.fail_nth(Fault::indication_list, 1);
    const auto how = one.strike(Fault::indication_list);
    ASSERT_TRUE(how.has_value());
    EXPECT_EQ(same.strike(Fault::indication_list), how);
}

TEST(Faults, ClearEndsThemAndKeepsTheNumbers) {
    Faults faults(7);
    faults.fail_with(Fault::pool_allocation, 1);
    faults.fail_nth(Fault::irp_allocation, 1);
    failures(faults, Fault::pool_allocation, 2);
    faults.clear();
    EXPECT_THAT(failures(faults, Fault::pool_allocation, 5), ElementsAre());
    EXPECT_THAT(failures(faults, Fault::irp_allocation, 5), ElementsAre());
    EXPECT_EQ(faults.line(), "faults: pool_allocation 2 of 2, irp_allocation 0 of 0");
}

TEST(Faults, AFaultOfTheNetworkNeedsANetworkThatHasThem) {
    Faults without(7);
    try {
        without.fail_nth(Fault::short_send, 1);
        FAIL() << "it was accepted";
    } catch (const std::logic_error& error) {
        EXPECT_THAT(error.what(), HasSubstr("short_send"));
        EXPECT_THAT(error.what(), HasSubstr("MachineOptions::network_faults"));
    }
    Faults with(7, true);
    with.fail_nth(Fault::short_send, 1);
    EXPECT_TRUE(with.strikes(Fault::short_send));
}

TEST(Faults, ThreadsCountTogether) {
    Faults faults(7);
    faults.fail_with(Fault::pool_allocation, 0.5);
    std::thread other([&] { failures(faults, Fault::pool_allocation, 1000); });
    failures(faults, Fault::pool_allocation, 1000);
    other.join();
    EXPECT_EQ(faults.occasions(Fault::pool_allocation), 2000U);
    Faults alone(7);
    alone.fail_with(Fault::pool_allocation, 0.5);
    EXPECT_EQ(faults.injected(Fault::pool_allocation),
              failures(alone, Fault::pool_allocation, 2000).size());
}

// A run with `count` occasions.
std::uint64_t sweep(int count, std::vector<std::string>& planned) {
    return for_each_failure({Fault::pool_allocation, Fault::irp_allocation},
                            [&](PlannedFailure& failure) {
                                Faults faults(7);
                                failure.plan(faults);
                                planned.push_back(failure.text());
                                failures(faults, Fault::pool_allocation, count);
                                failures(faults, Fault::irp_allocation, 1);
                            });
}

TEST(ForEachFailure, EachOccasionFailsInARunOfItsOwn) {
    std::vector<std::string> planned;
    EXPECT_EQ(sweep(2, planned), 3U);
    EXPECT_THAT(planned,
                ElementsAre("pool_allocation=nth:1",
                            "pool_allocation=nth:2",
                            "pool_allocation=nth:3",
                            "irp_allocation=nth:1",
                            "irp_allocation=nth:2"));
}

TEST(ForEachFailure, WithoutOccasionsOneRunOfEachFaultShowsIt) {
    int runs = 0;
    EXPECT_EQ(for_each_failure({Fault::mdl_allocation},
                               [&](PlannedFailure& failure) {
                                   Faults faults(7);
                                   failure.plan(faults);
                                   ++runs;
                               }),
              0U);
    EXPECT_EQ(runs, 1);
}

TEST(ForEachFailure, OneMachineForAllRunsWillDoToo) {
    Faults faults(7);
    int runs = 0;
    EXPECT_EQ(for_each_failure({Fault::mdl_allocation},
                               [&](PlannedFailure& failure) {
                                   failure.plan(faults);
                                   failures(faults, Fault::mdl_allocation, 4);
                                   ++runs;
                               }),
              4U);
    EXPECT_EQ(runs, 5);
    // The failure that was never met belongs to nobody now.
    EXPECT_THAT(failures(faults, Fault::mdl_allocation, 4), ElementsAre(1));
}

TEST(ForEachFailure, ARunThatPlansNothingIsAMistake) {
    EXPECT_THROW(for_each_failure({Fault::mdl_allocation}, [](PlannedFailure&) {}),
                 std::logic_error);
}

TEST(ForEachFailure, RunsThatNeverEndAreAMistake) {
    const auto endless = [](PlannedFailure& failure) {
        Faults faults(7);
        failure.plan(faults);
        while (!failure.has_happened()) {
            faults.strikes(failure.fault());
        }
    };
    EXPECT_THROW(for_each_failure({Fault::mdl_allocation}, endless, 20), std::logic_error);
}

}  // namespace
}  // namespace owsk
