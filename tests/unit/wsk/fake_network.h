// SPDX-License-Identifier: MIT
// FakeNetwork: a network whose listeners, connectors and ports do what the test says: report
// attempts, lose them, break, announce late.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "fake_datagram_port.h"
#include "host/host.h"
#include "net/network.h"

namespace owsk::wsk {

// An attempt that comes from nowhere and remembers what was decided about it.
class FakeAttempt final : public net::ConnectionAttempt {
  public:
    FakeAttempt(const Address& local, const Address& remote) : local_(local), remote_(remote) {}

    const Address& local_address() const noexcept override { return local_; }
    const Address& remote_address() const noexcept override { return remote_; }
    Instant arrived_at() const noexcept override { return {}; }
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

// What the test still knows of a connection that the provider owns.
struct ConnectionFate {
    std::atomic<bool> is_gone = false;
};

// A connection that cannot be started.
class UnstartableConnection final : public net::Connection {
  public:
    UnstartableConnection(std::shared_ptr<ConnectionFate> fate, NTSTATUS status)
        : fate_(std::move(fate)), status_(status) {}
    ~UnstartableConnection() override {
        fate_->is_gone.store(true);
        fate_->is_gone.notify_all();
    }

    const Address& local_address() const noexcept override { return address_; }
    const Address& remote_address() const noexcept override { return address_; }
    NTSTATUS start(host::Processor&, net::ConnectionEvents&) noexcept override { return status_; }
    net::Transfer receive(std::span<const net::Slice>) noexcept override { return unexpected(); }
    net::Transfer discard(std::size_t) noexcept override { return unexpected(); }
    net::Transfer send(std::span<const net::Slice>, bool) noexcept override { return unexpected(); }
    void push() noexcept override {}
    NTSTATUS finish_sending() noexcept override { return status_; }
    bool finish_acknowledged() noexcept override { return false; }
    void announce_acknowledgments() noexcept override {}
    std::size_t unacknowledged() noexcept override { return 0; }
    std::size_t unread() noexcept override { return 0; }
    std::size_t ideal_send_backlog() noexcept override { return net::ideal_send_backlog_min; }
    void hand_over(net::ConnectionEvents&) noexcept override {
        ADD_FAILURE() << "it was never started";
    }
    void abort() noexcept override {}
    NTSTATUS failure() noexcept override { return STATUS_SUCCESS; }
    Result<std::uint32_t> get_option(net::SocketOption) noexcept override { return status_; }
    NTSTATUS set_option(net::SocketOption, std::uint32_t) noexcept override { return status_; }
    void close(host::Task&) noexcept override { ADD_FAILURE() << "it was never started"; }

  private:
    static net::Transfer unexpected() {
        ADD_FAILURE() << "it was never started";
        return {net::Outcome::would_block};
    }

    const std::shared_ptr<ConnectionFate> fate_;
    const NTSTATUS status_;
    const Address address_ = {};
};

class FakeListener final : public net::Listener {
  public:
    FakeListener(const Address& local, const net::ListenOptions& options, NTSTATUS start_status)
        : local_(local), start_status_(start_status), is_shared_(options.share_port) {}

    // What was set since it was made.
    const net::OptionValues& options() const noexcept { return options_; }
    bool is_shared() const noexcept { return is_shared_; }
    bool was_ever_shared() const noexcept { return was_ever_shared_; }

    // A connection waits to be accepted. One at a time.
    void bring(std::unique_ptr<net::Connection> connection) noexcept {
        incoming_.connection = std::move(connection);
        processor_->post(incoming_);
    }

    // The listener stops working; the provider hears of it on its processor.
    void fail() noexcept { processor_->post(failure_); }
    // An attempt arrives. One at a time: the next one after the provider has seen this one.
    void bring(std::shared_ptr<FakeAttempt> attempt) noexcept {
        arrival_.attempt = std::move(attempt);
        arrival_.is_over.store(false);
        processor_->post(arrival_);
    }
    // Returns when the processor has told the provider of the attempt that came last.
    void wait_until_told() noexcept { arrival_.is_over.wait(false); }
    // The client of the attempt that came last goes away.
    void lose() noexcept { processor_->post(loss_); }

