// SPDX-License-Identifier: MIT
// Virtual time: it jumps, and never goes back.
#include "host/sim/event_queue.h"

#include <gtest/gtest.h>

#include <string>

#include "unit/host/job.h"

namespace owsk::host {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

TEST(EventQueue, TheClockJumpsToTheNextEvent) {
    EventQueue queue;
    Instant at;
    Alarm late([&] { at = queue.now(); });
    queue.set_timer(late, Instant{} + hours(1));
    EXPECT_TRUE(queue.step());
    EXPECT_EQ(at, Instant{} + hours(1));
    EXPECT_FALSE(queue.step());
    EXPECT_EQ(queue.now(), at);
}

TEST(EventQueue, EventsHappenInTheOrderOfTheirTimes) {
    EventQueue queue;
    std::string order;
    Alarm a([&] { order += "a"; });
    Alarm b([&] { order += "b"; });
    Alarm c([&] { order += "c"; });
    queue.set_timer(b, Instant{} + milliseconds(2));
    queue.set_timer(c, Instant{} + milliseconds(2));
    queue.set_timer(a, Instant{} + milliseconds(1));
    queue.run_until(Instant{} + milliseconds(3));
    EXPECT_EQ(order, "abc");
    EXPECT_EQ(queue.now(), Instant{} + milliseconds(3));
}

TEST(EventQueue, OneOfSeveralAtOneMomentIsCancelledAndTheOthersKeepTheirOrder) {
    EventQueue queue;
    std::string order;
    Alarm a([&] { order += "a"; });
    Alarm b([&] { order += "b"; });
    Alarm c([&] { order += "c"; });
    Alarm d([&] { order += "d"; });
    for (Alarm* const call : {&a, &b, &c, &d}) {
        queue.set_timer(*call, Instant{} + milliseconds(1));
    }
    EXPECT_TRUE(queue.cancel_timer(b));
    EXPECT_FALSE(queue.cancel_timer(b));
    queue.set_timer(a, Instant{} + milliseconds(1));
    queue.run_until(Instant{} + milliseconds(1));
    EXPECT_EQ(order, "cda");
}

TEST(EventQueue, AnEventInThePastHappensNextAndTheClockStays) {
    EventQueue queue;
    queue.run_until(Instant{} + milliseconds(5));
    Alarm past([] {});
    queue.set_timer(past, Instant{});
    EXPECT_EQ(queue.next(), queue.now());
    EXPECT_TRUE(queue.step());
    EXPECT_EQ(queue.now(), Instant{} + milliseconds(5));
}

TEST(EventQueue, ACancelledEventDoesNotHappen) {
    EventQueue queue;
    Alarm never([] { ADD_FAILURE(); });
    queue.set_timer(never, Instant{} + milliseconds(1));
    EXPECT_TRUE(queue.cancel_timer(never));
    EXPECT_FALSE(queue.cancel_timer(never));
    EXPECT_FALSE(queue.step());
}

}  // namespace
}  // namespace owsk::host
