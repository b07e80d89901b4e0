// SPDX-License-Identifier: MIT
// Attempts that go away, connections that have to wait, connections that are dead on arrival.
#include "net/faulty/faulty_listener.h"

#include <ntstatus.h>

#include <utility>

#include "net/faulty/faulty_connection.h"

namespace owsk::net {

NTSTATUS FaultyListener::start(host::Processor& processor, ListenerEvents& events) noexcept {
    processor_ = &processor;
    events_ = &events;
    return inner_->start(processor, *this);
}

std::unique_ptr<Connection> FaultyListener::with_faults(std::unique_ptr<Connection> connection) {
    auto faulty = std::make_unique<FaultyConnection>(std::move(connection), faults_);
    if (faults_.strikes(Fault::drop_established)) {
        faulty->drop();
    }
    return faulty;
}

Result<std::unique_ptr<Connection>> FaultyListener::accept() noexcept {
    std::unique_ptr<Connection> connection;
    {
        Lock lock(mu_);
        connection = std::move(waiting_);
    }
    if (connection == nullptr) {
        Result<std::unique_ptr<Connection>> next = inner_->accept();
        if (!next || *next == nullptr) {
            return next;
        }
        connection = std::move(*next);
    }
    if (faults_.strikes(Fault::accept)) {
        {
            Lock lock(mu_);
            waiting_ = std::move(connection);
        }
        processor_->post(*this);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    return with_faults(std::move(connection));
}

void FaultyListener::on_attempt(std::shared_ptr<ConnectionAttempt> attempt) noexcept {
    ConnectionAttempt& inner = *attempt;
    AttemptOwner& owner = *this;
    const auto faulty =
        std::make_shared<FaultyAttempt>(std::move(attempt), faults_, *processor_, owner);
    {
        Lock lock(mu_);
        attempts_[&inner] = faulty;
    }
    // It has gone before the driver is asked, and the news comes second, as from a network.
    const bool has_gone = faults_.strikes(Fault::drop_inspected) && faulty->leave();
    events_->on_attempt(faulty);
    if (has_gone) {
        on_dropped(*faulty);
    } else if (faults_.is_set(Fault::drop_pended)) {
        faulty->look_later();
    }
}

void FaultyListener::on_established(ConnectionAttempt& attempt,
                                    std::unique_ptr<Connection> connection) noexcept {
    const std::shared_ptr<FaultyAttempt> faulty = take(attempt);
    if (faulty != nullptr && faulty->life().establish()) {
        events_->on_established(*faulty, with_faults(std::move(connection)));
    } else {
        inner_->connection_taken();
    }
}

void FaultyListener::on_aborted(ConnectionAttempt& attempt) noexcept {
    const std::shared_ptr<FaultyAttempt> faulty = take(attempt);
    if (faulty != nullptr && faulty->life().abort()) {
        announce_abort(*faulty);
    }
}

void FaultyListener::on_dropped(FaultyAttempt& attempt) noexcept {
    const std::shared_ptr<FaultyAttempt> kept = attempt.shared_from_this();
    take(attempt.inner());
    announce_abort(attempt);
}

void FaultyListener::announce_abort(FaultyAttempt& attempt) noexcept {
    if (attempt.life().announce_abort()) {
        events_->on_aborted(attempt);
    }
}

void FaultyListener::on_rejected(FaultyAttempt& attempt) noexcept {
    take(attempt.inner());
}

std::shared_ptr<FaultyAttempt> FaultyListener::take(ConnectionAttempt& inner) noexcept {
    Lock lock(mu_);
    const auto at = attempts_.find(&inner);
    if (at == attempts_.end()) {
        return nullptr;
    }
    std::shared_ptr<FaultyAttempt> attempt = std::move(at->second);
    attempts_.erase(at);
    return attempt;
}

}  // namespace owsk::net
