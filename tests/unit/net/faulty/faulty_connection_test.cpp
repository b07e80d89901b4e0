// SPDX-License-Identifier: MIT
#include "net/faulty/faulty_connection.h"

#include <gtest/gtest.h>

#include <set>

#include "unit/net/faulty/hand_processor.h"
#include "unit/net/faulty/pipe_connection.h"

namespace owsk::net {
namespace {

class Announcements final : public ConnectionEvents {
  public:
    void on_ready(Readiness readiness) noexcept override {
        readable += readiness.readable ? 1 : 0;
        writable += readiness.writable ? 1 : 0;
        failed += readiness.failed ? 1 : 0;
    }
    int readable = 0;
    int writable = 0;
    int failed = 0;
};

class FaultyConnectionTest : public testing::Test {
  protected:
    FaultyConnectionTest() {
        auto pipe = std::make_unique<PipeConnection>();
        inner = pipe.get();
        connection = std::make_unique<FaultyConnection>(std::move(pipe), faults);
    }
    void start() { EXPECT_EQ(connection->start(processor, heard), STATUS_SUCCESS); }

    Transfer send(std::string text) {
        const Slice slices[] = {{text.data(), text.size() / 2},
                                {text.data() + text.size() / 2, text.size() - text.size() / 2}};
        return connection->send(slices, false);
    }
    Transfer receive(std::string& into, std::size_t room = 64) {
        std::string bytes(room, '.');
        const Slice slices[] = {{bytes.data(), room / 2},
                                {bytes.data() + room / 2, room - room / 2}};
        const Transfer transfer = connection->receive(slices);
        into.append(bytes, 0, transfer.bytes);
        return transfer;
    }
    void expect_dropped() {
        EXPECT_TRUE(inner->aborted);
        EXPECT_EQ(connection->failure(), STATUS_CONNECTION_RESET);
        EXPECT_EQ(heard.failed, 0);
        processor.run();
        EXPECT_EQ(heard.failed, 1);
        // What the connection behind says of its end is no news.
        inner->events->on_ready({.failed = true});
        EXPECT_EQ(heard.failed, 1);
        std::string text;
        EXPECT_EQ(receive(text).status, STATUS_CONNECTION_RESET);
        EXPECT_EQ(send("more").status, STATUS_CONNECTION_RESET);
        EXPECT_EQ(connection->finish_sending(), STATUS_CONNECTION_RESET);
        EXPECT_FALSE(connection->finish_acknowledged());
    }

    Faults faults{7, true};
    HandProcessor processor;
    Announcements heard;
    PipeConnection* inner;
    std::unique_ptr<FaultyConnection> connection;
};

TEST_F(FaultyConnectionTest, WithoutFaultsEverythingPasses) {
    start();
    EXPECT_EQ(send("hello").bytes, 5U);
    inner->arriving = "world";
    std::string text;
    EXPECT_EQ(receive(text).bytes, 5U);
    EXPECT_EQ(text, "world");
    inner->events->on_ready({.readable = true});
    EXPECT_EQ(heard.readable, 1);
    EXPECT_EQ(connection->finish_sending(), STATUS_SUCCESS);
    EXPECT_TRUE(connection->finish_acknowledged());
}

TEST_F(FaultyConnectionTest, AShortSendTakesAPartAndHasRoomForTheRestLater) {
    start();
    faults.fail_nth(Fault::short_send, 1);
    const Transfer first = send("hello world");
    ASSERT_EQ(first.outcome, Outcome::done);
    EXPECT_GT(first.bytes, 0U);
    EXPECT_LT(first.bytes, 11U);
    const std::string rest = std::string("hello world").substr(first.bytes);
    EXPECT_EQ(send(rest).outcome, Outcome::would_block);
    EXPECT_EQ(heard.writable, 0);
    processor.run();
    EXPECT_EQ(heard.writable, 1);
    EXPECT_EQ(send(rest).bytes, rest.size());
    EXPECT_EQ(inner->sent, "hello world");
}

TEST_F(FaultyConnectionTest, AShortSendCutsAnywhere) {
    start();
    faults.fail_with(Fault::short_send, 1);
    std::set<std::size_t> cuts;
    for (int i = 0; i < 200; ++i) {
        const Transfer transfer = send("abcd");
        if (transfer.outcome == Outcome::done) {
            cuts.insert(transfer.bytes);
        } else {
            processor.run();
        }
    }
    EXPECT_EQ(cuts, (std::set<std::size_t>{1, 2, 3}));
}

TEST_F(FaultyConnectionTest, OneByteIsNeverShort) {
    start();
    faults.fail_with(Fault::short_send, 1);
    EXPECT_EQ(send("x").bytes, 1U);
    EXPECT_EQ(faults.occasions(Fault::short_send), 0U);
}

TEST_F(FaultyConnectionTest, AShortReceiveAnnouncesTheRest) {
    start();
    faults.fail_nth(Fault::short_receive, 1);
    inner->arriving = std::string(64, 'x');
    std::string text;
    const Transfer first = receive(text);
    ASSERT_EQ(first.outcome, Outcome::done);
    EXPECT_LT(first.bytes, 64U);
    EXPECT_EQ(heard.readable, 0);
    processor.run();
    EXPECT_EQ(heard.readable, 1);
    receive(text);
    EXPECT_EQ(text, std::string(64, 'x'));
}

TEST_F(FaultyConnectionTest, AShortReceiveOfNothingIsNothing) {
    start();
    faults.fail_nth(Fault::short_receive, 1);
    std::string text;
    EXPECT_EQ(receive(text).outcome, Outcome::would_block);
    processor.run();
    EXPECT_EQ(heard.readable, 0);
}

TEST_F(FaultyConnectionTest, IsResetWhileAReceiveWaits) {
    start();
    inner->arriving = "lost";
    faults.fail_nth(Fault::drop_receiving, 1);
    std::string text;
    EXPECT_EQ(receive(text).outcome, Outcome::would_block);
    expect_dropped();
}

TEST_F(FaultyConnectionTest, IsResetWhileBytesAreThrownAway) {
    start();
    faults.fail_nth(Fault::drop_receiving, 1);
    EXPECT_EQ(connection->discard(10).outcome, Outcome::would_block);
    expect_dropped();
}

TEST_F(FaultyConnectionTest, IsResetWhileASendWaits) {
    start();
    faults.fail_nth(Fault::drop_sending, 1);
    EXPECT_EQ(send("hello").outcome, Outcome::would_block);
    EXPECT_EQ(inner->sent, "");
    expect_dropped();
}

TEST_F(FaultyConnectionTest, IsResetWhileADisconnectWaits) {
    start();
    faults.fail_nth(Fault::drop_disconnecting, 1);
    EXPECT_EQ(connection->finish_sending(), STATUS_SUCCESS);
    EXPECT_FALSE(inner->finished);
    expect_dropped();
}

TEST_F(FaultyConnectionTest, ThatIsDeadBeforeItsStartSaysSoAfterIt) {
    connection->drop();
    start();
    expect_dropped();
}

}  // namespace
}  // namespace owsk::net
