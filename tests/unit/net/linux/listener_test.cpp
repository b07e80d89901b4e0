// SPDX-License-Identifier: MIT
// Listening, accepting, and what makes both fail.
#include "net/linux/listener.h"

#include <linux/capability.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <set>
#include <thread>

#include "unit/net/linux/client.h"
#include "unit/net/linux/wire.h"

namespace owsk::net {
namespace {

class LinuxListenerTest : public WireTest, public testing::WithParamInterface<Address> {
  protected:
    PlainRecorder events;
};

TEST_P(LinuxListenerTest, GivesTheConnectionWithBothAddresses) {
    const auto listener = listen(GetParam());
    EXPECT_NE(listener->local_address().port, 0);
    ASSERT_EQ(listener->start(processor, events), STATUS_SUCCESS);
    const Client client(listener->local_address());
    ASSERT_EQ(client.connect_error(), 0);
    const auto connection = events.next(*listener);
    ASSERT_NE(connection, nullptr);
    EXPECT_EQ(connection->local_address(), listener->local_address());
    EXPECT_EQ(connection->remote_address(), client.address());
    close_and_wait(*listener);
}

TEST_P(LinuxListenerTest, AnnouncesWhatCameBeforeTheStart) {
    const auto listener = listen(GetParam());
    const Client client(listener->local_address());
    ASSERT_EQ(listener->start(processor, events), STATUS_SUCCESS);
    EXPECT_TRUE(events.wait_incoming());
    close_and_wait(*listener);
}

TEST_P(LinuxListenerTest, CloseResetsWhatWaits) {
    const auto listener = listen(GetParam());
    ASSERT_EQ(listener->start(processor, events), STATUS_SUCCESS);
    Client client(listener->local_address());
    ASSERT_TRUE(events.wait_incoming());
    close_and_wait(*listener);
    EXPECT_EQ(client.read_to_the_end(), ECONNRESET);
    EXPECT_EQ(Client(listener->local_address()).connect_error(), ECONNREFUSED);
}

TEST_P(LinuxListenerTest, PortIsFreeAgainAfterClose) {
    auto listener = listen(GetParam());
    ASSERT_EQ(listener->start(processor, events), STATUS_SUCCESS);
    const Address address = listener->local_address();
    // A connection that we finish first stays in TIME_WAIT and holds the port.
    Client client(address);
    const auto connection = events.next(*listener);
    EXPECT_EQ(connection->finish_sending(), STATUS_SUCCESS);
    EXPECT_EQ(client.read_to_the_end(), 0);
    client.close();
    close_and_wait(*listener);
    EXPECT_NE(listen(address), nullptr);
}

INSTANTIATE_TEST_SUITE_P(Loopback,
                         LinuxListenerTest,
                         testing::Values(loopback4, loopback6),
                         [](const auto& about) {
                             return about.param.family == Family::ipv4 ? "Ipv4" : "Ipv6";
                         });

class LinuxListener4 : public WireTest {
  protected:
    PlainRecorder events;
};

TEST_F(LinuxListener4, WildcardConnectionKnowsWhichAddressWasMeant) {
    const auto listener = listen(Address{.family = Family::ipv4});
    ASSERT_EQ(listener->start(processor, events), STATUS_SUCCESS);
    const Address second{
        .family = Family::ipv4, .port = listener->local_address().port, .ip = {127, 0, 0, 2}};
    const Client client(second);
    EXPECT_EQ(events.next(*listener)->local_address(), second);
    close_and_wait(*listener);
}

TEST_F(LinuxListener4, DualListenerShowsIpv4ClientsAsMappedAddresses) {
    const auto listener = listen(Address{.family = Family::ipv6}, {.v6_only = false});
    ASSERT_EQ(listener->start(processor, events), STATUS_SUCCESS);
    Address server = loopback4;
    server.port = listener->local_address().port;
    const Client client(server);
    const auto connection = events.next(*listener);
    EXPECT_EQ(connection->remote_address().family, Family::ipv6);
    EXPECT_EQ(to_string(connection->local_address()),
              "[::ffff:127.0.0.1]:" + std::to_string(server.port));
    close_and_wait(*listener);
}

TEST_F(LinuxListener4, Ipv6OnlyListenerTakesNoIpv4Clients) {
    const auto listener = listen(Address{.family = Family::ipv6});
    Address server = loopback4;
    server.port = listener->local_address().port;
    EXPECT_EQ(Client(server).connect_error(), ECONNREFUSED);
}

TEST_F(LinuxListener4, PortInUseIsToldApart) {
    const auto listener = listen(loopback4);
    EXPECT_EQ(network.listen(listener->local_address(), {}).status(),
              STATUS_ADDRESS_ALREADY_EXISTS);
}

TEST_F(LinuxListener4, PortIsSharedOnlyWhenBothSidesAgree) {
    const auto listener = listen(loopback4);
    const Address address = listener->local_address();
    EXPECT_EQ(network.listen(address, {.share_port = true}).status(),
              STATUS_ADDRESS_ALREADY_EXISTS);
    listener->allow_port_sharing(true);
    EXPECT_TRUE(network.listen(address, {.share_port = true}).has_value());
    EXPECT_EQ(network.listen(address, {}).status(), STATUS_ADDRESS_ALREADY_EXISTS);
}

TEST_F(LinuxListener4, AddressOfAnotherMachineIsRefused) {
    const Address other{.family = Family::ipv4, .ip = {192, 0, 2, 1}};
    EXPECT_EQ(network.listen(other, {}).status(), STATUS_INVALID_ADDRESS_COMPONENT);
}

// Capabilities belong to threads, so that even root can try this.
TEST_F(LinuxListener4, PrivilegedPortIsDenied) {
    NTSTATUS status = STATUS_SUCCESS;
    std::thread([&] {
        __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
        __user_cap_data_struct none[2] = {};
        ASSERT_EQ(::syscall(SYS_capset, &header, none), 0);
        Address address = loopback4;
        address.port = 1;
        status = network.listen(address, {}).status();
    }).join();
    EXPECT_EQ(status, STATUS_ACCESS_DENIED);
}

TEST_F(LinuxListener4, ConnectionsInheritOptions) {
    const auto listener = listen(loopback4);
    ASSERT_EQ(listener->start(processor, events), STATUS_SUCCESS);
    const std::pair<SocketOption, std::uint32_t> options[] = {
        {SocketOption::no_delay, 1},
        {SocketOption::keep_alive, 1},
        {SocketOption::receive_buffer, 30'000},
        {SocketOption::send_buffer, 40'000},
        {SocketOption::keep_alive_idle, 600},
        {SocketOption::keep_alive_interval, 7},
        {SocketOption::keep_alive_count, 3},
        {SocketOption::retransmission_limit, 20},
    };
    for (const auto& [option, value] : options) {
        EXPECT_EQ(listener->set_option(option, value), STATUS_SUCCESS);
        EXPECT_EQ(*listener->get_option(option), value);
    }
    const Client client(listener->local_address());
    const auto connection = events.next(*listener);
    for (const auto& [option, value] : options) {
        EXPECT_EQ(*connection->get_option(option), value);
    }
    close_and_wait(*listener);
}

TEST_F(LinuxListener4, AConnectionThatCameBeforeTheStartInheritsOptionsToo) {
    ListenOptions options;
    options.inherited.remember(SocketOption::keep_alive, 1);
    options.inherited.remember(SocketOption::receive_buffer, 30'000);
    options.inherited.remember(SocketOption::retransmission_limit, no_retransmission_limit);
    const auto listener = listen(loopback4, options);
    const Client client(listener->local_address());
    ASSERT_EQ(listener->start(processor, events), STATUS_SUCCESS);
    const auto connection = events.next(*listener);
    EXPECT_EQ(*connection->get_option(SocketOption::keep_alive), 1u);
    EXPECT_EQ(*connection->get_option(SocketOption::receive_buffer), 30'000u);
    EXPECT_EQ(*connection->get_option(SocketOption::retransmission_limit), no_retransmission_limit);
    close_and_wait(*listener);
}

TEST_F(LinuxListener4, WhatLinuxCannotCountToBecomesTheMostThatItCan) {
    const auto listener = listen(loopback4);
    const std::pair<SocketOption, std::uint32_t> most[] = {
        {SocketOption::keep_alive_idle, 32'767},
        {SocketOption::keep_alive_interval, 32'767},
        {SocketOption::keep_alive_count, 127},
        {SocketOption::retransmission_limit, no_retransmission_limit},
    };
    for (const auto& [option, value] : most) {
        EXPECT_EQ(listener->set_option(option, 0x7FFFFFFF), STATUS_SUCCESS);
        EXPECT_EQ(*listener->get_option(option), value);
    }
}

TEST_F(LinuxListener4, ManyClientsAreAllAccepted) {
    const auto listener = listen(loopback4);
    ASSERT_EQ(listener->start(processor, events), STATUS_SUCCESS);
    std::vector<std::unique_ptr<Client>> clients;
    std::multiset<std::uint16_t> expected;
    for (int i = 0; i < 200; ++i) {
        clients.push_back(std::make_unique<Client>(listener->local_address()));
        expected.insert(clients.back()->address().port);
    }
    std::multiset<std::uint16_t> accepted;
    for (int i = 0; i < 200; ++i) {
        accepted.insert(events.next(*listener)->remote_address().port);
    }
    EXPECT_EQ(accepted, expected);
    close_and_wait(*listener);
}

TEST_F(LinuxListener4, TellsWhenNoMoreWaitHoweverManyCameTogether) {
    const auto listener = listen(loopback4);
    ASSERT_EQ(listener->start(processor, events), STATUS_SUCCESS);
    for (const int together : {1, 2, 3, 1, 1}) {
        std::vector<std::unique_ptr<Client>> clients;
        for (int i = 0; i < together; ++i) {
            clients.push_back(std::make_unique<Client>(listener->local_address()));
        }
        for (int i = 0; i < together; ++i) {
            EXPECT_NE(events.next(*listener), nullptr);
        }
        const auto no_more = listener->accept();
        ASSERT_TRUE(no_more.has_value());
        EXPECT_EQ(*no_more, nullptr);
    }
    close_and_wait(*listener);
}

// The test lowers the limit to what is open now, so that the next descriptor is one too many.
TEST_F(LinuxListener4, ConnectionWithoutDescriptorIsAnnouncedAgain) {
    const auto listener = listen(loopback4);
    ASSERT_EQ(listener->start(processor, events), STATUS_SUCCESS);
    const Client client(listener->local_address());
    ASSERT_TRUE(events.wait_incoming());

    rlimit before = {};
    ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
    const host::UniqueFd lowest_free(::dup(0));
    const rlimit none = {.rlim_cur = static_cast<rlim_t>(lowest_free.get()),
                         .rlim_max = before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &none), 0);
    const auto refused = listener->accept();
    ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
    EXPECT_EQ(refused.status(), STATUS_INSUFFICIENT_RESOURCES);

    EXPECT_TRUE(events.wait_incoming());
    EXPECT_NE(events.next(*listener), nullptr);
    close_and_wait(*listener);
}

TEST_F(LinuxListener4, ReportsItsGate) {
    EXPECT_EQ(network.gate().name, "accepted");
    EXPECT_FALSE(network.gate().reason.empty());
}

}  // namespace
}  // namespace owsk::net
