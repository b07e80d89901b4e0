// SPDX-License-Identifier: MIT
// Locks and waits of drivers whose threads take turns.
#include <wdm.h>

#include "../simulated_fixture.h"

namespace owsk::nt {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::seconds;

using SimulatedLocks = SimulatedTest;

INSTANTIATE_TEST_SUITE_P(Seeds, SimulatedLocks, testing::Range<std::uint64_t>(0, 20));

LARGE_INTEGER relative(Duration time) {
    LARGE_INTEGER due;
    due.QuadPart = -time.count() / 100;
    return due;
}

void sleep_for(Duration time) {
    LARGE_INTEGER interval = relative(time);
    KeDelayExecutionThread(KernelMode, FALSE, &interval);
}

// Adds one to a number in two steps that the seed may come between.
void add_slowly(int& number) {
    KEVENT event;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    const int before = number;
    KeReadStateEvent(&event);
    number = before + 1;
}

TEST_P(SimulatedLocks, ASpinLockKeepsOthersOut) {
    int number = 0;
    KSPIN_LOCK lock;
    KeInitializeSpinLock(&lock);
    {
        SimulatedExecutive executive(GetParam());
        for (int thread = 0; thread < 4; ++thread) {
            executive.start([&] {
                for (int i = 0; i < 20; ++i) {
                    KIRQL irql;
                    KeAcquireSpinLock(&lock, &irql);
                    add_slowly(number);
                    KeReleaseSpinLock(&lock, irql);
                }
            });
        }
    }
    EXPECT_EQ(number, 80);
}

TEST_P(SimulatedLocks, AFastMutexKeepsOthersOut) {
    int number = 0;
    FAST_MUTEX mutex;
    ExInitializeFastMutex(&mutex);
    {
        SimulatedExecutive executive(GetParam());
        for (int thread = 0; thread < 4; ++thread) {
            executive.start([&] {
                for (int i = 0; i < 20; ++i) {
                    ExAcquireFastMutex(&mutex);
                    add_slowly(number);
                    ExReleaseFastMutex(&mutex);
                }
            });
        }
    }
    EXPECT_EQ(number, 80);
}

TEST(SimulatedLocks, WithoutALockAnUpdateIsLostUnderSomeSeed) {
    int lost = 0;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
        int number = 0;
        {
            SimulatedExecutive executive(seed);
            for (int thread = 0; thread < 4; ++thread) {
                executive.start([&] {
                    for (int i = 0; i < 20; ++i) {
                        add_slowly(number);
                    }
                });
            }
        }
        lost += number != 80 ? 1 : 0;
    }
    EXPECT_GT(lost, 5);
}

TEST_P(SimulatedLocks, TwoSpinLocksTakenInTwoOrdersAreADeadlockThatIsNamed) {
    EXPECT_DEATH(
        {
            KSPIN_LOCK locks[2];
            KeInitializeSpinLock(&locks[0]);
            KeInitializeSpinLock(&locks[1]);
            SimulatedExecutive executive(GetParam());
            const auto take_both = [&](KSPIN_LOCK& first, KSPIN_LOCK& then) {
                for (;;) {
                    KIRQL irql;
                    KeAcquireSpinLock(&first, &irql);
                    KeAcquireSpinLockAtDpcLevel(&then);
                    KeReleaseSpinLockFromDpcLevel(&then);
                    KeReleaseSpinLock(&first, irql);
                }
            };
            executive.start([&] { take_both(locks[0], locks[1]); });
            executive.start([&] { take_both(locks[1], locks[0]); });
            executive.world().run_for(hours(1));
        },
        "deadlock.*spins: a spin lock that thread [0-9]+ .*spins: a spin lock that thread [0-9]+ "
        ".*(raise_and_acquire|spin_for)");
}

TEST_P(SimulatedLocks, TwoMutexesTakenInTwoOrdersAreADeadlockThatIsNamed) {
    EXPECT_DEATH(
        {
            KMUTEX mutexes[2];
            KeInitializeMutex(&mutexes[0], 0);
            KeInitializeMutex(&mutexes[1], 0);
            SimulatedExecutive executive(GetParam());
            const auto wait = [](KMUTEX& mutex) {
                KeWaitForSingleObject(&mutex, Executive, KernelMode, FALSE, nullptr);
            };
            const auto take_both = [&](KMUTEX& first, KMUTEX& then) {
                for (;;) {
                    wait(first);
                    wait(then);
                    KeReleaseMutex(&then, FALSE);
                    KeReleaseMutex(&first, FALSE);
                }
            };
            executive.start([&] { take_both(mutexes[0], mutexes[1]); });
            executive.start([&] { take_both(mutexes[1], mutexes[0]); });
            executive.join_all();
        },
        "deadlock.*main waits: KeWaitForSingleObject for the end of thread [0-9]+.*"
        "system [0-9]+ waits: KeWaitForSingleObject for a mutex that thread [0-9]+ .*holds");
}

