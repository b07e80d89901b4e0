// SPDX-License-Identifier: MIT
// A thread that sleeps until the unload is over, and speaks up in between.
#include "machine/unload_watch.h"

#include <chrono>
#include <utility>

namespace owsk {

namespace {

constexpr std::chrono::seconds interval{3};
// WskDeregister speaks at the same interval; it gets the time to be first.
constexpr std::chrono::milliseconds courtesy{500};

}  // namespace

UnloadWatch::UnloadWatch(host::Host& host,
                         const probe::Probes& probes,
                         const WaitNotices& notices,
                         std::function<std::string()> open_things)
    : host_(host),
      probes_(probes),
      notices_(notices),
      open_things_(std::move(open_things)),
      ended_(host.new_parker()),
      thread_(host.start_thread("unload-watch", [this] { watch(); })) {}

UnloadWatch::~UnloadWatch() {
    ended_->unpark();
    if (thread_ != nullptr) {
        thread_->join();
    }
}

void UnloadWatch::watch() const noexcept {
    std::uint64_t heard = notices_.count();
    const Instant start = host_.clock().now();
    const host::Sleep sleep = {host::Sleep::For::reminder, "the end of an unload"};
    for (Instant due = start + interval; !ended_->park(due + courtesy, sleep); due += interval) {
        if (notices_.count() == heard) {
            const std::string open = open_things_();
            const auto passed = std::chrono::duration_cast<std::chrono::seconds>(due - start);
            probes_.unload_waits({open, static_cast<std::uint64_t>(passed.count())});
        }
        heard = notices_.count();
    }
}

}  // namespace owsk
