// SPDX-License-Identifier: MIT
// SystemThread: a system thread that a test starts and waits for, by Windows functions only.
#pragma once

#include <gtest/gtest.h>
#include <wdm.h>

namespace owsk::nt {

class SystemThread {
  public:
    void start(PKSTART_ROUTINE routine, PVOID context) {
        HANDLE handle = nullptr;
        ASSERT_EQ(PsCreateSystemThread(
                      &handle, THREAD_ALL_ACCESS, nullptr, nullptr, nullptr, routine, context),
                  STATUS_SUCCESS);
        ASSERT_EQ(ObReferenceObjectByHandle(
                      handle, SYNCHRONIZE, *PsThreadType, KernelMode, &object_, nullptr),
                  STATUS_SUCCESS);
        ASSERT_EQ(ZwClose(handle), STATUS_SUCCESS);
    }

    void join() {
        LARGE_INTEGER timeout;
        timeout.QuadPart = -20LL * 10'000'000;
        ASSERT_EQ(KeWaitForSingleObject(object_, Executive, KernelMode, FALSE, &timeout),
                  STATUS_SUCCESS);
        ObDereferenceObject(object_);
        object_ = nullptr;
    }

    PVOID object() const { return object_; }

  private:
    PVOID object_ = nullptr;
};

}  // namespace owsk::nt
