// SPDX-License-Identifier: MIT
// SimulatedTest: an executive whose threads take turns in virtual time, with the test's thread
// attached at PASSIVE_LEVEL. Its parameter is the seed.
#pragma once

#include <gtest/gtest.h>
#include <openwsk/process.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "host/sim/sim_host.h"
#include "host/sim/world.h"
#include "nt/ke/stack.h"
#include "nt/system.h"
#include "probe/probes.h"

namespace owsk::nt {

class SimulatedExecutive {
  public:
    explicit SimulatedExecutive(std::uint64_t seed) : world_({.seed = seed}) {
        world_.set_stack_writer([] { return ke::Stack::capture().to_text("owsk::host::World::"); });
        host_.start([this] { system_.enter_processor(); });
        system_.start();
        scope_.emplace(system_);
    }
    ~SimulatedExecutive() {
        for (HANDLE thread : threads_) {
            join(thread);
        }
        EXPECT_EQ(system_.report_leaks(), 0U);
        scope_.reset();
        system_.stop();
        host_.stop();
    }
    SimulatedExecutive(const SimulatedExecutive&) = delete;
    SimulatedExecutive& operator=(const SimulatedExecutive&) = delete;

    host::World& world() { return world_; }
    System& system() { return system_; }

    // A system thread; the destructor waits for it.
    void start(std::function<void()> body) {
        bodies_.push_back(std::make_unique<std::function<void()>>(std::move(body)));
        HANDLE thread = nullptr;
        EXPECT_EQ(
            PsCreateSystemThread(
                &thread, THREAD_ALL_ACCESS, nullptr, nullptr, nullptr, call, bodies_.back().get()),
            STATUS_SUCCESS);
        threads_.push_back(thread);
    }
    // Waits for all of them.
    void join_all() {
        for (HANDLE thread : std::exchange(threads_, {})) {
            join(thread);
        }
    }

  private:
    static VOID NTAPI call(PVOID body) { (*static_cast<std::function<void()>*>(body))(); }

    static void join(HANDLE thread) {
        PVOID object = nullptr;
        ObReferenceObjectByHandle(thread, THREAD_ALL_ACCESS, nullptr, KernelMode, &object, nullptr);
        KeWaitForSingleObject(object, Executive, KernelMode, FALSE, nullptr);
        ObDereferenceObject(object);
        ZwClose(thread);
    }

    std::vector<std::unique_ptr<std::function<void()>>> bodies_;
    std::vector<HANDLE> threads_;
    const OneCpu one_cpu_;
    host::World world_;
    probe::Probes probes_;
    host::SimHost host_{world_, "server", 2};
    Faults faults_{7, true};
    System system_{host_, probes_, faults_};
    std::optional<ThreadScope> scope_;
};

// A test for every one of a few seeds.
class SimulatedTest : public testing::TestWithParam<std::uint64_t> {
  protected:
    SimulatedTest() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

}  // namespace owsk::nt
