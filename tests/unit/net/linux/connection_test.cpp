// SPDX-License-Identifier: MIT
// One connection and its client: every readiness, both ends, and all the ways to part.
#include "net/linux/connection.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <array>
#include <thread>

#include "net/linux/sockaddr.h"
#include "unit/net/linux/client.h"
#include "unit/net/linux/wire.h"

namespace owsk::net {
namespace {

class LinuxConnectionTest : public WireTest, public testing::WithParamInterface<Address> {
  protected:
    LinuxConnectionTest()
        : listener(listen(GetParam())), client(std::make_unique<Client>(start_listening())) {
        connection = incoming.next(*listener);
        EXPECT_EQ(connection->start(processor, events), STATUS_SUCCESS);
        EXPECT_TRUE(events.wait_writable());
    }
    ~LinuxConnectionTest() override {
        if (connection) {
            close_and_wait(*connection);
        }
        close_and_wait(*listener);
    }

    Address start_listening() {
        EXPECT_EQ(listener->start(processor, incoming), STATUS_SUCCESS);
        return listener->local_address();
    }

    void close_connection() {
        close_and_wait(*connection);
        connection.reset();
    }

    // All that is there now, or comes within the wait for readiness.
    std::string receive_text(std::size_t limit = 1024) {
        std::string text(limit, '\0');
        const Slice slice{text.data(), text.size()};
        const Transfer transfer = connection->receive({&slice, 1});
        EXPECT_EQ(transfer.outcome, Outcome::done);
        text.resize(transfer.bytes);
        return text;
    }

    Outcome try_receive() {
        char byte;
        const Slice slice{&byte, 1};
        return connection->receive({&slice, 1}).outcome;
    }