    const Address& local_address() const noexcept override { return local_; }
    const net::GateReport& gate() const noexcept override { return no_gate_; }
    NTSTATUS start(host::Processor& processor, net::ListenerEvents& events) noexcept override {
        processor_ = &processor;
        events_ = &events;
        return start_status_;
    }
    Result<std::unique_ptr<net::Connection>> accept() noexcept override {
        return std::move(waiting_);
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
        EXPECT_EQ(start_status_, STATUS_SUCCESS) << "it was never started";
        processor_->post(loss_);
        processor_->post(closed);
    }

  private:
    struct Failure final : host::Task {
        explicit Failure(FakeListener& owner) : listener(owner) {}
        void run() noexcept override { listener.events_->on_failed(STATUS_NETWORK_UNREACHABLE); }
        FakeListener& listener;
    };
    struct Incoming final : host::Task {
        explicit Incoming(FakeListener& owner) : listener(owner) {}
        void run() noexcept override {
            listener.waiting_ = std::move(connection);
            listener.events_->on_incoming();
        }
        FakeListener& listener;
        std::unique_ptr<net::Connection> connection;
    };
    struct Arrival final : host::Task {
        explicit Arrival(FakeListener& owner) : listener(owner) {}
        void run() noexcept override {
            listener.newest_ = attempt;
            listener.events_->on_attempt(std::move(attempt));
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
    const NTSTATUS start_status_;
    const net::GateReport no_gate_;
    net::OptionValues options_;
    bool is_shared_;
    bool was_ever_shared_ = false;
    host::Processor* processor_ = nullptr;
    net::ListenerEvents* events_ = nullptr;
    Failure failure_{*this};
    Incoming incoming_{*this};
    std::unique_ptr<net::Connection> waiting_;  // on the processor
    Arrival arrival_{*this};
    Loss loss_{*this};
    std::shared_ptr<FakeAttempt> newest_;  // on the processor
};

// Tells nobody of its attempts but when the test says so.
class FakeConnector final : public net::Connector {
  public:
    using Listen = std::function<Result<std::unique_ptr<net::Listener>>(const net::OptionValues&)>;
    // `listen` makes the listener that it may become.
    FakeConnector(const Address& local, Listen listen)
        : local_(local), listen_(std::move(listen)) {}

    // The numbers of the attempts, oldest first, of which some were abandoned.
    const std::vector<unsigned>& attempts() const noexcept { return attempts_; }
    // Calls `tell` on the processor, and returns when it has returned, which may have been the end
    // of the connector.
    void announce(std::function<void(net::ConnectorEvents&)> tell) {
        const auto announcement = std::make_shared<Announcement>(*events_, std::move(tell));
        announcement->self = announcement;
        processor_->post(*announcement);
        announcement->is_over.wait(false);
    }

    const Address& local_address() const noexcept override { return local_; }
    void allow_port_sharing(bool) noexcept override {}
    NTSTATUS connect(const Address&,
                     unsigned attempt,
                     host::Processor& processor,
                     net::ConnectorEvents& events) noexcept override {
        attempts_.push_back(attempt);
        processor_ = &processor;
        events_ = &events;
        return STATUS_SUCCESS;
    }
    void abandon() noexcept override {}
    Result<std::unique_ptr<net::Listener>> listen(const net::OptionValues& inherited) override {
        return listen_(inherited);
    }
    NTSTATUS set_option(net::SocketOption, std::uint32_t) noexcept override {
        return STATUS_SUCCESS;
    }
    void close(host::Task& closed) noexcept override { processor_->post(closed); }

  private:
    struct Announcement final : host::Task {
        Announcement(net::ConnectorEvents& to, std::function<void(net::ConnectorEvents&)> what)
            : events(to), tell(std::move(what)) {}
        void run() noexcept override {
            const std::shared_ptr<Announcement> alive = std::move(self);
            tell(events);
            is_over.store(true);
            is_over.notify_all();
        }
        net::ConnectorEvents& events;
        const std::function<void(net::ConnectorEvents&)> tell;
        std::shared_ptr<Announcement> self;  // while the processor has it
        std::atomic<bool> is_over = false;
    };

