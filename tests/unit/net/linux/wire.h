// SPDX-License-Identifier: MIT
// What the tests of net/linux stand on: a running host, recorders of events, and ways to wait.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "host/linux/linux_host.h"
#include "net/linux/linux_network.h"
#include "net/network.h"
#include "unit/host/signal.h"

namespace owsk::net {

inline constexpr std::chrono::seconds patience(20);

inline const Address loopback4{.family = Family::ipv4, .ip = {127, 0, 0, 1}};
inline const Address loopback6{.family = Family::ipv6,
                               .ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

// A state that events change and a test waits for.
class Board {
  public:
    template <typename Change>
    void change(Change what) {
        const std::lock_guard lock(mutex_);
        what();
        changed_.notify_all();
    }
    // Runs `then` in the moment in which the condition holds.
    template <typename Condition, typename Then>
    bool wait_for(Condition condition, Then then) {
        std::unique_lock lock(mutex_);
        const bool holds = changed_.wait_for(lock, patience, condition);
        then();
        return holds;
    }
    template <typename Condition>
    bool wait_for(Condition condition) {
        return wait_for(condition, [] {});
    }

  private:
    std::mutex mutex_;
    std::condition_variable changed_;
};

// The task that says that something has been closed.
class Closed final : public host::Task {
  public:
    void run() noexcept override { done_.raise(); }
    bool wait() { return done_.wait(); }

  private:
    Signal done_;
};

// Closes a connection or a listener that was started, and waits until it is closed.
template <typename Closable>
void close_and_wait(Closable& closable) {
    Closed closed;
    closable.close(closed);
    ASSERT_TRUE(closed.wait());
}

// Counts what a connection announces.
class ConnectionRecorder final : public ConnectionEvents {
  public:
    void on_ready(Readiness ready) noexcept override {
        EXPECT_TRUE(holds_no_lock());
        board_.change([&] {
            readable_ += ready.readable ? 1 : 0;
            writable_ += ready.writable ? 1 : 0;
            finished_ += ready.peer_finished ? 1 : 0;
            failed_ += ready.failed ? 1 : 0;
        });
    }

    bool wait_readable() { return take(readable_); }
    bool wait_writable() { return take(writable_); }
    bool wait_finished() { return take(finished_); }
    bool wait_failed() { return take(failed_); }
    // Not announced, or taken by a wait.
    bool nothing_of_finished() { return is_zero(finished_); }
    bool nothing_of_failed() { return is_zero(failed_); }

  private:
    bool is_zero(const int& count) {
        bool zero = false;
        board_.change([&] { zero = count == 0; });
        return zero;
    }
    bool take(int& count) {
        return board_.wait_for([&] { return count > 0; }, [&] { count = 0; });
    }

    Board board_;
    int readable_ = 0;
    int writable_ = 0;
    int finished_ = 0;
    int failed_ = 0;
};

// Runs an action when a plain listener announces connections.
class PlainRecorder final : public ListenerEvents {
  public:
    void on_incoming() noexcept override {
        EXPECT_TRUE(holds_no_lock());
        board_.change([&] { ++incoming_; });
    }
    void on_attempt(std::shared_ptr<ConnectionAttempt>) noexcept override { ADD_FAILURE(); }
    void on_established(ConnectionAttempt&, std::unique_ptr<Connection>) noexcept override {
        ADD_FAILURE();
    }
    void on_aborted(ConnectionAttempt&) noexcept override { ADD_FAILURE(); }
    void on_failed(NTSTATUS) noexcept override { ADD_FAILURE(); }

    bool wait_incoming() {
        return board_.wait_for([&] { return incoming_ > 0; }, [&] { incoming_ = 0; });
    }
    // The next connection, whether it is announced before or after the call.
    std::unique_ptr<Connection> next(Listener& listener) {
        for (;;) {
            Result<std::unique_ptr<Connection>> accepted = listener.accept();
            EXPECT_TRUE(accepted.has_value());
            if (!accepted || *accepted != nullptr) {
                return accepted ? std::move(*accepted) : nullptr;
            }
            if (!wait_incoming()) {
                ADD_FAILURE() << "no connection came";
                return nullptr;
            }
        }
    }

  private:
    Board board_;
    int incoming_ = 0;
};

class WireTest : public testing::Test {
  protected:
    WireTest() { host.start(nullptr); }
    ~WireTest() override { host.stop(); }

    std::unique_ptr<Listener> listen(const Address& address, const ListenOptions& options = {}) {
        Result<std::unique_ptr<Listener>> listener = network.listen(address, options);
        EXPECT_TRUE(listener.has_value()) << std::hex << listener.status();
        return listener ? std::move(*listener) : nullptr;
    }

    // Runs `body` on the processor, when everything that was posted or announced before is over.
    void on_processor(std::function<void()> body) {
        struct Call final : host::Task {
            void run() noexcept override {
                body();
                done.raise();
            }
            std::function<void()> body;
            Signal done;
        };
        Call call;
        call.body = std::move(body);
        processor.post(call);
        ASSERT_TRUE(call.done.wait());
    }

    host::LinuxHost host;
    host::LinuxProcessor& processor = host.processor(0);
    LinuxNetwork network{host, GateMode::accepted};
};

inline Transfer send_text(Connection& connection, std::string text, bool more = false) {
    const Slice slice{text.data(), text.size()};
    return connection.send({&slice, 1}, more);
}

}  // namespace owsk::net
