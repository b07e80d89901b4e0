// SPDX-License-Identifier: MIT
// What the provider would see of listeners and connections, on a processor in virtual time.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "net/network.h"
#include "net/sim/sim_network.h"
#include "unit/net/sim/event_processor.h"
#include "unit/net/sim/small_internet.h"

namespace owsk::net {

class ClosedTask final : public host::Task {
  public:
    void run() noexcept override { came = true; }
    bool came = false;
};

// Records everything; `answer` runs for each attempt, inside the announcement.
class ListenerLog final : public ListenerEvents {
  public:
    void on_incoming() noexcept override { ++incoming; }
    void on_attempt(std::shared_ptr<ConnectionAttempt> attempt) noexcept override {
        attempts.push_back(attempt);
        if (answer) {
            answer(*attempt);
        }
    }
    void on_established(ConnectionAttempt& attempt,
                        std::unique_ptr<Connection> connection) noexcept override {
        EXPECT_EQ(attempt.remote_address(), connection->remote_address());
        EXPECT_EQ(attempt.local_address(), connection->local_address());
        connections.push_back(std::move(connection));
    }
    void on_aborted(ConnectionAttempt& attempt) noexcept override {
        aborted.push_back(attempt.remote_address());
    }
    void on_failed(NTSTATUS) noexcept override { ADD_FAILURE(); }

    std::function<void(ConnectionAttempt&)> answer;
    int incoming = 0;
    std::vector<std::shared_ptr<ConnectionAttempt>> attempts;
    std::vector<std::unique_ptr<Connection>> connections;
    std::vector<Address> aborted;
};

class ConnectionLog final : public ConnectionEvents {
  public:
    void on_ready(Readiness readiness) noexcept override {
        ++announcements;
        readable += readiness.readable ? 1 : 0;
        writable += readiness.writable ? 1 : 0;
        peer_finished += readiness.peer_finished ? 1 : 0;
        failed += readiness.failed ? 1 : 0;
    }

    int announcements = 0;
    int readable = 0;
    int writable = 0;
    int peer_finished = 0;
    int failed = 0;
};

inline Transfer send_text(Connection& connection, std::string text, bool more = false) {
    const Slice slice = {text.data(), text.size()};
    return connection.send({&slice, 1}, more);
}

// What one receive gives, "" unless it is data.
inline std::string receive_text(Connection& connection, std::size_t limit = 1024 * 1024) {
    std::string text(limit, '\0');
    const Slice slice = {text.data(), text.size()};
    const Transfer transfer = connection.receive({&slice, 1});
    text.resize(transfer.bytes);
    return text;
}

inline Transfer try_receive(Connection& connection) {
    char byte = 0;
    const Slice slice = {&byte, 1};
    return connection.receive({&slice, 1});
}

}  // namespace owsk::net
