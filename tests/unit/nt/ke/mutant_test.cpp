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
        "THREAD_TERMINATE_HELD_MUTEX");
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

}  // namespace
}  // namespace owsk::nt
