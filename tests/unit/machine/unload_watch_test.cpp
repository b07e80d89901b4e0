// SPDX-License-Identifier: MIT
#include "machine/unload_watch.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>

#include "host/linux/linux_host.h"

namespace owsk {
namespace {

class FirstNotice final : public Observer {
  public:
    void unload_waits(const probe::UnloadWaits& record) noexcept override {
        const std::lock_guard guard(mutex_);
        text_ = std::string(record.waiting_for) + " after " + std::to_string(record.seconds);
        said_.notify_all();
    }
    std::string wait() {
        std::unique_lock lock(mutex_);
        said_.wait(lock, [this] { return !text_.empty(); });
        return text_;
    }

  private:
    std::mutex mutex_;
    std::condition_variable said_;
    std::string text_;
};

TEST(UnloadWatch, SaysWhatIsOpen) {
    host::LinuxHost host;
    probe::Probes probes;
    FirstNotice notice;
    WaitNotices notices;
    probes.attach(notice);
    probes.attach(notices);
    const UnloadWatch watch(host, probes, notices, [] { return "1 socket"; });
    EXPECT_EQ(notice.wait(), "1 socket after 3");
}

TEST(UnloadWatch, EndsAtOnceWhenTheUnloadIsOver) {
    host::LinuxHost host;
    const probe::Probes probes;
    const WaitNotices notices;
    for (int i = 0; i < 100; ++i) {
        const UnloadWatch watch(host, probes, notices, [] { return "nothing"; });
    }
}

}  // namespace
}  // namespace owsk
