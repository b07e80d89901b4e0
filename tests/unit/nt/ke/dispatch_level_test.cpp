// SPDX-License-Identifier: MIT
// A thread at DISPATCH_LEVEL has its processor for itself, so a driver may keep data for each
// processor without a lock.
#include <wdm.h>

#include <array>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "unit/nt/executive_fixture.h"
#include "unit/nt/simulated_fixture.h"

namespace owsk::nt {
namespace {

// Data for each processor, as a driver has it. Everybody who is here finds the place empty.
class PerProcessor {
  public:
    // Precondition: at DISPATCH_LEVEL.
    void visit() {
        const ULONG number = KeGetCurrentProcessorNumberEx(nullptr);
        if (number >= KeQueryActiveProcessorCount(nullptr)) {
            ++strangers_;
            return;
        }
        Place& place = places_[number];
        // Two steps, between which another thread would be seen.
        const unsigned before = place.visits;
        others_ += place.is_taken.exchange(true) ? 1 : 0;
        KeStallExecutionProcessor(1);
        place.is_taken = false;
        place.visits = before + 1;
        moved_ += KeGetCurrentProcessorNumberEx(nullptr) == number ? 0 : 1;
    }

    unsigned visits() const {
        unsigned sum = 0;
        for (const Place& place : places_) {
            sum += place.visits;
        }
        return sum;
    }
    unsigned others() const { return others_; }
    unsigned strangers() const { return strangers_; }
    unsigned moved() const { return moved_; }

  private:
    struct Place {
        unsigned visits = 0;  // without a lock: TSan would see two at once, too
        std::atomic<bool> is_taken = false;
    };
    std::array<Place, 8> places_;
    std::atomic<unsigned> others_ = 0;
    std::atomic<unsigned> strangers_ = 0;
    std::atomic<unsigned> moved_ = 0;
};

// A DPC that queues itself until it has come often enough.
struct Caller {
    PerProcessor& data;
    unsigned left;
    KDPC dpc;
    KEVENT done;

