// SPDX-License-Identifier: MIT
// A stopping provider waits for connections whose last bytes are on their way, and says so.
#include <thread>

#include "unit/net/faulty/pipe_connection.h"
#include "unit/wsk/provider_fixture.h"

namespace owsk::wsk {
namespace {

template <typename Action>
struct Errand final : host::Task {
    explicit Errand(Action work) : action(std::move(work)) {}
    void run() noexcept override {
        action();
        done.store(true);
        done.notify_all();
    }
    Action action;
    std::atomic<bool> done = false;
};

class Lingering : public ProviderTest {
  protected:
    template <typename Action>
    void on_the_processor(Action action) {
        Errand errand(std::move(action));
        system().host().processor(0).post(errand);
        errand.done.wait(false);
    }
    // The connection is alive until all is acknowledged.
    net::PipeConnection& leave_behind(std::size_t unacknowledged) {
        auto connection = std::make_unique<net::PipeConnection>();
        net::PipeConnection& pipe = *connection;
        pipe.outstanding = unacknowledged;
        on_the_processor([&] {
            host::Processor& processor = system().host().processor(0);
            const Instant now = system().host().clock().now();
            provider().lingering().take(std::move(connection), Linger(0, now), processor);
        });
        return pipe;
    }
};

TEST_F(Lingering, StopSaysWhatItWaitsForAndGoesOnWhenThatHasArrived) {
    net::PipeConnection& pipe = leave_behind(7);
    std::atomic<bool> has_stopped = false;
    std::thread stopping([&] {
        provider().stop();
        has_stopped = true;
    });
    const std::string text = unload_waits().wait_for_text();
    EXPECT_FALSE(has_stopped);
    EXPECT_NE(text.find("1 client to acknowledge what was sent"), std::string::npos) << text;
    EXPECT_NE(text.find("7 bytes"), std::string::npos) << text;
    on_the_processor([&] { pipe.outstanding = 0; });
    stopping.join();
}

TEST_F(Lingering, StopDoesNotWaitForWhatHasArrived) {
    leave_behind(0);
    provider().stop();
    EXPECT_TRUE(unload_waits().text().empty());
}

}  // namespace
}  // namespace owsk::wsk
