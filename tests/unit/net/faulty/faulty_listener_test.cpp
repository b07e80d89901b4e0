// SPDX-License-Identifier: MIT
#include "net/faulty/faulty_listener.h"

#include <gmock/gmock.h>
#include <ntstatus.h>

#include <string>
#include <vector>

#include "net/faulty/faulty_network.h"
#include "unit/net/faulty/hand_processor.h"
#include "unit/net/faulty/pipe_connection.h"

namespace owsk::net {
namespace {

using ::testing::ElementsAre;

class PlainAttempt final : public ConnectionAttempt {
  public:
    const Address& local_address() const noexcept override { return address_; }
    const Address& remote_address() const noexcept override { return address_; }
    Instant arrived_at() const noexcept override { return {}; }
    void accept() noexcept override { ++accepted; }
    void reject() noexcept override { ++rejected; }
    int accepted = 0;
    int rejected = 0;

  private:
    const Address address_ = {};
};

class PlainListener final : public Listener {
  public:
    std::vector<std::unique_ptr<Connection>> waiting;
    ListenerEvents* events = nullptr;

    const Address& local_address() const noexcept override { return address_; }
    const GateReport& gate() const noexcept override { return gate_; }
    NTSTATUS start(host::Processor&, ListenerEvents& listener) noexcept override {
        events = &listener;
        return STATUS_SUCCESS;
    }
    Result<std::unique_ptr<Connection>> accept() noexcept override {
        if (waiting.empty()) {
            return std::unique_ptr<Connection>();
        }
        std::unique_ptr<Connection> connection = std::move(waiting.front());
        waiting.erase(waiting.begin());
        return connection;
    }
    void allow_port_sharing(bool) noexcept override {}
    Result<std::uint32_t> get_option(SocketOption) noexcept override { return std::uint32_t{0}; }
    NTSTATUS set_option(SocketOption, std::uint32_t) noexcept override { return STATUS_SUCCESS; }
    void close(host::Task& closed) noexcept override { closed.run(); }

  private:
    const Address address_ = {};
    const GateReport gate_ = {};
};

class PlainConnector final : public Connector {
  public:
    const Address& local_address() const noexcept override { return address_; }
    void allow_port_sharing(bool) noexcept override {}
    NTSTATUS connect(const Address&,
                     unsigned,
                     host::Processor&,
                     ConnectorEvents&) noexcept override {
        return STATUS_SUCCESS;
    }
    void abandon() noexcept override {}
    Result<std::unique_ptr<Listener>> listen(const OptionValues&) override {
        return std::unique_ptr<Listener>(std::make_unique<PlainListener>());
    }
    NTSTATUS set_option(SocketOption, std::uint32_t) noexcept override { return STATUS_SUCCESS; }
    void close(host::Task& closed) noexcept override { closed.run(); }

  private:
    const Address address_ = {};
};

class PlainNetwork final : public Network {
  public:
    Result<std::unique_ptr<Listener>> listen(const Address&, const ListenOptions&) override {
        auto listener = std::make_unique<PlainListener>();
        newest = listener.get();
        return std::unique_ptr<Listener>(std::move(listener));
    }
    Result<std::unique_ptr<Connector>> bind(const Address&, const BindOptions&) override {
        return std::unique_ptr<Connector>(std::make_unique<PlainConnector>());
    }
    Resolver& resolver() noexcept override { return resolver_; }
    AddressList& address_list() noexcept override { return address_list_; }
    Result<std::unique_ptr<DatagramPort>> bind_datagrams(const Address&,
                                                         const DatagramPortOptions&) override {
        return STATUS_NOT_SUPPORTED;
    }
    Result<std::uint32_t> datagram_default(Family, DatagramOption) noexcept override {
        return STATUS_NOT_SUPPORTED;
    }
    GateReport gate() override { return {"plain", ""}; }
    GateCounters gate_counters() const noexcept override { return {}; }
    PlainListener* newest = nullptr;

  private:
    class NoAddresses final : public AddressList {
      public:
        Result<std::vector<Address>> addresses(Family) override { return std::vector<Address>(); }
        NTSTATUS watch(host::Processor&, AddressListEvents&) noexcept override {
            return STATUS_SUCCESS;
        }
    };
    class SilentResolver final : public Resolver {
      public:
        NTSTATUS start(std::shared_ptr<Lookup>, host::Processor&) noexcept override {
            return STATUS_NOT_SUPPORTED;
        }
        void abandon(const Lookup&) noexcept override {}
    };

