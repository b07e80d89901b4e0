// SPDX-License-Identifier: MIT
// Threads are named from inside, before anything they run can be seen.
#include "host/linux/linux_thread.h"

#include <pthread.h>

#include <system_error>
#include <utility>

#include "base/assert.h"

namespace owsk::host {

void name_this_thread(const std::string& name) noexcept {
    constexpr std::size_t shown_length = 15;
    char shown[shown_length + 1] = {};
    name.copy(shown, shown_length);
    ::pthread_setname_np(::pthread_self(), shown);
}

bool start_detached_thread(const std::string& name, std::function<void()> body) noexcept {
    try {
        std::thread([name, body = std::move(body)] {
            name_this_thread(name);
            body();
        }).detach();
        return true;
    } catch (const std::system_error&) {
        return false;
    }
}

LinuxThread::LinuxThread(std::string name, std::function<void()> body)
    : thread_([name = std::move(name), body = std::move(body)] {
          name_this_thread(name);
          body();
      }) {}

LinuxThread::~LinuxThread() {
    OWSK_ASSERT(!thread_.joinable());
}

}  // namespace owsk::host
