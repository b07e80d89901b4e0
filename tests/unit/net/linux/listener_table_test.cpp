// SPDX-License-Identifier: MIT
// Who gets an attempt if several listeners could.
#include "net/linux/listener_table.h"

#include <gtest/gtest.h>

#include "net/flow.h"
#include "net/linux/gate/syn/syn_screen.h"

namespace owsk::net {
namespace {

const Address specific4{.family = Family::ipv4, .port = 7, .ip = {192, 0, 2, 1}};
const Address wildcard4{.family = Family::ipv4, .port = 7};
const Address wildcard6{.family = Family::ipv6, .port = 7};

Address link_local(std::uint32_t scope) {
    return {.family = Family::ipv6,
            .port = 7,
            .ip = {0xFE, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1},
            .scope_id = scope};
}

class ListenerTableTest : public testing::Test {
  protected:
    // Only its address counts here: a screen that is nobody's.
    std::shared_ptr<SynScreen> screen() {
        auto owner = std::make_shared<char>();
        return {owner, reinterpret_cast<SynScreen*>(owner.get())};
    }
    ListenerTable::Place enter(const Address& local,
                               std::shared_ptr<SynScreen> screen,
                               bool v6_only = true) {
        return table.enter(Claim(local, v6_only), std::move(screen));
    }

    ListenerTable table;
    const std::shared_ptr<SynScreen> first = screen();
    const std::shared_ptr<SynScreen> second = screen();
};

TEST_F(ListenerTableTest, ThePlainListenerOnTheAddressComesBeforeAConditionalWildcard) {
    const auto wide = enter(wildcard4, first);
    EXPECT_EQ(table.find(specific4), first);
    {
        const auto plain = enter(specific4, nullptr);
        EXPECT_EQ(table.find(specific4), nullptr);
        Address other = specific4;
        other.ip[3] = 2;
        EXPECT_EQ(table.find(other), first);
    }
    EXPECT_EQ(table.find(specific4), first);
}

TEST_F(ListenerTableTest, OfTwoOnOneIpv4AddressTheNewerOneIsAsked) {
    const auto older = enter(specific4, first);
    auto newer = enter(specific4, second);
    EXPECT_EQ(table.find(specific4), second);
    newer.step_back();
    EXPECT_EQ(table.find(specific4), first);
    newer.leave();
    EXPECT_EQ(table.find(specific4), first);
}

TEST_F(ListenerTableTest, OfTwoOnOneIpv6AddressTheOlderOneIsAsked) {
    auto older = enter(wildcard6, first);
    const auto newer = enter(wildcard6, second);
    EXPECT_EQ(table.find(link_local(2)), first);
    older.step_back();
    EXPECT_EQ(table.find(link_local(2)), second);
}

TEST_F(ListenerTableTest, OneThatIsBeingClosedIsAskedIfNobodyElseIsThere) {
    auto only = enter(specific4, first);
    only.step_back();
    EXPECT_EQ(table.find(specific4), first);
}

TEST_F(ListenerTableTest, TheWildcardOfIpv4ComesBeforeThatOfBothFamilies) {
    const auto both = enter(wildcard6, first, false);
    EXPECT_EQ(table.find(specific4), first);
    const auto ipv4 = enter(wildcard4, second);
    EXPECT_EQ(table.find(specific4), second);
    EXPECT_EQ(table.find(link_local(2)), first);
    const auto plain = enter(v4_mapped(specific4), nullptr, false);
    EXPECT_EQ(table.find(specific4), nullptr);
}

TEST_F(ListenerTableTest, EachLinkHasItsListener) {
    const auto on_two = enter(link_local(2), first);
    const auto on_three = enter(link_local(3), second);
    EXPECT_EQ(table.find(link_local(2)), first);
    EXPECT_EQ(table.find(link_local(3)), second);
    EXPECT_EQ(table.find(link_local(4)), nullptr);
    const auto wide = enter(wildcard6, nullptr);
    EXPECT_EQ(table.find(link_local(2)), first);
}

TEST_F(ListenerTableTest, IfTheLinkIsNotKnownOnlyTheOnlyOneIsAsked) {
    const auto on_two = enter(link_local(2), first);
    EXPECT_EQ(table.find(link_local(0)), first);
    const auto on_three = enter(link_local(3), second);
    EXPECT_EQ(table.find(link_local(0)), nullptr);
}

TEST_F(ListenerTableTest, EveryChangeMakesANewVersion) {
    std::uint64_t version = table.version();
    const auto has_changed = [&] { return std::exchange(version, table.version()) != version; };
    auto place = enter(specific4, first);
    EXPECT_TRUE(has_changed());
    EXPECT_FALSE(has_changed());
    place.step_back();
    EXPECT_TRUE(has_changed());
    place.leave();
    EXPECT_TRUE(has_changed());
    place.leave();
    EXPECT_FALSE(has_changed());
}

}  // namespace
}  // namespace owsk::net
