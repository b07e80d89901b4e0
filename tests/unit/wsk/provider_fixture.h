// SPDX-License-Identifier: MIT
// ProviderTest: a WSK provider on a fake network, with the test's thread attached.
#pragma once

#include <gtest/gtest.h>
#include <openwsk/observer.h>
#include <wsk.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>

#include "fake_network.h"
#include "host/linux/linux_host.h"
#include "nt/io/irp.h"
#include "nt/system.h"
#include "probe/probes.h"
#include "wsk/provider/provider.h"

namespace owsk::wsk {

// One IRP and the wait for its completion.
class TestIrp {
  public:
    TestIrp() : irp_(IoAllocateIrp(1, FALSE)) {
        KeInitializeEvent(&done_, NotificationEvent, FALSE);
        IoSetCompletionRoutine(irp_, completed, &done_, TRUE, TRUE, TRUE);
    }
    // A test that has failed may leave its request pending: the failure is to be the last word, not
    // a bug check about the IRP.
    ~TestIrp() {
        if (nt::io::irp_is_held(irp_)) {
            IoCancelIrp(irp_);
            wait();
        }
        IoFreeIrp(irp_);
    }
    TestIrp(const TestIrp&) = delete;
    TestIrp& operator=(const TestIrp&) = delete;

    PIRP get() const noexcept { return irp_; }
    // The status with which the IRP has completed; STATUS_TIMEOUT if it does not.
    NTSTATUS wait() {
        LARGE_INTEGER timeout;
        timeout.QuadPart = -20LL * 10'000'000;
        const NTSTATUS status =
            KeWaitForSingleObject(&done_, Executive, KernelMode, FALSE, &timeout);
        return status == STATUS_SUCCESS ? irp_->IoStatus.Status : status;
    }
    // The final status of a call that returned `status`: at once, or by way of STATUS_PENDING.
    NTSTATUS wait_after(NTSTATUS status) {
        const NTSTATUS final_status = wait();
        EXPECT_TRUE(status == STATUS_PENDING || status == final_status);
        return final_status;
    }
    bool is_done() noexcept { return KeReadStateEvent(&done_) != 0; }
    ULONG_PTR information() const noexcept { return irp_->IoStatus.Information; }

  private:
    static NTAPI NTSTATUS completed(PDEVICE_OBJECT, PIRP, PVOID context) {
        KeSetEvent(static_cast<PKEVENT>(context), IO_NO_INCREMENT, FALSE);
        return STATUS_MORE_PROCESSING_REQUIRED;
    }

    PIRP irp_;
    KEVENT done_;
};

class AbortCounter final : public Observer {
  public:
    void attempt_aborted(const probe::AttemptAborted&) noexcept override { ++count_; }
    int count() const noexcept { return count_; }

  private:
    std::atomic<int> count_ = 0;
};

class BindCounter final : public Observer {
  public:
    void listener_bound(const probe::ListenerBound&) noexcept override { ++bound_; }
    void bind_failed(const probe::BindFailed&) noexcept override { ++failed_; }
    int bound() const noexcept { return bound_; }
    int failed() const noexcept { return failed_; }

  private:
    std::atomic<int> bound_ = 0;
    std::atomic<int> failed_ = 0;
};

// What a wait that lasts has said last.
class WaitRecorder final : public Observer {
  public:
    void unload_waits(const probe::UnloadWaits& record) noexcept override {
        const std::lock_guard guard(mutex_);
        text_ = record.waiting_for;
        changed_.notify_all();
    }
    std::string text() {
        const std::lock_guard guard(mutex_);
        return text_;
    }
    // Empty if nothing is said within the time.
    std::string wait_for_text() {
        std::unique_lock lock(mutex_);
        changed_.wait_for(lock, std::chrono::seconds(20), [this] { return !text_.empty(); });
        return text_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
    std::string text_;
};

class ProviderTest : public testing::Test {
  protected:
    ProviderTest() {
        // A bug check ends a copy of the process that has only the test's own thread.
        GTEST_FLAG_SET(death_test_style, "threadsafe");
        probes_.attach(aborted_);
        probes_.attach(binds_);
        probes_.attach(waits_);
        host_.start([this] { system_.enter_processor(); });
        system_.start();
        scope_.emplace(system_);
    }
    ~ProviderTest() override {
        provider_.stop();
        scope_.reset();
        system_.stop();
        host_.stop();
        EXPECT_EQ(provider_.report_leaks() + system_.report_leaks(), 0U);
    }

    nt::System& system() { return system_; }
    Provider& provider() { return provider_; }
    FakeNetwork& network() { return network_; }
    Faults& faults() { return faults_; }
    int aborted() const noexcept { return aborted_.count(); }
    const BindCounter& binds() const noexcept { return binds_; }
    WaitRecorder& unload_waits() noexcept { return waits_; }

  private:
    AbortCounter aborted_;
    BindCounter binds_;
    WaitRecorder waits_;
    probe::Probes probes_;
    host::LinuxHost host_;
    FakeNetwork network_;
    Faults faults_{7, true};
    nt::System system_{host_, probes_, faults_};
    Provider provider_{system_, network_, {}};
    std::optional<nt::ThreadScope> scope_;
};

}  // namespace owsk::wsk
