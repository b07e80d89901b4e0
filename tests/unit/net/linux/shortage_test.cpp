// SPDX-License-Identifier: MIT
// Clients that wait because there are no descriptors: who is told, how often, and that all of them
// are served in the end.
#include "net/linux/shortage.h"

#include <sys/resource.h>
#include <unistd.h>

#include "unit/net/linux/client.h"
#include "unit/net/linux/wire.h"

namespace owsk::net {
namespace {

// Takes every connection there is, on both kinds of listener, and counts what it is told.
class Taker final : public ListenerEvents {
  public:
    explicit Taker(Listener& listener) : listener_(listener) {}

    void on_incoming() noexcept override {
        for (;;) {
            Result<std::unique_ptr<Connection>> accepted = listener_.accept();
            if (!accepted || *accepted == nullptr) {
                return;
            }
            take(std::move(*accepted));
        }
    }
    void on_attempt(std::shared_ptr<ConnectionAttempt> attempt) noexcept override {
        attempt->accept();
    }
    void on_established(ConnectionAttempt&,
                        std::unique_ptr<Connection> connection) noexcept override {
        take(std::move(connection));
    }
    void on_aborted(ConnectionAttempt&) noexcept override { ADD_FAILURE(); }
    void on_failed(NTSTATUS) noexcept override { ADD_FAILURE(); }
    void on_accepting_paused() noexcept override {
        EXPECT_TRUE(holds_no_lock());
        board_.change([&] { ++paused_; });
    }
    void on_accepting_resumed() noexcept override {
        EXPECT_TRUE(holds_no_lock());
        board_.change([&] { ++resumed_; });
    }

    bool wait_connections(std::size_t count) {
        return board_.wait_for([&] { return connections_.size() >= count; });
    }
    bool wait_paused(int count) {
        return board_.wait_for([&] { return paused_ >= count; });
    }
    bool wait_resumed(int count) {
        return board_.wait_for([&] { return resumed_ >= count; });
    }
    int paused() { return read(paused_); }
    int resumed() { return read(resumed_); }

  private:
    void take(std::unique_ptr<Connection> connection) {
        board_.change([&] { connections_.push_back(std::move(connection)); });
    }
    int read(const int& value) {
        int now = 0;
        board_.change([&] { now = value; });
        return now;
    }

    Listener& listener_;
    Board board_;
    std::vector<std::unique_ptr<Connection>> connections_;
    int paused_ = 0;
    int resumed_ = 0;
};

// While it lives, the process has only so many descriptors more than it had.
class FewDescriptors {
  public:
    FewDescriptors() {
        EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0);
        const host::UniqueFd lowest_free(::dup(0));
        first_free_ = static_cast<rlim_t>(lowest_free.get());
        allow(0);
    }
    ~FewDescriptors() { EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before_), 0); }
    FewDescriptors(const FewDescriptors&) = delete;
    FewDescriptors& operator=(const FewDescriptors&) = delete;

    void allow(rlim_t more) const {
        const rlimit limit = {.rlim_cur = first_free_ + more, .rlim_max = before_.rlim_max};
        EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
    }

  private:
    rlimit before_ = {};
    rlim_t first_free_ = 0;
};

// With and without conditional accept.
class ShortageTest : public WireTest, public testing::WithParamInterface<bool> {
  protected:
    ShortageTest() : listener(listen(loopback4, {.conditional = GetParam()})), taker(*listener) {}
    ~ShortageTest() override { close_and_wait(*listener); }

    void connect(std::size_t count) {
        for (std::size_t i = 0; i < count; ++i) {
            clients.push_back(std::make_unique<Client>(listener->local_address()));
            ASSERT_EQ(clients.back()->connect_error(), 0);
        }
    }
    void start() { ASSERT_EQ(listener->start(processor, taker), STATUS_SUCCESS); }

    std::unique_ptr<Listener> listener;
    Taker taker;
    std::vector<std::unique_ptr<Client>> clients;
};

INSTANTIATE_TEST_SUITE_P(Listener, ShortageTest, testing::Bool(), [](const auto& about) {
    return about.param ? "Conditional" : "Plain";
});

TEST_P(ShortageTest, IsSaidOnceForAllClientsAndOnceWhenItIsOver) {
    connect(5);
    {
        const FewDescriptors descriptors;
        start();
        ASSERT_TRUE(taker.wait_paused(1));
        for (std::size_t count = 1; count < 5; ++count) {
            // Each connection that is accepted leaves another one that cannot be.
            descriptors.allow(count);
            ASSERT_TRUE(taker.wait_connections(count));
        }
        EXPECT_EQ(taker.paused(), 1);
        EXPECT_EQ(taker.resumed(), 0);
    }
    EXPECT_TRUE(taker.wait_connections(5));
    EXPECT_TRUE(taker.wait_resumed(1));
    EXPECT_EQ(taker.paused(), 1);
}

TEST_P(ShortageTest, IsSaidAgainTheNextTime) {
    start();
    for (int time = 1; time <= 2; ++time) {
        {
            const FewDescriptors descriptors;
            // One for the client, none for its connection.
            descriptors.allow(1);
            connect(1);
            ASSERT_TRUE(taker.wait_paused(time));
        }
        ASSERT_TRUE(taker.wait_connections(static_cast<std::size_t>(time)));
        ASSERT_TRUE(taker.wait_resumed(time));
    }
    EXPECT_EQ(taker.paused(), 2);
}

TEST_P(ShortageTest, ClosingEndsThePause) {
    connect(1);
    const FewDescriptors descriptors;
    start();
    ASSERT_TRUE(taker.wait_paused(1));
    // The listener is closed by the test's end: no timer may be left that needs it.
}

}  // namespace
}  // namespace owsk::net
