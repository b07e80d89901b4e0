// SPDX-License-Identifier: MIT
// What a bind tells the network: the options that were set before it, and who may share the port
// for how long.
#include "listener_fixture.h"

namespace owsk::wsk {
namespace {

class BindTest : public ListenerTest {
  protected:
    NTSTATUS set(ULONG level, ULONG option, ULONG value) {
        TestIrp irp;
        return irp.wait_after(functions().Basic.WskControlSocket(socket(),
                                                                 WskSetOption,
                                                                 option,
                                                                 level,
                                                                 sizeof value,
                                                                 &value,
                                                                 0,
                                                                 nullptr,
                                                                 nullptr,
                                                                 irp.get()));
    }
};

TEST_F(BindTest, OptionsThatWereSetBeforeItReachTheNetwork) {
    ASSERT_EQ(set(SOL_SOCKET, SO_KEEPALIVE, 1), STATUS_SUCCESS);
    ASSERT_EQ(set(SOL_SOCKET, SO_RCVBUF, 20000), STATUS_SUCCESS);
    ASSERT_EQ(set(SOL_SOCKET, SO_SNDBUF, 30000), STATUS_SUCCESS);
    ASSERT_EQ(set(IPPROTO_TCP, TCP_NODELAY, 1), STATUS_SUCCESS);
    ASSERT_EQ(set(IPPROTO_TCP, TCP_KEEPIDLE, 60), STATUS_SUCCESS);
    ASSERT_EQ(set(IPPROTO_TCP, TCP_KEEPINTVL, 5), STATUS_SUCCESS);
    ASSERT_EQ(set(IPPROTO_TCP, TCP_KEEPCNT, 4), STATUS_SUCCESS);
    ASSERT_EQ(set(IPPROTO_TCP, TCP_MAXRT, 30), STATUS_SUCCESS);
    bind();
    const net::OptionValues& inherited = network().newest_options().inherited;
    using enum net::SocketOption;
    EXPECT_EQ(inherited.value(keep_alive), 1u);
    EXPECT_EQ(inherited.value(receive_buffer), 20000u);
    EXPECT_EQ(inherited.value(send_buffer), 30000u);
    EXPECT_EQ(inherited.value(no_delay), 1u);
    EXPECT_EQ(inherited.value(keep_alive_idle), 60u);
    EXPECT_EQ(inherited.value(keep_alive_interval), 5u);
    EXPECT_EQ(inherited.value(keep_alive_count), 4u);
    EXPECT_EQ(inherited.value(retransmission_limit), 30u);
}

TEST_F(BindTest, WhatWasNotSetIsLeftToTheNetwork) {
    bind();
    int count = 0;
    network().newest_options().inherited.for_each(
        [&](net::SocketOption, std::uint32_t) { ++count; });
    EXPECT_EQ(count, 0);
}

TEST_F(BindTest, OptionsThatAreSetAfterItReachTheListener) {
    bind();
    ASSERT_EQ(set(IPPROTO_TCP, TCP_KEEPIDLE, 60), STATUS_SUCCESS);
    EXPECT_EQ(network().newest_listener().options().value(net::SocketOption::keep_alive_idle), 60u);
}

TEST(AddressTable, AnAgreedBindLeavesNobodyElseTheChanceToShare) {
    FakeNetwork network;
    AddressTable table;
    const Address address{.family = Family::ipv4, .port = 7, .ip = {127, 0, 0, 1}};
    Result<AddressTable::Bound<net::Listener>> first =
        table.listen(network, address, {.sharing = Sharing::reuse}, {});
    ASSERT_TRUE(first.has_value());
    FakeListener& older = network.newest_listener();
    EXPECT_FALSE(network.newest_options().share_port);
    Result<AddressTable::Bound<net::Listener>> second =
        table.listen(network, address, {.sharing = Sharing::reuse}, {});
    ASSERT_TRUE(second.has_value());
    FakeListener& newer = network.newest_listener();
    EXPECT_TRUE(network.newest_options().share_port);
    EXPECT_TRUE(older.was_ever_shared());
    EXPECT_FALSE(older.is_shared());
    EXPECT_FALSE(newer.is_shared());
    table.release(first->hold);
    table.release(second->hold);
}

}  // namespace
}  // namespace owsk::wsk
