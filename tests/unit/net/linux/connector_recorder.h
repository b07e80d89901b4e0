// SPDX-License-Identifier: MIT
// ConnectorRecorder: what a connector announces, of its first attempt.
#pragma once

#include <memory>
#include <utility>

#include "unit/net/linux/wire.h"

namespace owsk::net {

class ConnectorRecorder final : public ConnectorEvents {
  public:
    void on_connected(std::unique_ptr<Connection> connection) noexcept override {
        EXPECT_TRUE(holds_no_lock());
        board_.change([&] { connection_ = std::move(connection); });
    }
    void on_not_connected(unsigned attempt, NTSTATUS status) noexcept override {
        EXPECT_TRUE(holds_no_lock());
        EXPECT_EQ(attempt, 1U);
        board_.change([&] { failure_ = status; });
    }

    std::unique_ptr<Connection> wait_connected() {
        std::unique_ptr<Connection> connection;
        EXPECT_TRUE(board_.wait_for([&] { return connection_ != nullptr; },
                                    [&] { connection = std::move(connection_); }));
        return connection;
    }
    NTSTATUS wait_failed() {
        NTSTATUS status = STATUS_SUCCESS;
        EXPECT_TRUE(board_.wait_for([&] { return failure_ != STATUS_SUCCESS; },
                                    [&] { status = std::exchange(failure_, STATUS_SUCCESS); }));
        return status;
    }
    bool saw_nothing() {
        bool nothing = false;
        board_.change([&] { nothing = connection_ == nullptr && failure_ == STATUS_SUCCESS; });
        return nothing;
    }

  private:
    Board board_;
    std::unique_ptr<Connection> connection_;
    NTSTATUS failure_ = STATUS_SUCCESS;
};

}  // namespace owsk::net