    SilentResolver resolver_;
    NoAddresses address_list_;
};

// What a provider hears, in order. It judges an attempt as the test says, at once or in a task.
class Provider final : public ListenerEvents, private host::Task {
  public:
    enum class Verdict { accept, reject, pend };
    explicit Provider(HandProcessor& processor) : processor_(processor) {}

    void on_incoming() noexcept override { log.push_back("incoming"); }
    void on_attempt(std::shared_ptr<ConnectionAttempt> attempt) noexcept override {
        log.push_back("attempt");
        held = std::move(attempt);
        if (at_once) {
            run();
        } else {
            processor_.post(*this);
        }
    }
    void on_established(ConnectionAttempt& attempt,
                        std::unique_ptr<Connection> connection) noexcept override {
        EXPECT_EQ(&attempt, held.get());
        log.push_back("established");
        established = std::move(connection);
    }
    void on_aborted(ConnectionAttempt& attempt) noexcept override {
        EXPECT_EQ(&attempt, held.get());
        log.push_back("aborted");
        gone_ = true;
    }
    void on_failed(NTSTATUS) noexcept override { log.push_back("failed"); }

    std::vector<std::string> log;
    Verdict verdict = Verdict::accept;
    bool at_once = false;
    std::shared_ptr<ConnectionAttempt> held;
    std::unique_ptr<Connection> established;

  private:
    void run() noexcept override {
        if (gone_) {
            return;
        }
        log.push_back("inspected");
        if (verdict == Verdict::accept) {
            held->accept();
        } else if (verdict == Verdict::reject) {
            held->reject();
        }
    }

    HandProcessor& processor_;
    bool gone_ = false;
};

class FaultyListenerTest : public testing::Test {
  protected:
    FaultyListenerTest() {
        listener = std::move(*network.listen({}, {}));
        EXPECT_EQ(listener->start(processor, provider), STATUS_SUCCESS);
        inner = plain.newest;
    }
    // A client asks.
    void ask() {
        inner->events->on_attempt(attempt);
        processor.run();
    }
    void establish() {
        inner->events->on_established(*attempt, std::make_unique<PipeConnection>());
    }
    void client_gives_up() { inner->events->on_aborted(*attempt); }