    PlainRecorder incoming;
    ConnectionRecorder events;
    std::unique_ptr<Listener> listener;
    std::unique_ptr<Client> client;
    std::unique_ptr<Connection> connection;
};

INSTANTIATE_TEST_SUITE_P(Loopback,
                         LinuxConnectionTest,
                         testing::Values(loopback4, loopback6),
                         [](const auto& about) {
                             return about.param.family == Family::ipv4 ? "Ipv4" : "Ipv6";
                         });

TEST_P(LinuxConnectionTest, DataIsAnnouncedAndReceived) {
    EXPECT_EQ(try_receive(), Outcome::would_block);
    client->send("hello");
    ASSERT_TRUE(events.wait_readable());
    EXPECT_EQ(receive_text(), "hello");
    EXPECT_EQ(try_receive(), Outcome::would_block);
}

TEST_P(LinuxConnectionTest, ScattersAndGathers) {
    client->send("abcdef");
    ASSERT_TRUE(events.wait_readable());
    std::array<char, 2> first;
    std::array<char, 4> second;
    const std::array slices{Slice{nullptr, 0}, Slice{first.data(), 2}, Slice{second.data(), 4}};
    EXPECT_EQ(connection->receive(slices).bytes, 6U);
    EXPECT_EQ(std::string(first.data(), 2) + std::string(second.data(), 4), "abcdef");
    EXPECT_EQ(connection->send(slices, false).bytes, 6U);
    EXPECT_EQ(client->receive(), "abcdef");
}

TEST_P(LinuxConnectionTest, TransferOfManySlicesIsPartial) {
    std::vector<char> bytes(200, 'x');
    std::vector<Slice> slices;
    for (char& byte : bytes) {
        slices.push_back({&byte, 1});
    }
    const Transfer sent = connection->send(slices, false);
    EXPECT_EQ(sent.outcome, Outcome::done);
    EXPECT_GT(sent.bytes, 0U);
    EXPECT_EQ(client->receive(sent.bytes).size(), sent.bytes);
}

TEST_P(LinuxConnectionTest, TransferOfNothingIsDone) {
    const Slice empty{nullptr, 0};
    EXPECT_EQ(connection->receive({&empty, 1}).outcome, Outcome::done);
    EXPECT_EQ(connection->receive({}).outcome, Outcome::done);
    EXPECT_EQ(connection->send({&empty, 1}, false).outcome, Outcome::done);
    EXPECT_EQ(connection->discard(0).outcome, Outcome::done);
}

TEST_P(LinuxConnectionTest, DiscardTakesWithoutCopying) {
    client->send("abcdef");
    ASSERT_TRUE(events.wait_readable());
    EXPECT_EQ(connection->discard(4).bytes, 4U);
    EXPECT_EQ(receive_text(), "ef");
    EXPECT_EQ(connection->discard(4).outcome, Outcome::would_block);
}

TEST_P(LinuxConnectionTest, FullSendBufferBlocksAndRoomIsAnnounced) {
    std::size_t sent = 0;
    const std::string block(256 * 1024, 'x');
    Transfer transfer = send_text(*connection, block);
    while (transfer.outcome == Outcome::done) {
        sent += transfer.bytes;
        transfer = send_text(*connection, block);
    }
    EXPECT_EQ(transfer.outcome, Outcome::would_block);
    std::size_t received = 0;
    while (received < sent) {
        received += client->receive(1 << 20).size();
    }
    EXPECT_TRUE(events.wait_writable());
    EXPECT_EQ(send_text(*connection, "more").outcome, Outcome::done);
}

TEST_P(LinuxConnectionTest, MoreIsHeldBackUntilTheRestFollows) {
    EXPECT_EQ(send_text(*connection, "head ", true).outcome, Outcome::done);
    EXPECT_EQ(send_text(*connection, "tail", false).outcome, Outcome::done);
    EXPECT_EQ(client->receive(), "head tail");
}

// SD5
TEST(LinuxConnectionPush, SendsWhatWasHeldBack) {
    const host::UniqueFd server(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    ASSERT_EQ(::listen(server.get(), 1), 0);
    Sockaddr bound;
    ASSERT_EQ(::getsockname(server.get(), bound.get(), &bound.length), 0);
    const Client receiver(to_address(bound));
    host::UniqueFd accepted(::accept4(server.get(), nullptr, nullptr, SOCK_CLOEXEC));
    const host::UniqueFd same(::dup(accepted.get()));
    LinuxConnection sender(std::move(accepted), {}, {});
    EXPECT_EQ(send_text(sender, "head", true).outcome, Outcome::done);
    sender.push();
    int unsent = -1;
    ASSERT_EQ(::ioctl(same.get(), SIOCOUTQNSD, &unsent), 0);
    EXPECT_EQ(unsent, 0);
    EXPECT_EQ(sender.get_option(SocketOption::no_delay).status(), STATUS_SUCCESS);
    EXPECT_EQ(*sender.get_option(SocketOption::no_delay), 0U);
}

TEST_P(LinuxConnectionTest, FinIsAnnouncedOnceAndDataBeforeItIsRead) {
    client->send("last");
    client->finish();
    ASSERT_TRUE(events.wait_finished());
    EXPECT_EQ(receive_text(), "last");
    EXPECT_EQ(try_receive(), Outcome::end_of_stream);
    EXPECT_EQ(try_receive(), Outcome::end_of_stream);
    EXPECT_EQ(connection->failure(), STATUS_SUCCESS);
    // Our own FIN causes more events, and none of them repeats the peer's.
    EXPECT_EQ(connection->finish_sending(), STATUS_SUCCESS);
    ASSERT_TRUE(events.wait_writable());
    close_connection();
    EXPECT_TRUE(events.nothing_of_finished());
    EXPECT_TRUE(events.nothing_of_failed());
}

TEST_P(LinuxConnectionTest, PeerThatHasFinishedStillReceives) {
    client->finish();
    ASSERT_TRUE(events.wait_finished());
    EXPECT_EQ(send_text(*connection, "answer").outcome, Outcome::done);
    EXPECT_EQ(client->receive(), "answer");
}

TEST_P(LinuxConnectionTest, AfterOurFinWeStillReceive) {
    EXPECT_FALSE(connection->finish_acknowledged());
    EXPECT_EQ(connection->finish_sending(), STATUS_SUCCESS);
    EXPECT_EQ(client->read_to_the_end(), 0);
    client->send("late");
    ASSERT_TRUE(events.wait_readable());
    EXPECT_EQ(receive_text(), "late");
}

TEST_P(LinuxConnectionTest, AcknowledgedFinIsAnnounced) {
    EXPECT_EQ(connection->finish_sending(), STATUS_SUCCESS);
    while (!connection->finish_acknowledged()) {
        ASSERT_TRUE(events.wait_writable());
    }
}

TEST_P(LinuxConnectionTest, FinOnBothSidesIsNoFailure) {
    EXPECT_EQ(connection->finish_sending(), STATUS_SUCCESS);
    EXPECT_EQ(client->read_to_the_end(), 0);
    client->close();
    ASSERT_TRUE(events.wait_finished());
    EXPECT_EQ(try_receive(), Outcome::end_of_stream);
    EXPECT_TRUE(connection->finish_acknowledged());
    EXPECT_EQ(connection->failure(), STATUS_SUCCESS);
    close_connection();
    EXPECT_TRUE(events.nothing_of_failed());
}

TEST_P(LinuxConnectionTest, CloseAfterBothFinsSendsNoReset) {
    client->finish();
    ASSERT_TRUE(events.wait_finished());
    EXPECT_EQ(connection->finish_sending(), STATUS_SUCCESS);
    close_connection();
    EXPECT_EQ(client->read_to_the_end(), 0);
}

TEST_P(LinuxConnectionTest, CloseOtherwiseSendsReset) {
    close_connection();
    EXPECT_EQ(client->read_to_the_end(), ECONNRESET);
}

TEST_P(LinuxConnectionTest, CloseAfterThePeersFinAloneSendsReset) {
    client->finish();
    ASSERT_TRUE(events.wait_finished());
    close_connection();
    EXPECT_EQ(client->read_to_the_end(), ECONNRESET);
}

TEST_P(LinuxConnectionTest, ConnectionThatWasNeverStartedIsResetWhenDestroyed) {
    Client other(listener->local_address());
    incoming.next(*listener).reset();
    EXPECT_EQ(other.read_to_the_end(), ECONNRESET);
}

TEST_P(LinuxConnectionTest, ResetIsAnnouncedOnceAndSticks) {
    client->reset();
    ASSERT_TRUE(events.wait_failed());
    EXPECT_EQ(connection->failure(), STATUS_CONNECTION_RESET);
    EXPECT_EQ(try_receive(), Outcome::failed);
    EXPECT_EQ(try_receive(), Outcome::failed);
    const Transfer sent = send_text(*connection, "x");
    EXPECT_EQ(sent.outcome, Outcome::failed);
    EXPECT_EQ(sent.status, STATUS_CONNECTION_RESET);
    EXPECT_NE(connection->finish_sending(), STATUS_SUCCESS);
    EXPECT_EQ(connection->failure(), STATUS_CONNECTION_RESET);
    close_connection();
    EXPECT_TRUE(events.nothing_of_failed());
    EXPECT_TRUE(events.nothing_of_finished());
}

TEST_P(LinuxConnectionTest, ResetDiscardsWhatWasNotRead) {
    client->send("last");
    ASSERT_TRUE(events.wait_readable());
    client->reset();
    ASSERT_TRUE(events.wait_failed());
    EXPECT_EQ(try_receive(), Outcome::failed);
    EXPECT_EQ(connection->discard(4).outcome, Outcome::failed);
}

// The kernel gives the data to whoever comes first.
TEST_P(LinuxConnectionTest, ResetDiscardsWhatWasNotReadAlthoughItIsNotAnnouncedYet) {
    std::atomic<bool> is_busy = false;
    std::atomic<bool> may_go_on = false;
    struct Busy final : host::Task {
        void run() noexcept override {
            is_busy->store(true);
            is_busy->notify_all();
            may_go_on->wait(false);
        }
        std::atomic<bool>* is_busy;
        std::atomic<bool>* may_go_on;
    } busy;
    busy.is_busy = &is_busy;
    busy.may_go_on = &may_go_on;
    client->send("last");
    ASSERT_TRUE(events.wait_readable());
    processor.post(busy);
    is_busy.wait(false);
    client->reset();
    EXPECT_EQ(try_receive(), Outcome::failed);
    EXPECT_EQ(connection->failure(), STATUS_CONNECTION_RESET);
    may_go_on.store(true);
    may_go_on.notify_all();
    EXPECT_TRUE(events.wait_failed());
}

TEST_P(LinuxConnectionTest, UnacknowledgedCountsBytesAndNotTheFin) {
    EXPECT_EQ(connection->unacknowledged(), 0U);
    const std::string block(256 * 1024, 'x');
    std::size_t sent = 0;
    for (Transfer transfer{Outcome::done}; transfer.outcome == Outcome::done;) {
        transfer = send_text(*connection, block);
        sent += transfer.bytes;
    }
    const std::size_t left = connection->unacknowledged();
    EXPECT_GT(left, 0U);
    EXPECT_EQ(connection->finish_sending(), STATUS_SUCCESS);
    EXPECT_LE(connection->unacknowledged(), left);
    for (std::size_t received = 0; received < sent;) {
        const std::size_t count = client->receive(1 << 20).size();
        ASSERT_NE(count, 0U);
        received += count;
    }
    while (!connection->finish_acknowledged()) {
        ASSERT_TRUE(events.wait_writable());
    }
    EXPECT_EQ(connection->unacknowledged(), 0U);
}

TEST_P(LinuxConnectionTest, UnreadCountsWhatWasNotTaken) {
    EXPECT_EQ(connection->unread(), 0U);
    client->send("0123456789");
    ASSERT_TRUE(events.wait_readable());
    EXPECT_EQ(connection->unread(), 10U);
    EXPECT_EQ(connection->discard(4).bytes, 4U);
    EXPECT_EQ(connection->unread(), 6U);
}

TEST_P(LinuxConnectionTest, TheIdealSendBacklogIsAtLeastTheUsualAndAtMostTheSendBuffer) {
    EXPECT_GE(connection->ideal_send_backlog(), ideal_send_backlog_min);
    ASSERT_EQ(connection->set_option(SocketOption::send_buffer, 100'000), STATUS_SUCCESS);
    EXPECT_LE(connection->ideal_send_backlog(), 100'000U);
    ASSERT_EQ(connection->set_option(SocketOption::send_buffer, 10'000), STATUS_SUCCESS);
    EXPECT_EQ(connection->ideal_send_backlog(), ideal_send_backlog_min);
}

TEST_P(LinuxConnectionTest, ResetAfterFinIsAFailure) {
    client->finish();
    ASSERT_TRUE(events.wait_finished());
    client->reset();
    ASSERT_TRUE(events.wait_failed());
    EXPECT_EQ(connection->failure(), STATUS_CONNECTION_RESET);
    EXPECT_EQ(try_receive(), Outcome::failed);
}

TEST_P(LinuxConnectionTest, FinAfterAResetFails) {
    client->reset();
    ASSERT_TRUE(events.wait_failed());
    EXPECT_NE(connection->finish_sending(), STATUS_SUCCESS);
    EXPECT_FALSE(connection->finish_acknowledged());
}

// The FIN alone is out, and what comes is not its acknowledgment.
TEST_P(LinuxConnectionTest, FinThatIsAnsweredByResetIsNotAcknowledged) {
    if (!client->vanish()) {
        GTEST_SKIP() << "TCP_REPAIR needs CAP_NET_ADMIN";
    }
    EXPECT_EQ(connection->finish_sending(), STATUS_SUCCESS);
    ASSERT_TRUE(events.wait_failed());
    EXPECT_EQ(connection->failure(), STATUS_CONNECTION_RESET);
    EXPECT_FALSE(connection->finish_acknowledged());
}

// The processor and a receiving thread compete for the error that the kernel tells only once.
TEST_P(LinuxConnectionTest, ResetIsNeverMistakenForTheEndOfTheStream) {
    for (int i = 0; i < 200; ++i) {
        ConnectionRecorder others;
        Client other(listener->local_address());
        const auto raced = incoming.next(*listener);
        ASSERT_EQ(raced->start(processor, others), STATUS_SUCCESS);
        std::thread resetter([&] { other.reset(); });
        Transfer transfer{Outcome::would_block};
        while (transfer.outcome == Outcome::would_block) {
            char byte;
            const Slice slice{&byte, 1};
            transfer = raced->receive({&slice, 1});
        }
        EXPECT_EQ(transfer.outcome, Outcome::failed);
        EXPECT_EQ(transfer.status, STATUS_CONNECTION_RESET);
        EXPECT_TRUE(others.wait_failed());
        resetter.join();
        close_and_wait(*raced);
    }
}

TEST_P(LinuxConnectionTest, AbortResetsThePeerAndKeepsTheAddresses) {
    const Address remote = connection->remote_address();
    client->send("unread");
    ASSERT_TRUE(events.wait_readable());
    connection->abort();
    EXPECT_EQ(client->read_to_the_end(), ECONNRESET);
    EXPECT_EQ(connection->remote_address(), remote);
    EXPECT_EQ(connection->local_address(), listener->local_address());
    EXPECT_EQ(connection->failure(), STATUS_CONNECTION_ABORTED);
    EXPECT_EQ(try_receive(), Outcome::failed);
    EXPECT_EQ(send_text(*connection, "x").status, STATUS_CONNECTION_ABORTED);
    EXPECT_TRUE(events.wait_failed());
    EXPECT_EQ(connection->failure(), STATUS_CONNECTION_ABORTED);
}

TEST_P(LinuxConnectionTest, OptionsReadAsTheyWereWritten) {
    EXPECT_EQ(connection->set_option(SocketOption::no_delay, 1), STATUS_SUCCESS);
    EXPECT_EQ(*connection->get_option(SocketOption::no_delay), 1U);
    EXPECT_EQ(connection->set_option(SocketOption::send_buffer, 50'000), STATUS_SUCCESS);
    EXPECT_EQ(*connection->get_option(SocketOption::send_buffer), 50'000U);
}

// On loopback a segment has arrived when the call that sends it returns.
TEST_P(LinuxConnectionTest, ASilentConnectionDropsWhatComes) {
    const NTSTATUS status = connection->silence();
    if (status == STATUS_NOT_SUPPORTED) {
        GTEST_SKIP() << "CAP_NET_ADMIN is needed";
    }
    ASSERT_EQ(status, STATUS_SUCCESS);
    EXPECT_EQ(connection->set_option(SocketOption::keep_alive, 1), STATUS_SUCCESS);
    EXPECT_EQ(*connection->get_option(SocketOption::keep_alive), 0U);
    client->send("hello");
    EXPECT_EQ(connection->unread(), 0u);
}

TEST_P(LinuxConnectionTest, ASilentConnectionIsClosedWithoutAWord) {
    client->send("unread");
    EXPECT_TRUE(events.wait_readable());
    if (connection->silence() == STATUS_NOT_SUPPORTED) {
        GTEST_SKIP() << "CAP_NET_ADMIN is needed";
    }
    close_connection();
    EXPECT_TRUE(client->hears_nothing());
}

// Closing while data pours in: nothing is announced after `closed`.
TEST_P(LinuxConnectionTest, NothingIsAnnouncedAfterClosed) {
    struct Strict final : ConnectionEvents {
        void on_ready(Readiness) noexcept override { EXPECT_FALSE(closed); }
        std::atomic<bool> closed = false;
    };
    for (int i = 0; i < 50; ++i) {
        const auto strict = std::make_unique<Strict>();
        Client other(listener->local_address());
        auto raced = incoming.next(*listener);
        ASSERT_EQ(raced->start(processor, *strict), STATUS_SUCCESS);
        for (int n = 0; n < i % 7; ++n) {
            other.send("x");
        }
        close_and_wait(*raced);
        strict->closed = true;
        raced.reset();
    }
}

}  // namespace
}  // namespace owsk::net
