// SPDX-License-Identifier: MIT
// ExecutiveTest: an executive on the real machine, with the test's thread attached at
// PASSIVE_LEVEL.
#pragma once

#include <gtest/gtest.h>
#include <openwsk/observer.h>

#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "host/linux/linux_host.h"
#include "nt/system.h"
#include "probe/probes.h"

namespace owsk::nt {

// Collects what the probes say, so that a test can look at it afterwards.
class CollectingObserver : public Observer {
  public:
    void leak(const probe::Leak& record) noexcept override {
        const std::lock_guard<std::mutex> lock(mutex_);
        leaks_.push_back(std::string(record.kind) + ": " + record.description);
    }
    void debug_print(const probe::DebugPrint& record) noexcept override {
        const std::lock_guard<std::mutex> lock(mutex_);
        debug_text_ += record.text;
    }

    // "<kind>: <description>" of each leak so far.
    std::vector<std::string> leaks() const {
        const std::lock_guard<std::mutex> lock(mutex_);
        return leaks_;
    }
    std::string debug_text() const {
        const std::lock_guard<std::mutex> lock(mutex_);
        return debug_text_;
    }

  private:
    mutable std::mutex mutex_;
    std::vector<std::string> leaks_;
    std::string debug_text_;
};

class ExecutiveTest : public testing::Test {
  protected:
    explicit ExecutiveTest(unsigned processors = 1) : host_(processors) {
        // A bug check ends a copy of the process that has only the test's own thread.
        GTEST_FLAG_SET(death_test_style, "threadsafe");
        probes_.attach(observer_);
        host_.start([this] { system_.enter_processor(); });
        system_.start();
        scope_.emplace(system_);
    }

    // A test that leaves something behind says so by calling expect_leaks().
    ~ExecutiveTest() override {
        const std::uint64_t leaks = system_.report_leaks();
        if (!leaks_expected_) {
            EXPECT_EQ(leaks, 0U) << testing::PrintToString(observer_.leaks());
        }
        scope_.reset();
        system_.stop();
        host_.stop();
    }

    System& system() { return system_; }
    CollectingObserver& observer() { return observer_; }
    Faults& faults() { return faults_; }
    void expect_leaks() { leaks_expected_ = true; }

    // Long enough that only a hang can reach it.
    static LARGE_INTEGER long_timeout() {
        LARGE_INTEGER timeout;
        timeout.QuadPart = -20LL * 10'000'000;
        return timeout;
    }

  private:
    CollectingObserver observer_;
    probe::Probes probes_;
    host::LinuxHost host_;
    Faults faults_{7, true};
    System system_{host_, probes_, faults_};
    std::optional<ThreadScope> scope_;
    bool leaks_expected_ = false;
};

}  // namespace owsk::nt