    const Address local_;
    const Listen listen_;
    std::vector<unsigned> attempts_;
    host::Processor* processor_ = nullptr;
    net::ConnectorEvents* events_ = nullptr;
};

// Answers when the test says so.
class FakeResolver final : public net::Resolver {
  public:
    NTSTATUS start(std::shared_ptr<net::Lookup> lookup,
                   host::Processor& processor) noexcept override {
        if (!NT_SUCCESS(start_status)) {
            return start_status;
        }
        lookup_ = std::move(lookup);
        processor_ = &processor;
        return STATUS_SUCCESS;
    }
    void abandon(const net::Lookup& lookup) noexcept override {
        EXPECT_EQ(&lookup, lookup_.get());
        ++abandoned_;
    }

    // The newest lookup is answered, even if it was abandoned.
    void answer(net::LookupAnswer answer) {
        answer_.answer = std::move(answer);
        answer_.lookup = std::move(lookup_);
        answer_.is_over.store(false);
        processor_->post(answer_);
        answer_.is_over.wait(false);
    }
    bool was_asked() const noexcept { return lookup_ != nullptr; }
    const net::LookupQuestion& question() const noexcept { return lookup_->question(); }
    int abandoned() const noexcept { return abandoned_; }
    NTSTATUS start_status = STATUS_SUCCESS;

  private:
    struct Telling final : host::Task {
        void run() noexcept override {
            std::exchange(lookup, nullptr)->on_answer(answer);
            is_over.store(true);
            is_over.notify_all();
        }
        net::LookupAnswer answer;
        std::shared_ptr<net::Lookup> lookup;
        std::atomic<bool> is_over = true;
    };

    std::shared_ptr<net::Lookup> lookup_;
    host::Processor* processor_ = nullptr;
    std::atomic<int> abandoned_ = 0;
    Telling answer_;
};

class FakeNetwork final : public net::Network {
  public:
    Result<std::unique_ptr<net::Listener>> listen(const Address& address,
                                                  const net::ListenOptions& options) override {
        auto listener = std::make_unique<FakeListener>(
            address, options, std::exchange(next_start_, STATUS_SUCCESS));
        newest_ = listener.get();
        newest_options_ = options;
        return std::unique_ptr<net::Listener>(std::move(listener));
    }
    Result<std::unique_ptr<net::Connector>> bind(const Address& address,
                                                 const net::BindOptions&) override {
        auto connector = std::make_unique<FakeConnector>(
            address, [this, address](const net::OptionValues& inherited) {
                return listen(address, {.inherited = inherited});
            });
        newest_connector_ = connector.get();
        return std::unique_ptr<net::Connector>(std::move(connector));
    }
    FakeResolver& resolver() noexcept override { return resolver_; }
    net::AddressList& address_list() noexcept override { return address_list_; }
    Result<std::unique_ptr<net::DatagramPort>> bind_datagrams(
        const Address& address, const net::DatagramPortOptions&) override {
        auto port =
            std::make_unique<FakeDatagramPort>(address, std::exchange(next_start_, STATUS_SUCCESS));
        newest_port_ = port.get();
        return std::unique_ptr<net::DatagramPort>(std::move(port));
    }
    Result<std::uint32_t> datagram_default(Family, net::DatagramOption) noexcept override {
        return std::uint32_t{0};
    }
    net::GateReport gate() override { return {"fake", "nothing arrives but what the test sends"}; }
    GateCounters gate_counters() const noexcept override { return {}; }

    // The next listener or port can be made, and then does not start.
    void fail_next_start(NTSTATUS status) noexcept { next_start_ = status; }
    // The listener that was made last; the provider owns it.
    FakeListener& newest_listener() noexcept { return *newest_; }
    // Likewise.
    FakeConnector& newest_connector() noexcept { return *newest_connector_; }
    FakeDatagramPort& newest_port() noexcept { return *newest_port_; }

    const net::ListenOptions& newest_options() const noexcept { return newest_options_; }

  private:
    // A computer without addresses, which gets none.
    class NoAddresses final : public net::AddressList {
      public:
        Result<std::vector<Address>> addresses(Family) override { return std::vector<Address>(); }
        NTSTATUS watch(host::Processor&, net::AddressListEvents&) noexcept override {
            return STATUS_SUCCESS;
        }
    };

    FakeResolver resolver_;
    NoAddresses address_list_;
    FakeListener* newest_ = nullptr;
    FakeConnector* newest_connector_ = nullptr;
    FakeDatagramPort* newest_port_ = nullptr;
    net::ListenOptions newest_options_;
    NTSTATUS next_start_ = STATUS_SUCCESS;
};

}  // namespace owsk::wsk
