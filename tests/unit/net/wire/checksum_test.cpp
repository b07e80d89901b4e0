// SPDX-License-Identifier: MIT
// The checksum is that of RFC 1071.
#include "net/wire/checksum.h"

#include <gtest/gtest.h>

#include <array>

namespace owsk::net {
namespace {

template <typename... Octets>
std::array<std::byte, sizeof...(Octets)> bytes_of(Octets... octets) {
    return {static_cast<std::byte>(octets)...};
}

TEST(Checksum, IsThatOfTheExampleInTheRfc) {
    const auto bytes = bytes_of(0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7);
    EXPECT_EQ(sum_of(bytes), 0x2ddf0U);
    EXPECT_EQ(checksum(sum_of(bytes)), static_cast<std::uint16_t>(~0xddf2));
}

TEST(Checksum, TakesAnOddLastOctetForAHighHalf) {
    EXPECT_EQ(sum_of(bytes_of(0x12, 0x34, 0x56)), 0x1234U + 0x5600U);
}

TEST(Checksum, FoldsACarryThatComesOfFolding) {
    EXPECT_EQ(checksum(0x1ffff), static_cast<std::uint16_t>(~0x0001));
}

TEST(Checksum, OfNothingIsAllOnes) {
    EXPECT_EQ(checksum(sum_of({})), 0xffff);
}

}  // namespace
}  // namespace owsk::net
