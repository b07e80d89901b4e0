// SPDX-License-Identifier: MIT
// The two gates of Linux keep the contract, on the real kernel.
#include "unit/net/attempt_contract.h"

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "unit/net/linux/client.h"
#include "unit/net/linux/gate/syn/syn_machine.h"

namespace owsk::net {
namespace {

// What both worlds are made of: a machine, its gate, and the log of that.
template <typename Test>
class LinuxWorld : public Test {
  protected:
    void open(GateMode mode) {
        machine_ = std::make_unique<Machine>(1, mode);
        Result<std::unique_ptr<Listener>> made =
            machine_->network.listen(loopback4, {.conditional = true});
        ASSERT_TRUE(made.has_value());
        gate_ = std::move(*made);
        ASSERT_EQ(gate_->start(machine_->processor(), log), STATUS_SUCCESS);
    }
    const Address& server() const { return gate_->local_address(); }
    // The attempt that comes after so many.
    std::shared_ptr<ConnectionAttempt> shown_after(std::size_t before) {
        EXPECT_TRUE(comes_true([&] { return log.attempts() > before; }));
        return log.newest();
    }
    template <typename Body>
    void before_news(Body body) {
        const Standstill stands(machine_->processor());
        body();
    }
    void settle() { machine_->settle(); }
    void begin_close() {
        gate_->close(closed_);
        is_closing_ = true;
    }
    void close() {
        if (!is_closing_) {
            begin_close();
        }
        EXPECT_TRUE(closed_.wait());
    }

    std::unique_ptr<Machine> machine_;

  private:
    std::unique_ptr<Listener> gate_;
    Closed closed_;
    bool is_closing_ = false;

  protected:
    AttemptLog log;
};

class AcceptedWorld : public LinuxWorld<testing::Test> {
  public:
    static constexpr auto name = "Accepted";

  protected:
    template <typename Body>
    void play(Body body) {
        open(GateMode::accepted);
        body();
    }
    std::shared_ptr<ConnectionAttempt> ask(Asking) {
        const std::size_t before = log.attempts();
        clients_.push_back(std::make_unique<Client>(server()));
        return shown_after(before);
    }
    void leave() { clients_.back()->reset(); }

  private:
    std::vector<std::unique_ptr<Client>> clients_;
};

class SynWorld : public LinuxWorld<SynGateTest> {
  public:
    static constexpr auto name = "Syn";

  protected:
    template <typename Body>
    void play(Body body) {
        in_own_network([&] {
            sender_.emplace(open_sender());
            open(GateMode::strict);
            body();
        });
    }
    std::shared_ptr<ConnectionAttempt> ask(Asking asking) {
        const std::size_t before = log.attempts();
        if (asking == Asking::answers) {
            callers_.push_back(std::make_unique<Caller>(server()));
        } else {
            syn_ = far_syn(server(), ++far_clients_);
            sender_->send(syn_);
        }
        return shown_after(before);
    }
    // It begins anew, from the same port.
    void leave() {
        syn_.sequence += 100'000;
        sender_->send(syn_);
        for (host::LinuxProcessor* loop : machine_->queue_loops()) {
            const Standstill passed(*loop);
        }
    }

  private:
    std::optional<SegmentSender> sender_;
    Segment syn_;
    std::uint32_t far_clients_ = 0;
    std::vector<std::unique_ptr<Caller>> callers_;
};

using LinuxWorlds = testing::Types<AcceptedWorld, SynWorld>;
INSTANTIATE_TYPED_TEST_SUITE_P(Linux, AttemptContract, LinuxWorlds, WorldNames);

template <typename World>
class AttemptRaces : public World {};
TYPED_TEST_SUITE(AttemptRaces, LinuxWorlds, WorldNames);

// Two verdicts from two threads, and a client that may leave. What was not rejected has one end, at
// the latest with its listener; what was may have one as well, if that came first.
TYPED_TEST(AttemptRaces, OfVerdictsAndClientsGiveOneOutcome) {
    this->play([this] {
        constexpr int rounds = 200;
        std::vector<std::shared_ptr<ConnectionAttempt>> attempts;
        for (int round = 0; round < rounds; ++round) {
            const auto attempt = this->ask(Asking::is_mute);
            std::atomic<int> ready = 0;
            const auto together = [&](auto act) {
                ++ready;
                while (ready < 3) {
                    std::this_thread::yield();
                }
                act();
            };
            {
                const std::jthread accepts([&] { together([&] { attempt->accept(); }); });
                const std::jthread rejects([&] {
                    together([&] {
                        if (round % 4 < 2) {
                            attempt->reject();
                        }
                    });
                });
                together([&] {
                    if (round % 2 == 0) {
                        this->leave();
                    }
                });
            }
            attempts.push_back(attempt);
        }
        this->settle();
        this->close();
        for (int round = 0; round < rounds; ++round) {
            const std::ptrdiff_t ends = this->log.ends(attempts[static_cast<std::size_t>(round)]);
            EXPECT_LE(ends, 1) << round;
            EXPECT_TRUE(round % 4 < 2 || ends == 1) << round;
        }
    });
}

}  // namespace
}  // namespace owsk::net
