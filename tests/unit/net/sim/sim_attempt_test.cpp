// SPDX-License-Identifier: MIT
// The simulated gate keeps the contract, by itself and behind a listener with faults, none of which
// strikes.
#include "net/sim/sim_attempt.h"

#include <openwsk/faults.h>

#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include "net/faulty/faulty_listener.h"
#include "unit/net/attempt_contract.h"
#include "unit/net/faulty/hand_processor.h"
#include "unit/net/sim/provider_side.h"

namespace owsk::net {
namespace {

template <bool is_behind_faults>
class SimWorld : public testing::Test {
  public:
    static constexpr auto name = is_behind_faults ? "BehindFaults" : "Alone";

  protected:
    template <typename Body>
    void play(Body body) {
        Result<std::unique_ptr<Listener>> made =
            network_.listen(at("192.0.2.1", 7), {.conditional = true});
        ASSERT_TRUE(made);
        gate_ = std::move(*made);
        if (is_behind_faults) {
            gate_ = std::make_unique<FaultyListener>(std::move(gate_), faults_);
        }
        ASSERT_EQ(gate_->start(processor_, log), STATUS_SUCCESS);
        body();
        EXPECT_TRUE(closed_.came);
    }
    std::shared_ptr<ConnectionAttempt> ask(Asking asking) {
        const std::size_t before = log.attempts();
        if (asking == Asking::answers) {
            clients_.push_back(std::make_unique<TcpEndpoint>(net_.client));
            EXPECT_EQ(clients_.back()->connect(at("192.0.2.1", 7)), STATUS_SUCCESS);
        } else {
            peers_.push_back(
                std::make_unique<RawPeer>(net_, "192.0.2." + std::to_string(66 + peers_.size())));
            peers_.back()->send(Control::syn, 1000);
        }
        settle();
        EXPECT_EQ(log.attempts(), before + 1);
        return log.newest();
    }
    void leave() {
        peers_.back()->send(Control::rst, 1001);
        net_.run_for(1ms);
    }
    // The processor runs when it is told to.
    template <typename Body>
    void before_news(Body body) {
        body();
    }
    void settle() {
        net_.run_for(1ms);
        processor_.run();
        net_.run_for(1ms);
        processor_.run();
    }
    void begin_close() {
        gate_->close(closed_);
        is_closing_ = true;
    }
    void close() {
        if (!is_closing_) {
            begin_close();
        }
        settle();
    }

  private:
    SmallInternet net_;
    HandProcessor processor_;
    Faults faults_{7, true};
    SimNetwork network_{net_.server};
    std::unique_ptr<Listener> gate_;
    std::vector<std::unique_ptr<TcpEndpoint>> clients_;
    std::vector<std::unique_ptr<RawPeer>> peers_;
    ClosedTask closed_;
    bool is_closing_ = false;

  protected:
    AttemptLog log;
};

using SimWorlds = testing::Types<SimWorld<false>, SimWorld<true>>;
INSTANTIATE_TYPED_TEST_SUITE_P(Sim, AttemptContract, SimWorlds, WorldNames);

}  // namespace
}  // namespace owsk::net