    Faults faults{7, true};
    HandProcessor processor;
    Provider provider{processor};
    PlainNetwork plain;
    FaultyNetwork network{plain, faults};
    std::unique_ptr<Listener> listener;
    PlainListener* inner = nullptr;
    std::shared_ptr<PlainAttempt> attempt = std::make_shared<PlainAttempt>();
};

TEST_F(FaultyListenerTest, WithoutFaultsAnAttemptBecomesAConnection) {
    ask();
    EXPECT_EQ(attempt->accepted, 1);
    establish();
    EXPECT_THAT(provider.log, ElementsAre("attempt", "inspected", "established"));
    EXPECT_EQ(provider.established->failure(), STATUS_SUCCESS);
}

TEST_F(FaultyListenerTest, AnAttemptThatGivesUpByItselfIsAborted) {
    provider.verdict = Provider::Verdict::pend;
    ask();
    client_gives_up();
    EXPECT_THAT(provider.log, ElementsAre("attempt", "inspected", "aborted"));
    // Too late.
    provider.held->accept();
    EXPECT_EQ(attempt->accepted, 0);
}

TEST_F(FaultyListenerTest, NothingFollowsARejection) {
    provider.verdict = Provider::Verdict::reject;
    ask();
    EXPECT_EQ(attempt->rejected, 1);
    client_gives_up();
    EXPECT_THAT(provider.log, ElementsAre("attempt", "inspected"));
}

TEST_F(FaultyListenerTest, AnAttemptGoesAwayBeforeItIsInspected) {
    faults.fail_nth(Fault::drop_inspected, 1);
    ask();
    EXPECT_THAT(provider.log, ElementsAre("attempt", "aborted"));
    EXPECT_EQ(attempt->rejected, 1);
}

TEST_F(FaultyListenerTest, AnAttemptHasGoneAwayWhenItIsInspectedAtOnce) {
    faults.fail_nth(Fault::drop_inspected, 1);
    provider.at_once = true;
    ask();
    EXPECT_THAT(provider.log, ElementsAre("attempt", "inspected", "aborted"));
    EXPECT_EQ(attempt->accepted, 0);
    EXPECT_EQ(attempt->rejected, 1);
}

TEST_F(FaultyListenerTest, NothingFollowsTheRejectionOfAnAttemptThatHasGoneUntold) {
    faults.fail_nth(Fault::drop_inspected, 1);
    provider.verdict = Provider::Verdict::reject;
    provider.at_once = true;
    ask();
    EXPECT_THAT(provider.log, ElementsAre("attempt", "inspected"));
    EXPECT_EQ(attempt->rejected, 1);
}

TEST_F(FaultyListenerTest, AnAttemptGoesAwayWhileItIsPended) {
    provider.verdict = Provider::Verdict::pend;
    faults.fail_nth(Fault::drop_pended, 1);
    ask();
    EXPECT_THAT(provider.log, ElementsAre("attempt", "inspected", "aborted"));
    provider.held->accept();
    EXPECT_EQ(attempt->accepted, 0);
    EXPECT_EQ(attempt->rejected, 1);
}

TEST_F(FaultyListenerTest, OnlyAPendedAttemptIsAnOccasionForThat) {
    faults.fail_nth(Fault::drop_pended, 1);
    ask();
    EXPECT_EQ(faults.occasions(Fault::drop_pended), 0U);
    EXPECT_THAT(provider.log, ElementsAre("attempt", "inspected"));
}

TEST_F(FaultyListenerTest, AnAttemptGoesAwayAfterItsAcceptance) {
    faults.fail_nth(Fault::drop_accepted, 1);
    ask();
    EXPECT_THAT(provider.log, ElementsAre("attempt", "inspected", "aborted"));
    EXPECT_EQ(attempt->accepted, 0);
    EXPECT_EQ(attempt->rejected, 1);
    // It is aborted once, whatever the attempt behind says.
    client_gives_up();
    EXPECT_THAT(provider.log, ElementsAre("attempt", "inspected", "aborted"));
}

TEST_F(FaultyListenerTest, AConnectionIsResetBeforeTheDriverHasIt) {
    faults.fail_nth(Fault::drop_established, 1);
    ask();
    establish();
    ASSERT_NE(provider.established, nullptr);
    EXPECT_EQ(provider.established->failure(), STATUS_CONNECTION_RESET);
}

TEST_F(FaultyListenerTest, AConnectionWithoutDescriptorWaitsForAnotherTry) {
    faults.fail_nth(Fault::accept, 1);
    inner->waiting.push_back(std::make_unique<PipeConnection>());
    EXPECT_EQ(listener->accept().status(), STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_THAT(provider.log, ElementsAre());
    processor.run();
    EXPECT_THAT(provider.log, ElementsAre("incoming"));
    Result<std::unique_ptr<Connection>> connection = listener->accept();
    ASSERT_TRUE(connection);
    EXPECT_NE(*connection, nullptr);
}

TEST_F(FaultyListenerTest, WithNoConnectionThereIsNoOccasionToAccept) {
    faults.fail_nth(Fault::accept, 1);
    const Result<std::unique_ptr<Connection>> connection = listener->accept();
    ASSERT_TRUE(connection);
    EXPECT_EQ(*connection, nullptr);
    EXPECT_EQ(faults.occasions(Fault::accept), 0U);
}

TEST_F(FaultyListenerTest, ListeningFailsForLackOfResources) {
    faults.fail_nth(Fault::listen, 1);
    EXPECT_EQ(network.listen({}, {}).status(), STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_TRUE(network.listen({}, {}));
}

TEST_F(FaultyListenerTest, AConnectorThatShallListenMayHaveNoMemoryForIt) {
    const std::unique_ptr<Connector> connector = std::move(*network.bind({}, {}));
    faults.fail_nth(Fault::listen, 1);
    EXPECT_EQ(connector->listen({}).status(), STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_TRUE(connector->listen({}).has_value());
}

}  // namespace
}  // namespace owsk::net
