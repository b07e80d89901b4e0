// SPDX-License-Identifier: MIT
// What every gate owes to whoever judges its attempts: one outcome for each, in whatever order
// verdicts, clients and the end of the listener come. A gate takes part by a World, its fixture:
//
//   play(body)           opens the gate, runs the body, closes it; `log` has what was announced
//   ask(client)          a client asks, and its attempt is shown; held until somebody judges it
//   leave()              the client of the newest attempt goes, and the gate knows it. It may come
//                        again, as another attempt
//   before_news(body)    nothing is announced before the body is over
//   settle()             everything is announced
//   begin_close()        says that it is to be closed
//   close()              and waits until it is
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "net/network.h"

namespace owsk::net {

// Whether a client answers, once it is let in.
enum class Asking : std::uint8_t { answers, is_mute };

// What a gate has announced of each attempt.
class AttemptLog final : public ListenerEvents {
  public:
    void on_incoming() noexcept override { ADD_FAILURE(); }
    void on_attempt(std::shared_ptr<ConnectionAttempt> attempt) noexcept override {
        const std::lock_guard lock(mutex_);
        attempts_.push_back(std::move(attempt));
    }
    void on_established(ConnectionAttempt& attempt,
                        std::unique_ptr<Connection> connection) noexcept override {
        const std::lock_guard lock(mutex_);
        established_.push_back(&attempt);
        connections_.push_back(std::move(connection));
    }
    void on_aborted(ConnectionAttempt& attempt) noexcept override {
        const std::lock_guard lock(mutex_);
        aborted_.push_back(&attempt);
    }
    void on_failed(NTSTATUS) noexcept override { ADD_FAILURE(); }

    std::size_t attempts() {
        const std::lock_guard lock(mutex_);
        return attempts_.size();
    }
    std::shared_ptr<ConnectionAttempt> newest() {
        const std::lock_guard lock(mutex_);
        return attempts_.empty() ? nullptr : attempts_.back();
    }
    std::ptrdiff_t established(const std::shared_ptr<ConnectionAttempt>& attempt) {
        const std::lock_guard lock(mutex_);
        return std::count(established_.begin(), established_.end(), attempt.get());
    }
    std::ptrdiff_t aborted(const std::shared_ptr<ConnectionAttempt>& attempt) {
        const std::lock_guard lock(mutex_);
        return std::count(aborted_.begin(), aborted_.end(), attempt.get());
    }
    // Whatever has become of it.
    std::ptrdiff_t ends(const std::shared_ptr<ConnectionAttempt>& attempt) {
        return established(attempt) + aborted(attempt);
    }

