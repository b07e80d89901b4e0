// SPDX-License-Identifier: MIT
// Semaphores.
#include <atomic>

#include "unit/nt/executive_fixture.h"
#include "unit/nt/ke/waiters.h"
#include "unit/nt/ps/system_threads.h"

namespace owsk::nt {
namespace {

using KeSemaphore = ExecutiveTest;

TEST_F(KeSemaphore, EachWaitTakesOne) {
    KSEMAPHORE semaphore;
    KeInitializeSemaphore(&semaphore, 1, 3);
    EXPECT_EQ(KeReleaseSemaphore(&semaphore, IO_NO_INCREMENT, 2, FALSE), 1);
    LARGE_INTEGER timeout = {};
    for (LONG left = 2; left >= 0; --left) {
        EXPECT_EQ(KeWaitForSingleObject(&semaphore, Executive, KernelMode, FALSE, &timeout),
                  STATUS_SUCCESS);
        EXPECT_EQ(KeReadStateSemaphore(&semaphore), left);
    }
    EXPECT_EQ(KeWaitForSingleObject(&semaphore, Executive, KernelMode, FALSE, &timeout),
              STATUS_TIMEOUT);
}

TEST_F(KeSemaphore, ReleaseLetsGoAsManyThreadsAsItAdds) {
    struct Shared {
        KSEMAPHORE semaphore;
        LARGE_INTEGER timeout = long_timeout();
        std::atomic<int> through = 0;
        static VOID NTAPI pass(PVOID context) {
            auto& shared = *static_cast<Shared*>(context);
            if (KeWaitForSingleObject(
                    &shared.semaphore, Executive, KernelMode, FALSE, &shared.timeout) ==
                STATUS_SUCCESS) {
                ++shared.through;
            }
        }
    } shared;
    KeInitializeSemaphore(&shared.semaphore, 0, 10);
    SystemThread threads[5];
    for (SystemThread& thread : threads) {
        thread.start(&Shared::pass, &shared);
    }
    wait_for_waiters(shared.semaphore.Header, 5);
    KeReleaseSemaphore(&shared.semaphore, IO_NO_INCREMENT, 5, FALSE);
    for (SystemThread& thread : threads) {
        thread.join();
    }
    EXPECT_EQ(shared.through, 5);
    EXPECT_EQ(KeReadStateSemaphore(&shared.semaphore), 0);
}

TEST_F(KeSemaphore, ReleaseBeyondTheLimitIsABugCheck) {
    KSEMAPHORE semaphore;
    KeInitializeSemaphore(&semaphore, 2, 2);
    EXPECT_DEATH(KeReleaseSemaphore(&semaphore, IO_NO_INCREMENT, 1, FALSE),
                 "rule: semaphore-limit-exceeded");
}

}  // namespace
}  // namespace owsk::nt
