// SPDX-License-Identifier: MIT
// Mutexes: ownership, recursion, and what happens when the owner goes away.
#include "unit/nt/executive_fixture.h"
#include "unit/nt/ps/system_threads.h"

namespace owsk::nt {
namespace {

using KeMutex = ExecutiveTest;

NTSTATUS acquire(KMUTEX& mutex, PLARGE_INTEGER timeout = nullptr) {
    return KeWaitForSingleObject(&mutex, Executive, KernelMode, FALSE, timeout);
}

VOID NTAPI try_to_acquire(PVOID context) {
    LARGE_INTEGER timeout = {};
    EXPECT_EQ(acquire(*static_cast<KMUTEX*>(context), &timeout), STATUS_TIMEOUT);
}

TEST_F(KeMutex, ItsOwnerMayAcquireItAgain) {
    KMUTEX mutex;
    KeInitializeMutex(&mutex, 0);
    EXPECT_EQ(KeReadStateMutex(&mutex), 1);
    EXPECT_EQ(acquire(mutex), STATUS_SUCCESS);
    EXPECT_EQ(acquire(mutex), STATUS_SUCCESS);
    EXPECT_NE(KeReleaseMutex(&mutex, FALSE), 0);
    SystemThread other;
    other.start(&try_to_acquire, &mutex);
    other.join();
    EXPECT_EQ(KeReleaseMutex(&mutex, FALSE), 0);
    EXPECT_EQ(KeReadStateMutex(&mutex), 1);
}

TEST_F(KeMutex, KeepsOthersOut) {
    struct Shared {
        KMUTEX mutex;
        int count = 0;
        static VOID NTAPI add(PVOID context) {
            auto& shared = *static_cast<Shared*>(context);
            for (int i = 0; i < 200; ++i) {
                acquire(shared.mutex);
                ++shared.count;
                KeReleaseMutex(&shared.mutex, FALSE);
            }
        }
    } shared;
    KeInitializeMutex(&shared.mutex, 0);
    SystemThread threads[3];
    for (SystemThread& thread : threads) {
        thread.start(&Shared::add, &shared);
    }
    for (SystemThread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(shared.count, 600);
}

TEST_F(KeMutex, ReleaseByAnotherThreadIsABugCheck) {
    KMUTEX mutex;
    KeInitializeMutex(&mutex, 0);
    EXPECT_DEATH(KeReleaseMutex(&mutex, FALSE),
                 "THREAD_NOT_MUTEX_OWNER(.|\n)*rule: mutex-released-by-another-thread");
}

TEST_F(KeMutex, ThreadThatEndsWithOneIsABugCheck) {
    KMUTEX mutex;
    KeInitializeMutex(&mutex, 0);
    EXPECT_DEATH(
        {
            SystemThread thread;
            thread.start([](PVOID context) NTAPI { acquire(*static_cast<KMUTEX*>(context)); },
                         &mutex);
            thread.join();
        },
        "THREAD_TERMINATE_HELD_MUTEX(.|\n)*rule: thread-ended-holding-a-mutex");
}

// A mutant without the kernel mutex's protection, as NtCreateMutant makes it.
TEST_F(KeMutex, AbandonedMutantTellsTheNextOwner) {
    KMUTEX mutant;
    KeInitializeMutex(&mutant, 0);
    mutant.ApcDisable = 0;
    SystemThread thread;
    thread.start([](PVOID context) NTAPI { acquire(*static_cast<KMUTEX*>(context)); }, &mutant);
    thread.join();
    EXPECT_EQ(acquire(mutant), STATUS_ABANDONED);
    KeReleaseMutex(&mutant, FALSE);
    EXPECT_EQ(acquire(mutant), STATUS_SUCCESS);
    KeReleaseMutex(&mutant, FALSE);
}

// As above, but who waits sleeps already when the owner ends.
void expect_abandoned_while_asleep(System& system, bool with_another_object) {
    struct Shared {
        KMUTEX mutant;
        KEVENT go_on;
        KEVENT owned;
        static VOID NTAPI own_and_end(PVOID context) {
            auto& shared = *static_cast<Shared*>(context);
            acquire(shared.mutant);
            KeSetEvent(&shared.owned, IO_NO_INCREMENT, FALSE);
            KeWaitForSingleObject(&shared.go_on, Executive, KernelMode, FALSE, nullptr);
        }
    } shared;
    KeInitializeMutex(&shared.mutant, 0);
    shared.mutant.ApcDisable = 0;
    KeInitializeEvent(&shared.go_on, NotificationEvent, FALSE);
    KeInitializeEvent(&shared.owned, NotificationEvent, FALSE);
    SystemThread owner;
    owner.start(&Shared::own_and_end, &shared);
    KeWaitForSingleObject(&shared.owned, Executive, KernelMode, FALSE, nullptr);
    struct Sleeper {
        System& system;
        Shared& shared;
        bool both;
        NTSTATUS status = STATUS_UNSUCCESSFUL;
        static VOID NTAPI sleep(PVOID context) {
            auto& sleeper = *static_cast<Sleeper*>(context);
            PVOID objects[] = {&sleeper.shared.owned, &sleeper.shared.mutant};
            sleeper.status =
                sleeper.both
                    ? KeWaitForMultipleObjects(
                          2, objects, WaitAll, Executive, KernelMode, FALSE, nullptr, nullptr)
                    : acquire(sleeper.shared.mutant);
            KeReleaseMutex(&sleeper.shared.mutant, FALSE);
        }
        bool is_asleep() {
            const Lock lock(system.dispatcher.mu);
            return !IsListEmpty(&shared.mutant.Header.WaitListHead);
        }
    } sleeper{system, shared, with_another_object};
    SystemThread thread;
    thread.start(&Sleeper::sleep, &sleeper);
    LARGE_INTEGER moment;
    moment.QuadPart = -1'000;
    while (!sleeper.is_asleep()) {
        KeDelayExecutionThread(KernelMode, FALSE, &moment);
    }
    KeSetEvent(&shared.go_on, IO_NO_INCREMENT, FALSE);
    owner.join();
    thread.join();
    EXPECT_EQ(sleeper.status, STATUS_ABANDONED);
}

TEST_F(KeMutex, AbandonedMutantTellsOneWhoSleeps) {
    expect_abandoned_while_asleep(system(), false);
    expect_abandoned_while_asleep(system(), true);
}

}  // namespace
}  // namespace owsk::nt
