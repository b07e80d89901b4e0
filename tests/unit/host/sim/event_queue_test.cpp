// SPDX-License-Identifier: MIT
// Virtual time: it jumps, and never goes back.
#include "host/sim/event_queue.h"

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <utility>

namespace owsk::host {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

class Call final : public Timer {
  public:
    explicit Call(std::function<void()> body) : body_(std::move(body)) {}
    void expire() noexcept override { body_(); }

  private:
    std::function<void()> body_;
};

TEST(EventQueue, TheClockJumpsToTheNextEvent) {
    EventQueue queue;
    Instant at;
    Call late([&] { at = queue.now(); });
    queue.set_timer(late, Instant{} + hours(1));
    EXPECT_TRUE(queue.step());
    EXPECT_EQ(at, Instant{} + hours(1));
    EXPECT_FALSE(queue.step());
    EXPECT_EQ(queue.now(), at);
}

TEST(EventQueue, EventsHappenInTheOrderOfTheirTimes) {
    EventQueue queue;
    std::string order;
    Call a([&] { order += "a"; });
    Call b([&] { order += "b"; });
    Call c([&] { order += "c"; });
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
    Call a([&] { order += "a"; });
    Call b([&] { order += "b"; });
    Call c([&] { order += "c"; });
    Call d([&] { order += "d"; });
    for (Call* const call : {&a, &b, &c, &d}) {
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
    Call past([] {});
    queue.set_timer(past, Instant{});
    EXPECT_EQ(queue.next(), queue.now());
    EXPECT_TRUE(queue.step());
    EXPECT_EQ(queue.now(), Instant{} + milliseconds(5));
}

TEST(EventQueue, ACancelledEventDoesNotHappen) {
    EventQueue queue;
    Call never([] { ADD_FAILURE(); });
    queue.set_timer(never, Instant{} + milliseconds(1));
    EXPECT_TRUE(queue.cancel_timer(never));
    EXPECT_FALSE(queue.cancel_timer(never));
    EXPECT_FALSE(queue.step());
}

}  // namespace
}  // namespace owsk::host