TEST_P(SimulatedLocks, ATimerTakesNoRealTime) {
    SimulatedExecutive executive(GetParam());
    KTIMER timer;
    KeInitializeTimer(&timer);
    KeSetTimer(&timer, relative(hours(10)), nullptr);
    KeWaitForSingleObject(&timer, Executive, KernelMode, FALSE, nullptr);
    EXPECT_GE(executive.world().now(), Instant{} + hours(10));
    EXPECT_LE(executive.world().now(), Instant{} + hours(10) + milliseconds(10));
}

TEST_P(SimulatedLocks, TimersOfOneMomentExpireInTheOrderInWhichTheyWereSet) {
    struct Alarm {
        KTIMER timer;
        KDPC dpc;
        std::string* order;
        char name;
    } alarms[4];
    std::string order;
    SimulatedExecutive executive(GetParam());
    // Neither rising nor falling addresses.
    for (const int number : {2, 0, 3, 1}) {
        Alarm& alarm = alarms[number];
        alarm.order = &order;
        alarm.name = static_cast<char>('0' + number);
        KeInitializeTimer(&alarm.timer);
        KeInitializeDpc(
            &alarm.dpc,
            [](PKDPC, PVOID context, PVOID, PVOID) NTAPI {
                const Alarm& it = *static_cast<Alarm*>(context);
                *it.order += it.name;
            },
            &alarm);
        LARGE_INTEGER due;
        due.QuadPart = executive.system().host().clock().system_time() + 10'000'000;
        due.QuadPart -= due.QuadPart % 10'000'000;
        KeSetTimer(&alarm.timer, due, &alarm.dpc);
    }
    executive.world().run_for(seconds(2));
    EXPECT_EQ(order, "2031");
}

TEST_P(SimulatedLocks, AStallTakesVirtualTime) {
    SimulatedExecutive executive(GetParam());
    const Instant start = executive.world().now();
    KeStallExecutionProcessor(50);
    EXPECT_GE(executive.world().now() - start, microseconds(50));
    EXPECT_LT(executive.world().now() - start, milliseconds(10));
}

TEST_P(SimulatedLocks, PollingWithADelayOfZeroEnds) {
    SimulatedExecutive executive(GetParam());
    KEVENT done;
    KeInitializeEvent(&done, NotificationEvent, FALSE);
    for (int i = 0; i < 3; ++i) {
        executive.start([&] {
            while (KeReadStateEvent(&done) == 0) {
                sleep_for(Duration::zero());
            }
        });
    }
    executive.start([&] {
        sleep_for(milliseconds(1));
        KeSetEvent(&done, IO_NO_INCREMENT, FALSE);
    });
    executive.join_all();
    EXPECT_LT(executive.world().now(), Instant{} + seconds(1));
}

TEST_P(SimulatedLocks, DpcsRunOnProcessorsAndWorkItemsOnWorkers) {
    struct Chain {
        KDPC dpc;
        WORK_QUEUE_ITEM item;
        KEVENT done;
        KIRQL irqls[2];
    } chain = {};
    SimulatedExecutive executive(GetParam());
    KeInitializeEvent(&chain.done, NotificationEvent, FALSE);
    KeInitializeDpc(
        &chain.dpc,
        [](PKDPC, PVOID context, PVOID, PVOID) NTAPI {
            static_cast<Chain*>(context)->irqls[0] = KeGetCurrentIrql();
            ExQueueWorkItem(&static_cast<Chain*>(context)->item, DelayedWorkQueue);
        },
        &chain);
    ExInitializeWorkItem(
        &chain.item,
        [](PVOID context) NTAPI {
            static_cast<Chain*>(context)->irqls[1] = KeGetCurrentIrql();
            KeSetEvent(&static_cast<Chain*>(context)->done, IO_NO_INCREMENT, FALSE);
        },
        &chain);
    KeInsertQueueDpc(&chain.dpc, nullptr, nullptr);
    KeWaitForSingleObject(&chain.done, Executive, KernelMode, FALSE, nullptr);
    EXPECT_EQ(chain.irqls[0], DISPATCH_LEVEL);
    EXPECT_EQ(chain.irqls[1], PASSIVE_LEVEL);
}

}  // namespace
}  // namespace owsk::nt