  private:
    std::mutex mutex_;
    // All of them, so that no other has the address of one.
    std::vector<std::shared_ptr<ConnectionAttempt>> attempts_;
    std::vector<const ConnectionAttempt*> established_;
    std::vector<std::unique_ptr<Connection>> connections_;
    std::vector<const ConnectionAttempt*> aborted_;
};

// Each World has a `name`.
struct WorldNames {
    template <typename World>
    static std::string GetName(int) {
        return World::name;
    }
};

template <typename World>
class AttemptContract : public World {};
TYPED_TEST_SUITE_P(AttemptContract);

TYPED_TEST_P(AttemptContract, AnAcceptEstablishes) {
    this->play([this] {
        const auto attempt = this->ask(Asking::answers);
        attempt->accept();
        this->settle();
        EXPECT_EQ(this->log.established(attempt), 1);
        this->close();
        EXPECT_EQ(this->log.ends(attempt), 1);
    });
}

TYPED_TEST_P(AttemptContract, NothingFollowsAReject) {
    this->play([this] {
        const auto attempt = this->ask(Asking::is_mute);
        attempt->reject();
        this->leave();
        this->settle();
        this->close();
        EXPECT_EQ(this->log.ends(attempt), 0);
    });
}

TYPED_TEST_P(AttemptContract, AClientThatLeavesIsAbortedAndNoVerdictChangesThat) {
    this->play([this] {
        const auto attempt = this->ask(Asking::is_mute);
        this->leave();
        this->settle();
        EXPECT_EQ(this->log.aborted(attempt), 1);
        attempt->accept();
        attempt->reject();
        this->settle();
        this->close();
        EXPECT_EQ(this->log.ends(attempt), 1);
    });
}

TYPED_TEST_P(AttemptContract, ARejectBeforeTheAbortIsAnnouncedCounts) {
    this->play([this] {
        const auto attempt = this->ask(Asking::is_mute);
        this->before_news([&] {
            this->leave();
            attempt->reject();
        });
        this->settle();
        this->close();
        EXPECT_EQ(this->log.ends(attempt), 0);
    });
}

TYPED_TEST_P(AttemptContract, AnAcceptBeforeTheAbortIsAnnouncedDoesNot) {
    this->play([this] {
        const auto attempt = this->ask(Asking::is_mute);
        this->before_news([&] {
            this->leave();
            attempt->accept();
            attempt->reject();
        });
        this->settle();
        EXPECT_EQ(this->log.aborted(attempt), 1);
        this->close();
        EXPECT_EQ(this->log.ends(attempt), 1);
    });
}

TYPED_TEST_P(AttemptContract, AClientThatLeavesAfterTheAcceptIsAborted) {
    this->play([this] {
        const auto attempt = this->ask(Asking::is_mute);
        this->before_news([&] {
            attempt->accept();
            this->leave();
            attempt->reject();
        });
        this->settle();
        EXPECT_EQ(this->log.aborted(attempt), 1);
        this->close();
        EXPECT_EQ(this->log.ends(attempt), 1);
    });
}

TYPED_TEST_P(AttemptContract, TheFirstVerdictCounts) {
    this->play([this] {
        const auto refused = this->ask(Asking::answers);
        refused->reject();
        refused->accept();
        this->settle();
        EXPECT_EQ(this->log.ends(refused), 0);
        const auto accepted = this->ask(Asking::answers);
        accepted->accept();
        accepted->reject();
        this->settle();
        EXPECT_EQ(this->log.established(accepted), 1);
        this->close();
        EXPECT_EQ(this->log.ends(refused), 0);
        EXPECT_EQ(this->log.ends(accepted), 1);
    });
}

TYPED_TEST_P(AttemptContract, CloseAbortsWhatIsHeldAndNoVerdictChangesThat) {
    this->play([this] {
        const auto attempt = this->ask(Asking::is_mute);
        this->close();
        EXPECT_EQ(this->log.aborted(attempt), 1);
        attempt->reject();
        attempt->accept();
        this->settle();
        EXPECT_EQ(this->log.ends(attempt), 1);
    });
}

TYPED_TEST_P(AttemptContract, CloseAbortsWhatIsAcceptedAndNotWhatIsRejected) {
    this->play([this] {
        const auto accepted = this->ask(Asking::is_mute);
        const auto refused = this->ask(Asking::is_mute);
        this->before_news([&] {
            accepted->accept();
            refused->reject();
            this->begin_close();
        });
        this->close();
        EXPECT_EQ(this->log.ends(accepted), 1);
        EXPECT_EQ(this->log.ends(refused), 0);
    });
}

REGISTER_TYPED_TEST_SUITE_P(AttemptContract,
                            AnAcceptEstablishes,
                            NothingFollowsAReject,
                            AClientThatLeavesIsAbortedAndNoVerdictChangesThat,
                            ARejectBeforeTheAbortIsAnnouncedCounts,
                            AnAcceptBeforeTheAbortIsAnnouncedDoesNot,
                            AClientThatLeavesAfterTheAcceptIsAborted,
                            TheFirstVerdictCounts,
                            CloseAbortsWhatIsHeldAndNoVerdictChangesThat,
                            CloseAbortsWhatIsAcceptedAndNotWhatIsRejected);

}  // namespace owsk::net
