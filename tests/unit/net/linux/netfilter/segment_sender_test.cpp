// SPDX-License-Identifier: MIT
// What is sent arrives, and the TCP of Linux takes refusals and probes as RFC 9293 says.
#include "net/linux/netfilter/segment_sender.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/time.h>

// These come after their Linux relatives of the C library.
#include <linux/capability.h>
#include <linux/ipv6.h>
#include <linux/seccomp.h>

#include <functional>

#include "net/linux/sockaddr.h"
#include "unit/net/linux/netfilter/own_network.h"
#include "unit/net/linux/netfilter/tap.h"

namespace owsk::net {
namespace {

const Address localhost4{.ip = {127, 0, 0, 1}};
const Address localhost6{.family = Family::ipv6,
                         .ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};

Address at_port(Address address, std::uint16_t port) {
    address.port = port;
    return address;
}

bool is_reset(const Segment& segment) {
    return segment.control.rst;
}
bool is_syn(const Segment& segment) {
    return segment.control == ControlBits{.syn = true};
}

// A listener to which no SYN gets through, so that clients wait in SYN-SENT.
class DeafListener {
  public:
    explicit DeafListener(const Address& address)
        : fd_(::socket(to_sockaddr(address).get()->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sock_filter keep_nothing = BPF_STMT(BPF_RET | BPF_K, 0);
        const sock_fprog program = {.len = 1, .filter = &keep_nothing};
        const Sockaddr sockaddr = to_sockaddr(address);
        EXPECT_EQ(::setsockopt(fd_.get(), SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program),
                  0);
        EXPECT_EQ(::bind(fd_.get(), sockaddr.get(), sockaddr.length), 0) << std::strerror(errno);
        EXPECT_EQ(::listen(fd_.get(), 8), 0);
    }

  private:
    host::UniqueFd fd_;
};

// A client that does not wait for its connection.
class WaitingClient {
  public:
    explicit WaitingClient(const Address& server)
        : fd_(::socket(to_sockaddr(server).get()->sa_family,
                       SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                       0)) {
        const Sockaddr sockaddr = to_sockaddr(server);
        EXPECT_EQ(::connect(fd_.get(), sockaddr.get(), sockaddr.length), -1);
        EXPECT_EQ(errno, EINPROGRESS);
    }

    bool waits() const {
        tcp_info info = {};
        socklen_t length = sizeof info;
        EXPECT_EQ(::getsockopt(fd_.get(), IPPROTO_TCP, TCP_INFO, &info, &length), 0);
        return info.tcpi_state == TCP_SYN_SENT;
    }

    // How the attempt ends: 0 or an errno.
    int outcome() const {
        pollfd writable = {.fd = fd_.get(), .events = POLLOUT, .revents = 0};
        EXPECT_EQ(::poll(&writable, 1, tap_patience_ms), 1);
        int error = 0;
        socklen_t length = sizeof error;
        EXPECT_EQ(::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &length), 0);
        return error;
    }

