// SPDX-License-Identifier: MIT
// Names of a simulation: who has which, how long it takes to find that out, and how it fails.
#include "net/sim/sim_resolver.h"

#include <gmock/gmock.h>

#include "unit/net/sim/event_processor.h"
#include "unit/net/sim/small_internet.h"

namespace owsk::net {
namespace {

using testing::ElementsAre;

class TestLookup final : public Lookup {
  public:
    explicit TestLookup(LookupQuestion question) : Lookup(std::move(question)) {}
    void on_answer(LookupAnswer& given) noexcept override { answer = given; }
    std::optional<LookupAnswer> answer;
};

class SimResolverTest : public testing::Test {
  protected:
    std::shared_ptr<TestLookup> start(LookupQuestion question) {
        auto lookup = std::make_shared<TestLookup>(std::move(question));
        EXPECT_EQ(resolver.start(lookup, processor), STATUS_SUCCESS);
        EXPECT_FALSE(lookup->answer) << "inside the call";
        return lookup;
    }
    LookupAnswer ask(LookupQuestion question) {
        const auto lookup = start(std::move(question));
        EXPECT_TRUE(net.run_until([&] { return lookup->answer.has_value(); }));
        return lookup->answer.value_or(LookupAnswer{});
    }
    NameTable& names() { return net.internet.names(); }

    SmallInternet net;
    EventProcessor processor{net.events};
    SimResolver resolver{net.server};
};

TEST_F(SimResolverTest, ComputersHaveTheirNames) {
    EXPECT_THAT(ask(AddressQuestion{.host = "Client."}).addresses,
                ElementsAre(at("192.0.2.2"), at("2001:db8::2")));
    EXPECT_THAT(ask(AddressQuestion{.host = "server", .ipv6 = false}).addresses,
                ElementsAre(at("192.0.2.1")));
    EXPECT_THAT(ask(AddressQuestion{.host = "localhost"}).addresses,
                ElementsAre(at("::1"), at("127.0.0.1")));
    EXPECT_EQ(ask(AddressQuestion{.host = "nobody"}).status, STATUS_NO_MATCH);
    EXPECT_EQ(ask(NameQuestion{.address = at("192.0.2.2", 7), .host = true}).name, "client");
    EXPECT_EQ(ask(NameQuestion{.address = at("127.0.0.1"), .host = true}).name, "localhost");
    EXPECT_EQ(ask(NameQuestion{.address = at("192.0.2.99"), .host = true}).status, STATUS_NO_MATCH);
}

TEST_F(SimResolverTest, ANameTakesItsTime) {
    names().set({.name = "far", .addresses = {at("192.0.2.9")}, .delay = 3s});
    const Instant begun = net.events.now();
    EXPECT_EQ(ask(AddressQuestion{.host = "far"}).status, STATUS_SUCCESS);
    EXPECT_EQ(net.events.now() - begun, 3s);
}

TEST_F(SimResolverTest, ANameIsWhatItIsWhenTheAnswerComes) {
    names().set({.name = "far", .addresses = {at("192.0.2.9")}, .delay = 3s});
    const auto lookup = start(AddressQuestion{.host = "far"});
    net.run_for(1s);
    names().set({.name = "FAR", .addresses = {at("192.0.2.10")}});
    net.run_for(3s);
    ASSERT_TRUE(lookup->answer);
    EXPECT_THAT(lookup->answer->addresses, ElementsAre(at("192.0.2.10")));
}

TEST_F(SimResolverTest, FailuresAreTold) {
    names().set({.name = "slow", .failure = NameTable::Failure::no_answer});
    names().set({.name = "client", .failure = NameTable::Failure::unknown});
    EXPECT_EQ(ask(AddressQuestion{.host = "slow"}).status, STATUS_IO_TIMEOUT);
    EXPECT_EQ(ask(AddressQuestion{.host = "client"}).status, STATUS_NO_MATCH);
}

TEST_F(SimResolverTest, WhatIsAbandonedIsNotTold) {
    const auto early = start(AddressQuestion{.host = "client"});
    resolver.abandon(*early);
    EXPECT_EQ(early.use_count(), 1);
    const auto late = start(AddressQuestion{.host = "client"});
    while (net.events.next() && *net.events.next() <= net.events.now()) {
        net.events.step();
    }
    resolver.abandon(*late);
    net.run_for(1s);
    EXPECT_FALSE(early->answer);
    EXPECT_FALSE(late->answer);
}

TEST_F(SimResolverTest, OnlyConfiguredFamiliesAreToldIfThatIsAskedFor) {
    Computer old(net.internet, "old", {at("192.0.2.50")});
    SimResolver its(old);
    const auto lookup =
        std::make_shared<TestLookup>(AddressQuestion{.host = "client", .only_configured = true});
    ASSERT_EQ(its.start(lookup, processor), STATUS_SUCCESS);
    ASSERT_TRUE(net.run_until([&] { return lookup->answer.has_value(); }));
    EXPECT_THAT(lookup->answer->addresses, ElementsAre(at("192.0.2.2")));
}

TEST_F(SimResolverTest, ShortNamesAreForTheOwnComputer) {
    names().set({.name = "server.example", .addresses = {at("192.0.2.1")}});
    names().set({.name = "client.example", .addresses = {at("192.0.2.2")}});
    const auto short_name = [&](const char* ip) {
        return ask(NameQuestion{.address = at(ip), .host = true, .short_name = true}).name;
    };
    EXPECT_EQ(short_name("192.0.2.1"), "server");
    EXPECT_EQ(short_name("192.0.2.2"), "client.example");
}

TEST_F(SimResolverTest, ServicesAreThoseThatEverybodyKnows) {
    EXPECT_EQ(ask(AddressQuestion{.service = "http"}).ports.stream, 80);
    EXPECT_EQ(ask(NameQuestion{.address = at("192.0.2.1", 123), .service = true, .datagram = true})
                  .service,
              "ntp");
}

}  // namespace
}  // namespace owsk::net