    Caller(PerProcessor& visited, unsigned times, CCHAR processor) : data(visited), left(times) {
        KeInitializeEvent(&done, NotificationEvent, FALSE);
        KeInitializeDpc(&dpc, call, this);
        KeSetTargetProcessorDpc(&dpc, processor);
    }
    static VOID NTAPI call(PKDPC dpc, PVOID context, PVOID, PVOID) {
        auto& self = *static_cast<Caller*>(context);
        self.data.visit();
        if (--self.left > 0) {
            KeInsertQueueDpc(dpc, nullptr, nullptr);
        } else {
            KeSetEvent(&self.done, IO_NO_INCREMENT, FALSE);
        }
    }
    void start() { KeInsertQueueDpc(&dpc, nullptr, nullptr); }
    void join() { KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, nullptr); }
};

void visit_raised(PerProcessor& data) {
    KIRQL irql;
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    data.visit();
    KeLowerIrql(irql);
}

void visit_with_a_lock_of_its_own(PerProcessor& data) {
    KSPIN_LOCK lock;
    KIRQL irql;
    KeInitializeSpinLock(&lock);
    KeAcquireSpinLock(&lock, &irql);
    data.visit();
    KeReleaseSpinLock(&lock, irql);
}

class DispatchLevel : public ExecutiveTest, public testing::WithParamInterface<unsigned> {
  protected:
    DispatchLevel() : ExecutiveTest(GetParam()) {}
};
INSTANTIATE_TEST_SUITE_P(Processors, DispatchLevel, testing::Values(1U, 2U, 3U));

TEST_P(DispatchLevel, NoTwoThreadsAreOnAProcessorAtOnce) {
    constexpr unsigned times = 500;
    PerProcessor data;
    std::vector<std::unique_ptr<Caller>> callers;
    for (unsigned processor = 0; processor < GetParam(); ++processor) {
        callers.push_back(std::make_unique<Caller>(data, times, static_cast<CCHAR>(processor)));
        callers.back()->start();
    }
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
        threads.emplace_back([this, &data] {
            const ThreadScope scope(system());
            for (unsigned n = 0; n < times; ++n) {
                n % 2 == 0 ? visit_raised(data) : visit_with_a_lock_of_its_own(data);
            }
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    for (const auto& caller : callers) {
        caller->join();
    }
    KeFlushQueuedDpcs();
    EXPECT_EQ(data.others(), 0U);
    EXPECT_EQ(data.strangers(), 0U);
    EXPECT_EQ(data.moved(), 0U);
    EXPECT_EQ(data.visits(), (3 + GetParam()) * times);
}

TEST_P(DispatchLevel, TheProcessorGoesOnWhenTheThreadIsLowerAgain) {
    PerProcessor data;
    Caller caller(data, 1, 0);
    for (int i = 0; i < 100; ++i) {
        visit_raised(data);
    }
    caller.start();
    caller.join();
    KeFlushQueuedDpcs();
    EXPECT_EQ(data.visits(), 101U);
}

TEST_P(DispatchLevel, AThreadThatRaisesItsIrqlFurtherStaysOnItsProcessor) {
    KIRQL passive;
    KIRQL dispatch;
    KeRaiseIrql(DISPATCH_LEVEL, &passive);
    const ULONG number = KeGetCurrentProcessorNumberEx(nullptr);
    KeRaiseIrql(HIGH_LEVEL, &dispatch);
    EXPECT_EQ(KeGetCurrentProcessorNumberEx(nullptr), number);
    KeLowerIrql(dispatch);
    EXPECT_EQ(KeGetCurrentProcessorNumberEx(nullptr), number);
    KeLowerIrql(passive);
    EXPECT_LT(KeGetCurrentProcessorNumberEx(nullptr), KeQueryActiveProcessorCount(nullptr));
}

TEST_P(DispatchLevel, ThreadsAreOnDifferentProcessorsAtOnceIfThereAreSome) {
    std::atomic<unsigned> raised = 0;
    std::atomic<ULONG> numbers = 0;
    std::vector<std::thread> threads;
    for (unsigned i = 0; i < GetParam(); ++i) {
        threads.emplace_back([&] {
            const ThreadScope scope(system());
            KIRQL irql;
            KeRaiseIrql(DISPATCH_LEVEL, &irql);
            numbers |= 1U << KeGetCurrentProcessorNumberEx(nullptr);
            ++raised;
            while (raised < GetParam()) {
                YieldProcessor();
            }
            KeLowerIrql(irql);
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(numbers, (1U << GetParam()) - 1);
}

using SimulatedDispatchLevel = SimulatedTest;
INSTANTIATE_TEST_SUITE_P(Seeds, SimulatedDispatchLevel, testing::Range<std::uint64_t>(0, 20));

TEST_P(SimulatedDispatchLevel, NoTwoThreadsAreOnAProcessorAtOnce) {
    constexpr unsigned times = 20;
    PerProcessor data;
    {
        SimulatedExecutive executive(GetParam());
        Caller first(data, times, 0);
        Caller second(data, times, 1);
        first.start();
        second.start();
        for (int thread = 0; thread < 3; ++thread) {
            executive.start([&data] {
                for (unsigned n = 0; n < times; ++n) {
                    n % 2 == 0 ? visit_raised(data) : visit_with_a_lock_of_its_own(data);
                }
            });
        }
        executive.join_all();
        first.join();
        second.join();
        KeFlushQueuedDpcs();
    }
    EXPECT_EQ(data.others(), 0U);
    EXPECT_EQ(data.strangers(), 0U);
    EXPECT_EQ(data.moved(), 0U);
    EXPECT_EQ(data.visits(), 5 * times);
}

}  // namespace
}  // namespace owsk::nt
