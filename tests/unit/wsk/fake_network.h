// SPDX-License-Identifier: MIT
// FakeNetwork: a network whose listeners do what the test says: report requests, lose them, break.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "host/host.h"
#include "net/network.h"

namespace owsk::wsk {

// A request that comes from nowhere and remembers what was decided about it.
class FakeAttempt final : public net::ConnectionAttempt {
  public:
    FakeAttempt(const Address& local, const Address& remote) : local_(local), remote_(remote) {}

    const Address& local_address() const noexcept override { return local_; }
    const Address& remote_address() const noexcept override { return remote_; }
    void accept() noexcept override { ++accepted_; }
    void reject() noexcept override { ++rejected_; }

    int accepted() const noexcept { return accepted_; }
    int rejected() const noexcept { return rejected_; }
    bool is_held() const noexcept { return accepted_ == 0 && rejected_ == 0; }
    // The client goes away before anybody is told of either.
    void leave() noexcept { has_left_ = true; }
    bool has_left() const noexcept { return has_left_; }

  private:
    const Address local_;
    const Address remote_;
    std::atomic<int> accepted_ = 0;
    std::atomic<int> rejected_ = 0;
    std::atomic<bool> has_left_ = false;
};

class FakeListener final : public net::Listener {
  public:
    FakeListener(const Address& local, const net::ListenOptions& options)
        : local_(local), is_shared_(options.share_port) {}

    // What was set since it was made.
    const net::OptionValues& options() const noexcept { return options_; }
    bool is_shared() const noexcept { return is_shared_; }
    bool was_ever_shared() const noexcept { return was_ever_shared_; }

    // The listener stops working; the provider hears of it on its processor.
    void fail() noexcept { processor_->post(failure_); }
    // A request arrives. One at a time: the next one after the provider has seen this one.
    void request(std::shared_ptr<FakeAttempt> attempt) noexcept {
        arrival_.attempt = std::move(attempt);
        arrival_.is_over.store(false);
        processor_->post(arrival_);
    }
    // Returns when the processor has told the provider of the request that came last.
    void wait_until_told() noexcept { arrival_.is_over.wait(false); }
    // The client of the request that came last goes away.
    void lose() noexcept { processor_->post(loss_); }

    const Address& local_address() const noexcept override { return local_; }
    const net::GateReport& gate() const noexcept override { return no_gate_; }
    NTSTATUS start(host::Processor& processor, net::ListenerEvents& events) noexcept override {
        processor_ = &processor;
        events_ = &events;
        return STATUS_SUCCESS;
    }
    Result<std::unique_ptr<net::Connection>> accept() noexcept override {
        return std::unique_ptr<net::Connection>();
    }
    void allow_port_sharing(bool allow) noexcept override {
        is_shared_ = allow;
        was_ever_shared_ = was_ever_shared_ || allow;
    }
    Result<std::uint32_t> get_option(net::SocketOption) noexcept override {
        return std::uint32_t{0};
    }
    NTSTATUS set_option(net::SocketOption option, std::uint32_t value) noexcept override {
        options_.remember(option, value);
        return STATUS_SUCCESS;
    }
    // Tasks run in order, so whatever was announced before comes first.
    void close(host::Task& closed) noexcept override {
        processor_->post(loss_);
        processor_->post(closed);
    }

  private:
    struct Failure final : host::Task {
        explicit Failure(FakeListener& owner) : listener(owner) {}
        void run() noexcept override { listener.events_->on_failed(STATUS_NETWORK_UNREACHABLE); }
        FakeListener& listener;
    };
    struct Arrival final : host::Task {
        explicit Arrival(FakeListener& owner) : listener(owner) {}
        void run() noexcept override {
            listener.newest_ = attempt;
            listener.events_->on_request(std::move(attempt));
            is_over.store(true);
            is_over.notify_all();
        }
        FakeListener& listener;
        std::shared_ptr<FakeAttempt> attempt;
        std::atomic<bool> is_over = true;
    };
    struct Loss final : host::Task {
        explicit Loss(FakeListener& owner) : listener(owner) {}
        void run() noexcept override {
            const auto lost = std::exchange(listener.newest_, nullptr);
            if (lost != nullptr && (lost->is_held() || lost->has_left())) {
                listener.events_->on_aborted(*lost);
            }
        }
        FakeListener& listener;
    };

    const Address local_;
    const net::GateReport no_gate_;
    net::OptionValues options_;
    bool is_shared_;
    bool was_ever_shared_ = false;
    host::Processor* processor_ = nullptr;
    net::ListenerEvents* events_ = nullptr;
    Failure failure_{*this};
    Arrival arrival_{*this};
    Loss loss_{*this};
    std::shared_ptr<FakeAttempt> newest_;  // on the processor
};

class FakeNetwork final : public net::Network {
  public:
    Result<std::unique_ptr<net::Listener>> listen(const Address& address,
                                                  const net::ListenOptions& options) override {
        auto listener = std::make_unique<FakeListener>(address, options);
        newest_ = listener.get();
        newest_options_ = options;
        return std::unique_ptr<net::Listener>(std::move(listener));
    }
    net::GateReport gate() override { return {"fake", "nothing arrives but what the test sends"}; }
    GateCounters gate_counters() const noexcept override { return {}; }

    // The listener that was made last; the provider owns it.
    FakeListener& newest_listener() noexcept { return *newest_; }

    const net::ListenOptions& newest_options() const noexcept { return newest_options_; }

  private:
    FakeListener* newest_ = nullptr;
    net::ListenOptions newest_options_;
};

}  // namespace owsk::wsk
