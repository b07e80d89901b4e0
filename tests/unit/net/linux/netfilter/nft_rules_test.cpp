// SPDX-License-Identifier: MIT
// Tables that no socket owns, as older kernels and other programs leave them.
#include "net/linux/netfilter/nft_rules.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>

#include <memory>

#include "unit/net/linux/netfilter/own_network.h"

namespace owsk::net {
namespace {

constexpr auto table = "owsk-test";

class NftRulesTest : public OwnNetworkTest {
  protected:
    static NetlinkSocket open_socket() {
        Result<NetlinkSocket> socket = NetlinkSocket::open();
        if (!socket) {
            not_possible_here("the kernel has no netfilter sockets");
        }
        return std::move(*socket);
    }
    // 0 or an errno.
    static int request(NetlinkSocket& socket,
                       int type,
                       int flags,
                       std::uint8_t family,
                       std::uint32_t table_flags = 0) {
        NetlinkMessages messages;
        messages.begin_batch(NFNL_SUBSYS_NFTABLES);
        messages.begin(static_cast<std::uint16_t>((NFNL_SUBSYS_NFTABLES << 8) | type),
                       static_cast<std::uint16_t>(flags | NLM_F_ACK),
                       family);
        messages.put_text(NFTA_TABLE_NAME, table);
        if (table_flags != 0) {
            messages.put_be32(NFTA_TABLE_FLAGS, table_flags);
        }
        messages.end_batch(NFNL_SUBSYS_NFTABLES);
        return socket.request(messages);
    }
    static void make_table(NetlinkSocket& socket, std::uint8_t family) {
        if (request(socket, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL, family) != 0) {
            not_possible_here("the kernel has no nf_tables");
        }
    }
    // By asking for a second one of the same name.
    static bool has_table(NetlinkSocket& socket, std::uint8_t family) {
        const int error = request(socket, NFT_MSG_NEWTABLE, NLM_F_CREATE | NLM_F_EXCL, family);
        if (error == 0) {
            EXPECT_EQ(request(socket, NFT_MSG_DELTABLE, 0, family), 0);
        }
        // EPERM: it is there, and another socket owns it.
        return error == EEXIST || error == EPERM;
    }
};

TEST_F(NftRulesTest, TablesOfTheNameAreRemovedInBothFamilies) {
    in_own_network([] {
        NetlinkSocket socket = open_socket();
        for (const std::uint8_t family : {NFPROTO_IPV4, NFPROTO_IPV6}) {
            make_table(socket, family);
            EXPECT_TRUE(has_table(socket, family));
        }
        remove_nft_tables("owsk-other");
        EXPECT_TRUE(has_table(socket, NFPROTO_IPV4));
        remove_nft_tables(table);
        EXPECT_FALSE(has_table(socket, NFPROTO_IPV4));
        EXPECT_FALSE(has_table(socket, NFPROTO_IPV6));
    });
}

TEST_F(NftRulesTest, TheKernelRemovesTheTableOfAKilledProcess) {
    in_own_network([] {
        NetlinkSocket socket = open_socket();
        if (request(socket, NFT_MSG_NEWTABLE, NLM_F_CREATE, NFPROTO_IPV4, NFT_TABLE_F_OWNER) != 0 ||
            request(socket, NFT_MSG_DELTABLE, 0, NFPROTO_IPV4) != 0) {
            not_possible_here("tables of this kernel have no owner");
        }
        const pid_t child = fork_process([] {
            const Address local{.family = Family::ipv4, .port = 7};
            auto rules = std::make_unique<NftRules>(table, QueueRange{1, 1}, false);
            if (!NT_SUCCESS(rules->add(local, false))) {
                rules = std::make_unique<NftRules>(table, QueueRange{1, 1}, true);
                rules->add(local, false);
            }
            return rules;
        });
        EXPECT_TRUE(has_table(socket, NFPROTO_IPV4));
        kill_process(child);
        EXPECT_FALSE(has_table(socket, NFPROTO_IPV4));
    });
}

TEST_F(NftRulesTest, ATableOfTheSameNameIsNotTakenOver) {
    in_own_network([] {
        NetlinkSocket socket = open_socket();
        make_table(socket, NFPROTO_IPV4);
        {
            NftRules rules(table, {.first = 1, .count = 1}, false);
            const Address local{.family = Family::ipv4, .port = 7};
            EXPECT_FALSE(NT_SUCCESS(rules.add(local, false)));
            EXPECT_FALSE(rules.refusal().empty());
        }
        EXPECT_TRUE(has_table(socket, NFPROTO_IPV4));
    });
}

TEST_F(NftRulesTest, NothingIsLeftOfARefusedRule) {
    in_own_network([] {
        NetlinkSocket socket = open_socket();
        make_table(socket, NFPROTO_IPV6);
        {
            NftRules rules(table, {.first = 1, .count = 1}, false);
            const Address local{.family = Family::ipv6, .port = 7};
            // IPv6 is refused, because the table is another's; so nothing happens to IPv4 either.
            EXPECT_FALSE(NT_SUCCESS(rules.add(local, true)));
            EXPECT_EQ(rules.remove(local, true), STATUS_NOT_FOUND);
        }
        EXPECT_FALSE(has_table(socket, NFPROTO_IPV4));
    });
}

}  // namespace
}  // namespace owsk::net
