// SPDX-License-Identifier: MIT
// Attempts come to their listener's processor by way of a loop, as on Linux.
#include "net/sim/syn_loop.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <thread>
#include <utility>

#include "host/sim/sim_host.h"
#include "unit/net/sim/provider_side.h"

namespace owsk::net {
namespace {

const Address port_7 = at("192.0.2.1", 7);

struct Job final : host::Task {
    explicit Job(std::function<void()> what) : body(std::move(what)) {}
    void run() noexcept override { body(); }
    const std::function<void()> body;
};

// A server whose listener is on a processor of a simulated computer, and a client.
class SynLoopTest : public testing::TestWithParam<std::uint64_t> {
  protected:
    SynLoopTest() {
        host.start(nullptr);
        on_processor([this] { own_thread = std::this_thread::get_id(); });
        ListenOptions options;
        options.conditional = true;
        Result<std::unique_ptr<Listener>> made = network.listen(port_7, options);
        EXPECT_TRUE(made);
        gate = std::move(*made);
        log.answer = [this](ConnectionAttempt& attempt) {
            EXPECT_TRUE(host.processor(0).is_current());
            (std::this_thread::get_id() == own_thread ? by_own_thread : in_place) += 1;
            attempt.accept();
        };
        EXPECT_EQ(gate->start(host.processor(0), log), STATUS_SUCCESS);
    }
    ~SynLoopTest() override {
        bool closed = false;
        Job end([&] {
            EXPECT_TRUE(host.processor(0).is_current());
            closed = true;
        });
        gate->close(end);
        EXPECT_TRUE(world.run_until([&] { return closed; }, 1s));
        gate.reset();
        log.connections.clear();
        host.stop();
    }

    void on_processor(std::function<void()> body) {
        bool over = false;
        Job job([&] {
            body();
            over = true;
        });
        host.processor(0).post(job);
        EXPECT_TRUE(world.run_until([&] { return over; }, 1s));
    }

    host::World world{{.seed = GetParam()}};
    Internet internet{world.events(), world.stream("internet")};
    Computer server{internet, "server", {at("192.0.2.1")}};
    Computer laptop{internet, "laptop", {at("192.0.2.2")}};
    host::SimHost host{world, "server"};
    SimNetwork network{server, {}, &host};
    ListenerLog log;
    std::unique_ptr<Listener> gate;
    std::thread::id own_thread;
    int by_own_thread = 0;
    int in_place = 0;
};

INSTANTIATE_TEST_SUITE_P(Seeds, SynLoopTest, testing::Range<std::uint64_t>(0, 20));

TEST_P(SynLoopTest, AttemptsAreShownInPlaceAndByTheOwnThread) {
    constexpr int clients = 30;
    std::vector<std::unique_ptr<TcpEndpoint>> endpoints;
    for (int i = 1; i <= clients; ++i) {
        endpoints.push_back(std::make_unique<TcpEndpoint>(laptop));
        EXPECT_EQ(endpoints.back()->connect(port_7), STATUS_SUCCESS);
        EXPECT_TRUE(world.run_until([&] { return log.connections.size() == std::size_t(i); }, 1s));
    }
    EXPECT_EQ(by_own_thread + in_place, clients);
    EXPECT_GT(by_own_thread, 0);
    EXPECT_GT(in_place, 0);
}

TEST_P(SynLoopTest, AGateClosesWhileAttemptsCome) {
    std::vector<std::unique_ptr<TcpEndpoint>> endpoints;
    for (int i = 0; i < 5; ++i) {
        endpoints.push_back(std::make_unique<TcpEndpoint>(laptop));
        EXPECT_EQ(endpoints.back()->connect(port_7), STATUS_SUCCESS);
    }
    const std::size_t seen = GetParam() % 5;
    EXPECT_TRUE(world.run_until([&] { return log.attempts.size() >= seen; }, 1s));
}

}  // namespace
}  // namespace owsk::net
