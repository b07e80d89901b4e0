// SPDX-License-Identifier: MIT
// GateRecorder: what the gate of a conditional listener has announced.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "base/mutex.h"
#include "net/network.h"
#include "unit/net/linux/wire.h"

namespace owsk::net {

// Keeps what the gate announces. `answer` runs for each attempt, inside the announcement.
class GateRecorder final : public ListenerEvents {
  public:
    void on_incoming() noexcept override { ADD_FAILURE(); }
    void on_attempt(std::shared_ptr<ConnectionAttempt> attempt) noexcept override {
        EXPECT_TRUE(holds_no_lock());
        if (answer) {
            answer(*attempt);
        }
        board_.change([&] { attempts_.push_back(std::move(attempt)); });
    }
    void on_established(ConnectionAttempt& attempt,
                        std::unique_ptr<Connection> connection) noexcept override {
        EXPECT_TRUE(holds_no_lock());
        EXPECT_EQ(attempt.remote_address(), connection->remote_address());
        board_.change([&] { connections_.push_back(std::move(connection)); });
    }
    void on_aborted(ConnectionAttempt& attempt) noexcept override {
        EXPECT_TRUE(holds_no_lock());
        board_.change([&] { aborted_.push_back(attempt.remote_address()); });
    }
    void on_failed(NTSTATUS) noexcept override { ADD_FAILURE(); }

    std::shared_ptr<ConnectionAttempt> next_attempt() { return take(attempts_); }
    std::unique_ptr<Connection> next_connection() { return take(connections_); }
    Address next_aborted() { return take(aborted_); }
    bool wait_attempts(std::size_t count) {
        return board_.wait_for([&] { return attempts_.size() >= count; });
    }
    // Stays on the list. Null if there is none.
    std::shared_ptr<ConnectionAttempt> latest_attempt_from(const Address& remote) {
        std::shared_ptr<ConnectionAttempt> latest;
        board_.change([&] {
            for (const auto& attempt : attempts_) {
                if (attempt->remote_address() == remote) {
                    latest = attempt;
                }
            }
        });
        return latest;
    }
    std::size_t attempts() { return count(attempts_); }
    std::size_t connections() { return count(connections_); }
    std::size_t aborted() { return count(aborted_); }

    std::function<void(ConnectionAttempt&)> answer;

  private:
    template <typename T>
    std::size_t count(const std::vector<T>& of) {
        std::size_t size = 0;
        board_.change([&] { size = of.size(); });
        return size;
    }
    template <typename T>
    T take(std::vector<T>& from) {
        T taken{};
        const bool came = board_.wait_for([&] { return !from.empty(); },
                                          [&] {
                                              if (!from.empty()) {
                                                  taken = std::move(from.front());
                                                  from.erase(from.begin());
                                              }
                                          });
        EXPECT_TRUE(came);
        return taken;
    }

    Board board_;
    std::vector<std::shared_ptr<ConnectionAttempt>> attempts_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::vector<Address> aborted_;
};

}  // namespace owsk::net
