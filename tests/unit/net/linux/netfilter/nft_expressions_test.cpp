// SPDX-License-Identifier: MIT
// The two ways to queue, as nft and iptables-nft write them. Kernels that have the one often lack
// the other, so that tests with traffic see only one of them.
#include "net/linux/netfilter/nft_expressions.h"

#include <gtest/gtest.h>

#include <string>

namespace owsk::net {
namespace {

using namespace std::string_literals;

// What follows the headers of the message.
std::string put_by(void (*put)(NetlinkMessages&, QueueRange)) {
    NetlinkMessages messages;
    messages.begin(1, 0, 0);
    put(messages, {.first = 40, .count = 2});
    EXPECT_TRUE(messages.is_complete());
    std::string text;
    for (const std::byte byte : messages.bytes().subspan(20)) {
        text.push_back(static_cast<char>(byte));
    }
    return text;
}

TEST(NftExpressions, QueueAsNftDoes) {
    EXPECT_EQ(put_by([](NetlinkMessages& m, QueueRange q) { put_queue(m, q); }),
              "\x2c\0\1\x80"
              "\x0a\0\1\0queue\0\0\0"
              "\x1c\0\2\x80"
              "\6\0\1\0\0\x28\0\0"  // the first queue
              "\6\0\2\0\0\2\0\0"    // how many
              "\6\0\3\0\0\3\0\0"s   // bypass, by processor
    );
}

TEST(NftExpressions, QueueAsIptablesNftDoes) {
    EXPECT_EQ(put_by([](NetlinkMessages& m, QueueRange q) { put_queue_target(m, q); }),
              "\x34\0\1\x80"
              "\x0b\0\1\0target\0\0"
              "\x24\0\2\x80"
              "\x0c\0\1\0NFQUEUE\0"
              "\x08\0\2\0\0\0\0\3"  // revision
              // As the kernel has it in memory, filled up to its alignment.
              "\x0c\0\3\0\x28\0\2\0\3\0\0\0"s);
}

std::size_t size_of_match(End end, const Address& local) {
    NetlinkMessages messages;
    messages.begin(1, 0, 0);
    put_match_address(messages, end, local);
    return messages.bytes().size();
}

TEST(NftExpressions, OfAWildcardOnlyThePortIsLookedAt) {
    for (const End end : {End::source, End::destination}) {
        const std::size_t port_alone = size_of_match(end, {.family = Family::ipv4, .port = 7});
        EXPECT_EQ(size_of_match(end, {.family = Family::ipv6, .port = 7}), port_alone);
        EXPECT_GT(size_of_match(end, {.family = Family::ipv4, .port = 7, .ip = {127, 0, 0, 1}}),
                  port_alone);
    }
}

}  // namespace
}  // namespace owsk::net
