// SPDX-License-Identifier: MIT
// Connections of a simulated computer as the provider uses them.
#include "unit/net/sim/provider_side.h"

namespace owsk::net {
namespace {

class SimConnectionTest : public testing::Test {
  protected:
    SimConnectionTest() {
        Result<std::unique_ptr<Listener>> made = network.listen(at("192.0.2.1", 7), {});
        EXPECT_TRUE(made);
        listener = std::move(*made);
        EXPECT_EQ(listener->start(processor, listener_log), STATUS_SUCCESS);
    }
    ~SimConnectionTest() override {
        if (is_started && !closed.came) {
            close();
        }
        ClosedTask end;
        listener->close(end);
        net.run_for(1ms);
        EXPECT_TRUE(end.came);
    }

    void connect() {
        client.set_options(client_options);
        ASSERT_EQ(client.connect(at("192.0.2.1", 7)), STATUS_SUCCESS);
        net.run_for(1ms);
        Result<std::unique_ptr<Connection>> accepted = listener->accept();
        ASSERT_TRUE(accepted);
        connection = std::move(*accepted);
        ASSERT_NE(connection, nullptr);
    }
    void start() {
        ASSERT_EQ(connection->start(processor, log), STATUS_SUCCESS);
        is_started = true;
    }
    void connect_and_start() {
        connect();
        start();
        net.run_for(1ms);
    }
    void close() {
        connection->close(closed);
        EXPECT_FALSE(closed.came);
        net.run_for(1ms);
        EXPECT_TRUE(closed.came);
    }
    // Until nothing fits any more.
    std::size_t fill() {
        std::size_t sent = 0;
        for (;;) {
            const Transfer transfer = send_text(*connection, std::string(100'000, 'x'));
            if (transfer.outcome != Outcome::done) {
                EXPECT_EQ(transfer.outcome, Outcome::would_block);
                return sent;
            }
            sent += transfer.bytes;
            net.run_for(1ms);
        }
    }

    SmallInternet net;
    EventProcessor processor{net.events};
    SimNetwork network{net.server};
    ListenerLog listener_log;
    std::unique_ptr<Listener> listener;
    TcpOptions client_options;
    TcpEndpoint client{net.client};
    ConnectionLog log;
    std::unique_ptr<Connection> connection;
    bool is_started = false;
    ClosedTask closed;
};

TEST_F(SimConnectionTest, IncomingConnectionsAreAnnounced) {
    EXPECT_EQ(*listener->accept(), nullptr);
    connect();
    EXPECT_EQ(listener_log.incoming, 1);
    EXPECT_EQ(connection->local_address(), at("192.0.2.1", 7));
    EXPECT_EQ(connection->remote_address(), client.local());
    EXPECT_EQ(*listener->accept(), nullptr);
}

TEST_F(SimConnectionTest, WhatCameBeforeTheStartIsAnnounced) {
    connect();
    client.send("early");
    client.finish();
    net.run_for(1ms);
    EXPECT_EQ(log.announcements, 0);
    start();
    EXPECT_EQ(log.announcements, 0);
    net.run_for(1ms);
    EXPECT_EQ(log.announcements, 1);
    EXPECT_EQ(log.readable, 1);
    EXPECT_EQ(log.writable, 1);
    EXPECT_EQ(log.peer_finished, 1);
    EXPECT_EQ(receive_text(*connection), "early");
}

TEST_F(SimConnectionTest, NothingIsAnnouncedInsideACall) {
    connect_and_start();
    const int before = log.announcements;
    connection->abort();
    EXPECT_EQ(log.announcements, before);
    net.run_for(1ms);
    EXPECT_EQ(log.failed, 1);
}

TEST_F(SimConnectionTest, ReceivesInSlices) {
    connect_and_start();
    client.send("abcdefgh");
    net.run_for(1ms);
    EXPECT_EQ(log.readable, 1);
    char one[3];
    char two[10];
    const Slice slices[] = {{one, 3}, {nullptr, 0}, {two, 10}};
    const Transfer transfer = connection->receive(slices);
    EXPECT_EQ(transfer.outcome, Outcome::done);
    EXPECT_EQ(transfer.bytes, 8u);
    EXPECT_EQ(std::string(one, 3) + std::string(two, 5), "abcdefgh");
    EXPECT_EQ(connection->receive(slices).outcome, Outcome::would_block);
    EXPECT_EQ(connection->receive({}).outcome, Outcome::done);
}

TEST_F(SimConnectionTest, DiscardsWhatItIsTold) {
    connect_and_start();
    client.send("abcdefgh");
    net.run_for(1ms);
    EXPECT_EQ(connection->discard(0).outcome, Outcome::done);
    EXPECT_EQ(connection->discard(3).bytes, 3u);
    EXPECT_EQ(receive_text(*connection), "defgh");
    EXPECT_EQ(connection->discard(3).outcome, Outcome::would_block);
}

TEST_F(SimConnectionTest, AFullBufferBlocksAndItsRoomIsAnnounced) {
    client_options.receive_buffer = 50'000;
    connect_and_start();
    client.set_reading(false);
    EXPECT_EQ(fill(), 50'000u + 256 * 1024);
    const int before = log.writable;
    client.read_some(30'000);
    net.run_for(1ms);
    // Too little room to be worth it.
    EXPECT_EQ(log.writable, before);
    client.set_reading(true);
    net.run_for(10ms);
    EXPECT_GT(log.writable, before);
    EXPECT_EQ(client.received().size(), 50'000u + 256 * 1024);
}

TEST_F(SimConnectionTest, UnreadCountsWhatWasNotTaken) {
    connect_and_start();
    client.send("0123456789");
    net.run_for(1ms);
    EXPECT_EQ(connection->unread(), 10U);
    EXPECT_EQ(connection->discard(4).bytes, 4U);
    EXPECT_EQ(connection->unread(), 6U);
}

TEST_F(SimConnectionTest, TheIdealSendBacklogIsTheWindowOfThePeerBetweenTheUsualAndTheBuffer) {
    client_options.receive_buffer = 100'000;
    connect_and_start();
    client.send("x");
    net.run_for(1ms);
    EXPECT_GT(connection->ideal_send_backlog(), ideal_send_backlog_min);
    EXPECT_LE(connection->ideal_send_backlog(), 100'000U);
    ASSERT_EQ(connection->set_option(SocketOption::send_buffer, 70'000), STATUS_SUCCESS);
    EXPECT_EQ(connection->ideal_send_backlog(), 70'000U);
}

TEST_F(SimConnectionTest, FinishesInEitherOrder) {
    connect_and_start();
    client.finish();
    net.run_for(1ms);
    EXPECT_EQ(log.peer_finished, 1);
    EXPECT_EQ(try_receive(*connection).outcome, Outcome::end_of_stream);
    send_text(*connection, "more");
    EXPECT_FALSE(connection->finish_acknowledged());
    const int before = log.writable;
    EXPECT_EQ(connection->finish_sending(), STATUS_SUCCESS);
    EXPECT_FALSE(connection->finish_acknowledged());
    net.run_for(1ms);
    EXPECT_TRUE(connection->finish_acknowledged());
    EXPECT_EQ(log.writable, before + 1);
    EXPECT_EQ(client.received(), "more");
    EXPECT_TRUE(client.saw_end_of_stream());
    close();
    EXPECT_EQ(client.end(), TcpEnd::none);
    EXPECT_EQ(log.failed, 0);
}

TEST_F(SimConnectionTest, AFinIsNotAcknowledgedBehindAClosedWindow) {
    client_options.receive_buffer = 1000;
    connect_and_start();
    client.set_reading(false);
    send_text(*connection, std::string(2000, 'x'));
    EXPECT_EQ(connection->finish_sending(), STATUS_SUCCESS);
    net.run_for(10s);
    EXPECT_FALSE(connection->finish_acknowledged());
    client.set_reading(true);
    net.run_for(1s);
    EXPECT_TRUE(connection->finish_acknowledged());
    EXPECT_EQ(client.received().size(), 2000u);
}

TEST_F(SimConnectionTest, ARstFailsItOnceForAll) {
    connect_and_start();
    client.send("last words");
    client.reset();
    net.run_for(1ms);
    EXPECT_EQ(log.failed, 1);
    EXPECT_EQ(connection->failure(), STATUS_CONNECTION_RESET);
    const Transfer sent = send_text(*connection, "x");
    EXPECT_EQ(sent.outcome, Outcome::failed);
    EXPECT_EQ(sent.status, STATUS_CONNECTION_RESET);
    // What it had sent before is discarded.
    const Transfer got = try_receive(*connection);
    EXPECT_EQ(got.outcome, Outcome::failed);
    EXPECT_EQ(got.status, STATUS_CONNECTION_RESET);
    EXPECT_EQ(connection->finish_sending(), STATUS_CONNECTION_RESET);
    connection->abort();
    EXPECT_EQ(connection->failure(), STATUS_CONNECTION_RESET);
    net.run_for(1ms);
    EXPECT_EQ(log.failed, 1);
}

TEST_F(SimConnectionTest, AResetAfterOurFinFails) {
    connect_and_start();
    client.set_reading(false);
    client.set_receive_buffer(1);
    send_text(*connection, std::string(200'000, 'x'));
    connection->finish_sending();
    net.run_for(1ms);
    client.reset();
    net.run_for(1ms);
    EXPECT_FALSE(connection->finish_acknowledged());
    EXPECT_EQ(connection->failure(), STATUS_CONNECTION_RESET);
}

TEST_F(SimConnectionTest, ASilentPeerTimesOut) {
    connect_and_start();
    LinkRules down;
    down.down = true;
    net.internet.set_links(net.client, net.server, down);
    send_text(*connection, "anybody there?");
    net.run_for(15min);
    EXPECT_EQ(connection->failure(), STATUS_SUCCESS);
    net.run_for(1min);
    EXPECT_EQ(connection->failure(), STATUS_IO_TIMEOUT);
    EXPECT_EQ(log.failed, 1);
}

TEST_F(SimConnectionTest, AbortResetsAndForgets) {
    connect_and_start();
    client.send("unread");
    net.run_for(1ms);
    connection->abort();
    EXPECT_EQ(connection->failure(), STATUS_CONNECTION_ABORTED);
    const Transfer got = try_receive(*connection);
    EXPECT_EQ(got.outcome, Outcome::failed);
    EXPECT_EQ(got.status, STATUS_CONNECTION_ABORTED);
    EXPECT_EQ(connection->remote_address(), client.local());
    net.run_for(1ms);
    EXPECT_EQ(client.end(), TcpEnd::reset);
}

TEST_F(SimConnectionTest, CloseResetsUnlessBothHaveFinished) {
    connect_and_start();
    connection->finish_sending();
    net.run_for(1ms);
    EXPECT_TRUE(connection->finish_acknowledged());
    close();
    EXPECT_EQ(client.end(), TcpEnd::reset);
}

TEST_F(SimConnectionTest, CloseResetsIfSomethingIsUnread) {
    connect_and_start();
    client.send("unread");
    client.finish();
    net.run_for(1ms);
    connection->finish_sending();
    close();
    // In peace the client would be in TIME-WAIT.
    EXPECT_EQ(net.server.tcp().connections(), 0u);
    EXPECT_EQ(net.client.tcp().connections(), 0u);
}

TEST_F(SimConnectionTest, NothingIsAnnouncedAfterClose) {
    connect_and_start();
    const int before = log.announcements;
    client.send("x");
    // It has arrived, and is about to be announced.
    net.events.step();
    connection->close(closed);
    net.run_for(1ms);
    EXPECT_TRUE(closed.came);
    EXPECT_EQ(log.announcements, before);
}

TEST_F(SimConnectionTest, OptionsReadAsTheyWereSet) {
    EXPECT_EQ(listener->set_option(SocketOption::receive_buffer, 5000), STATUS_SUCCESS);
    connect();
    EXPECT_EQ(*connection->get_option(SocketOption::receive_buffer), 5000u);
    EXPECT_EQ(connection->set_option(SocketOption::no_delay, 7), STATUS_SUCCESS);
    EXPECT_EQ(*connection->get_option(SocketOption::no_delay), 1u);
    EXPECT_EQ(*connection->get_option(SocketOption::keep_alive), 0u);
    EXPECT_EQ(connection->set_option(SocketOption::send_buffer, 1000), STATUS_SUCCESS);
    EXPECT_EQ(send_text(*connection, std::string(5000, 'x')).bytes, 1000u);
}

TEST_F(SimConnectionTest, AConnectionThatNobodyStartedIsReset) {
    connect();
    connection.reset();
    net.run_for(1ms);
    EXPECT_EQ(client.end(), TcpEnd::reset);
}

}  // namespace
}  // namespace owsk::net
