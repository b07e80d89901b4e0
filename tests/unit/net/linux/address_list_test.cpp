// SPDX-License-Identifier: MIT
// What the kernel tells of addresses, and the list that this system has.
#include <gtest/gtest.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <sys/socket.h>

#include <cstring>
#include <span>
#include <string>
#include <vector>

#include "base/address_text.h"
#include "net/linux/address_messages.h"
#include "net/linux/linux_address_list.h"

namespace owsk::net {
namespace {

// A datagram of the kernel.
class Datagram {
  public:
    struct Entry {
        std::string address;
        std::uint32_t flags = IFA_F_PERMANENT;
        std::string local = {};  // as IFA_LOCAL, if there is one
        std::uint32_t index = 3;
    };

    Datagram& add(const Entry& entry, std::uint16_t type = RTM_NEWADDR) {
        const std::size_t start = bytes_.size();
        const Address address = ip_from_text(entry.address).value();
        append(header_of(type));
        ifaddrmsg header = {};
        header.ifa_family = address.family == Family::ipv4 ? AF_INET : AF_INET6;
        header.ifa_index = entry.index;
        header.ifa_flags = static_cast<std::uint8_t>(entry.flags);
        append(header);
        append_address(IFA_ADDRESS, address);
        if (!entry.local.empty()) {
            append_address(IFA_LOCAL, ip_from_text(entry.local).value());
        }
        append(rtattr{sizeof(rtattr) + sizeof entry.flags, IFA_FLAGS});
        append(entry.flags);
        finish(start);
        return *this;
    }
    Datagram& end() {
        const std::size_t start = bytes_.size();
        append(header_of(NLMSG_DONE));
        append(int{0});
        finish(start);
        return *this;
    }

    std::vector<std::string> read(Family family, bool* more = nullptr) const {
        std::vector<Address> addresses;
        const bool follows = read_addresses(bytes_, family, addresses);
        if (more != nullptr) {
            *more = follows;
        }
        std::vector<std::string> texts;
        for (const Address& address : addresses) {
            texts.push_back(to_string(address));
        }
        return texts;
    }
    std::span<const std::byte> bytes() const { return bytes_; }

  private:
    static nlmsghdr header_of(std::uint16_t type) {
        nlmsghdr header = {};
        header.nlmsg_type = type;
        return header;
    }
    template <typename Value>
    void append(const Value& value) {
        const auto bytes = std::as_bytes(std::span(&value, 1));
        bytes_.insert(bytes_.end(), bytes.begin(), bytes.end());
    }
    void append_address(unsigned short attribute, const Address& address) {
        const std::size_t size = address.family == Family::ipv4 ? 4 : 16;
        append(rtattr{static_cast<unsigned short>(sizeof(rtattr) + size), attribute});
        const auto ip = std::as_bytes(std::span(address.ip)).first(size);
        bytes_.insert(bytes_.end(), ip.begin(), ip.end());
    }
    void finish(std::size_t start) {
        const auto length = static_cast<std::uint32_t>(bytes_.size() - start);
        std::memcpy(bytes_.data() + start, &length, sizeof length);
    }

    std::vector<std::byte> bytes_;
};

using Texts = std::vector<std::string>;

TEST(ReadAddresses, TakesThoseOfTheFamilyWithoutLoopback) {
    Datagram datagram;
    datagram.add({"127.0.0.1"}).add({"192.0.2.1"}).add({"::1"}).add({"2001:db8::1"});
    datagram.add({"192.0.2.2"});
    bool more = false;
    EXPECT_EQ(datagram.read(Family::ipv4, &more), (Texts{"192.0.2.1:0", "192.0.2.2:0"}));
    EXPECT_TRUE(more);
    EXPECT_EQ(datagram.read(Family::ipv6), (Texts{"[2001:db8::1]:0"}));
    datagram.end();
    EXPECT_EQ(datagram.read(Family::ipv4, &more).size(), 2u);
    EXPECT_FALSE(more);
}

TEST(ReadAddresses, TakesTheOwnEndOfALink) {
    Datagram datagram;
    datagram.add({.address = "192.0.2.9", .local = "192.0.2.8"});
    EXPECT_EQ(datagram.read(Family::ipv4), (Texts{"192.0.2.8:0"}));
}

TEST(ReadAddresses, LeavesOutWhatMayBeAnothersAddress) {
    Datagram datagram;
    datagram.add({"2001:db8::1", IFA_F_TENTATIVE});
    datagram.add({"2001:db8::2", IFA_F_TENTATIVE | IFA_F_DADFAILED});
    datagram.add({"2001:db8::3", IFA_F_TENTATIVE | IFA_F_OPTIMISTIC});
    datagram.add({"2001:db8::4", IFA_F_DEPRECATED});
    EXPECT_EQ(datagram.read(Family::ipv6), (Texts{"[2001:db8::3]:0", "[2001:db8::4]:0"}));
}

TEST(ReadAddresses, GivesLinkLocalOnesTheirLink) {
    Datagram datagram;
    datagram.add({.address = "fe80::1", .index = 5});
    std::vector<Address> addresses;
    read_addresses(datagram.bytes(), Family::ipv6, addresses);
    ASSERT_EQ(addresses.size(), 1u);
    EXPECT_EQ(addresses[0].scope_id, 5u);
}

TEST(ReadAddresses, IsNotLedAstrayByAnythingElse) {
    Datagram datagram;
    datagram.add({"192.0.2.1"}, RTM_DELADDR);
    datagram.add({"192.0.2.2"});
    EXPECT_EQ(datagram.read(Family::ipv4), (Texts{"192.0.2.2:0"}));
    // Cut anywhere, it has one address at the most.
    for (std::size_t length = 0; length < datagram.bytes().size(); ++length) {
        std::vector<Address> addresses;
        EXPECT_TRUE(read_addresses(datagram.bytes().first(length), Family::ipv4, addresses));
        EXPECT_TRUE(addresses.empty());
    }
}

TEST(LinuxAddressList, AsksTheKernel) {
    LinuxAddressList list;
    for (const Family family : {Family::ipv4, Family::ipv6}) {
        const Result<std::vector<Address>> addresses = list.addresses(family);
        ASSERT_TRUE(addresses);
        for (const Address& address : *addresses) {
            EXPECT_EQ(address.family, family);
            EXPECT_EQ(address.port, 0);
            EXPECT_FALSE(address.is_wildcard());
        }
    }
}

}  // namespace
}  // namespace owsk::net