  private:
    host::UniqueFd fd_;
};

class SegmentSenderTo : public OwnNetworkTest, public testing::WithParamInterface<Address> {
  protected:
    static Segment syn_of_nobody() {
        return {.source = at_port(GetParam(), 40'000),
                .destination = at_port(GetParam(), 80),
                .sequence = 1000,
                .control = {.syn = true}};
    }
};

TEST_P(SegmentSenderTo, AProbeOfAPortWithoutASocketIsAnsweredByAReset) {
    in_own_network([] {
        Tap tap;
        Result<SegmentSender> sender = SegmentSender::open();
        ASSERT_TRUE(sender.has_value()) << std::hex << sender.status();
        const Segment syn = syn_of_nobody();
        sender->send(probe_of(syn));
        EXPECT_EQ(tap.next(is_reset),
                  (Segment{.source = syn.source,
                           .destination = syn.destination,
                           .sequence = syn.sequence + 1,
                           .control = {.rst = true}}));
    });
}

TEST_P(SegmentSenderTo, AProbeLeavesAWaitingClientAloneAndARefusalEndsIt) {
    in_own_network([] {
        Tap tap;
        Result<SegmentSender> sender = SegmentSender::open();
        ASSERT_TRUE(sender.has_value()) << std::hex << sender.status();
        const Address server = at_port(GetParam(), 80);
        const DeafListener listener(server);
        const WaitingClient client(server);
        const std::optional<Segment> syn = tap.next(is_syn);
        ASSERT_TRUE(syn.has_value());

        const Segment probe = probe_of(*syn);
        sender->send(probe);
        ASSERT_TRUE(tap.next([&](const Segment& segment) { return segment == probe; }));
        EXPECT_TRUE(client.waits());
        const Segment refusal = refusal_of(*syn);
        sender->send(refusal);
        EXPECT_EQ(client.outcome(), ECONNREFUSED);
        // Nothing that the probe had called forth came before.
        EXPECT_EQ(tap.next(is_reset), refusal);
        const auto of_client = [&](const Segment& segment) {
            return is_reset(segment) && segment.source == syn->source;
        };
        EXPECT_FALSE(tap.next(of_client, 0));
    });
}

INSTANTIATE_TEST_SUITE_P(Loopback,
                         SegmentSenderTo,
                         testing::Values(localhost4, localhost6),
                         [](const auto& param) {
                             return param.param.family == Family::ipv4 ? "Ipv4" : "Ipv6";
                         });

class SegmentSenderTest : public OwnNetworkTest {};

// in6_ifreq: gives lo another address.
void add_address(const Address& address) {
    const host::UniqueFd fd(::socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    in6_ifreq request = {};
    std::memcpy(&request.ifr6_addr, address.ip.data(), sizeof request.ifr6_addr);
    request.ifr6_prefixlen = 64;
    request.ifr6_ifindex = static_cast<int>(::if_nametoindex("lo"));
    ASSERT_EQ(::ioctl(fd.get(), SIOCSIFADDR, &request), 0) << std::strerror(errno);
}

TEST_F(SegmentSenderTest, SendsToTheInterfaceOfALinkLocalAddress) {
    in_own_network([] {
        Address local{.family = Family::ipv6,
                      .port = 9,
                      .ip = {0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
        add_address(local);
        Tap tap;
        Result<SegmentSender> sender = SegmentSender::open();
        ASSERT_TRUE(sender.has_value()) << std::hex << sender.status();
        local.scope_id = ::if_nametoindex("lo");
        // The kernel makes a new address usable when it gets round to it.
        std::optional<Segment> reset;
        for (int tries = 0; !reset && tries < tap_patience_ms / 10; ++tries) {
            sender->send(probe_of({.source = local, .destination = local, .sequence = 0}));
            reset = tap.next(is_reset, 10);
        }
        ASSERT_TRUE(reset.has_value());

        local.scope_id += 1;  // there is no such interface
        sender->send(probe_of({.source = local, .destination = local, .sequence = 1}));
        local.scope_id -= 1;
        sender->send(probe_of({.source = local, .destination = local, .sequence = 2}));
        reset = tap.next(
            [](const Segment& segment) { return is_reset(segment) && segment.sequence != 1; });
        ASSERT_TRUE(reset.has_value());
        EXPECT_EQ(reset->sequence, 3U);
    });
}

TEST_F(SegmentSenderTest, LosesWhatHasNoRoute) {
    in_own_network([] {
        Tap tap;
        Result<SegmentSender> sender = SegmentSender::open();
        ASSERT_TRUE(sender.has_value()) << std::hex << sender.status();
        const Address nowhere{.port = 9, .ip = {192, 0, 2, 1}};
        sender->send(probe_of({.source = nowhere, .destination = localhost4, .sequence = 0}));
        const Address here = at_port(localhost4, 9);
        sender->send(probe_of({.source = here, .destination = here, .sequence = 1}));
        const std::optional<Segment> reset = tap.next(is_reset);
        ASSERT_TRUE(reset.has_value());
        EXPECT_EQ(reset->sequence, 2U);
    });
}

TEST_F(SegmentSenderTest, NeedsTheCapability) {
    in_own_network([] {
        __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
        const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
        ASSERT_EQ(::syscall(SYS_capset, &header, none), 0) << std::strerror(errno);
        EXPECT_EQ(SegmentSender::open().status(), STATUS_ACCESS_DENIED);
    });
}

// From here on the system says that it has no IPv6.
void lose_ipv6() {
    sock_filter instructions[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, args)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_INET6, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EAFNOSUPPORT),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog program = {.len = std::size(instructions), .filter = instructions};
    ASSERT_EQ(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
    ASSERT_EQ(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program), 0) << std::strerror(errno);
}

TEST_F(SegmentSenderTest, WorksForIpv4WhereThereIsNoIpv6) {
    in_own_network([] {
        lose_ipv6();
        Tap tap;
        Result<SegmentSender> sender = SegmentSender::open();
        ASSERT_TRUE(sender.has_value()) << std::hex << sender.status();
        const Address there = at_port(localhost6, 9);
        sender->send(probe_of({.source = there, .destination = there, .sequence = 0}));
        const Address here = at_port(localhost4, 9);
        sender->send(probe_of({.source = here, .destination = here, .sequence = 1}));
        const std::optional<Segment> reset = tap.next(is_reset);
        ASSERT_TRUE(reset.has_value());
        EXPECT_EQ(reset->sequence, 2U);
    });
}

}  // namespace
}  // namespace owsk::net
