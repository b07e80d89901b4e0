// SPDX-License-Identifier: MIT
// Bind rules B1-B18 and CL10, for datagram sockets. The sockets of a test send to each other.
#include "conformance/datagram_fixture.h"

namespace owsk::conformance {
namespace {

class DatagramBind : public DatagramTest {};
OWSK_IN_EVERY_MODE(DatagramBind);

TEST_P(DatagramBind, B1_TheWildcardWithPort0GetsAPort) {
    for (const char* ip : {"0.0.0.0", "::"}) {
        PWSK_SOCKET socket = make_bound({ip, 0});
        EXPECT_EQ(local_address(socket).ip, ip);
        EXPECT_NE(local_address(socket).port, 0);
    }
}

TEST_P(DatagramBind, B2_AnUnboundSocketHasNoLocalAddress) {
    SOCKADDR_STORAGE address = {};
    Call call;
    start_local_address(call, make_unbound(), address);
    EXPECT_THAT(call, CompletesWith(STATUS_INVALID_DEVICE_STATE));
}

TEST_P(DatagramBind, B6_TheWildcardReceivesOnEveryLocalAddress) {
    PWSK_SOCKET receiver = make_bound(wildcard);
    PWSK_SOCKET sender = make_bound();
    const std::uint16_t port = local_address(receiver).port;
    for (const char* ip : {"127.0.0.1", "127.0.0.2", "127.1.2.3"}) {
        EXPECT_EQ(send_to(sender, ip, Endpoint{ip, port}), STATUS_SUCCESS);
        EXPECT_EQ(receive_from(receiver), ip);
    }
}

TEST_P(DatagramBind, B7_TheSameSpecificAddressIsInUse) {
    PWSK_SOCKET first = make_bound();
    EXPECT_EQ(bind(make_unbound(), local_address(first)), STATUS_ADDRESS_ALREADY_EXISTS);
}

TEST_P(DatagramBind, B9_ReuseOnBothSidesShares) {
    PWSK_SOCKET first = make_unbound();
    PWSK_SOCKET second = make_unbound();
    for (PWSK_SOCKET socket : {first, second}) {
        EXPECT_EQ(set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1), STATUS_SUCCESS);
    }
    EXPECT_EQ(bind(first, loopback), STATUS_SUCCESS);
    EXPECT_EQ(bind(second, local_address(first)), STATUS_SUCCESS);
}

TEST_P(DatagramBind, B11_ReuseDoesNotTakeFromAnExclusiveSocket) {
    PWSK_SOCKET first = make_unbound();
    PWSK_SOCKET second = make_unbound();
    EXPECT_EQ(set_option(first, SOL_SOCKET, static_cast<ULONG>(SO_EXCLUSIVEADDRUSE), 1),
              STATUS_SUCCESS);
    EXPECT_EQ(set_option(second, SOL_SOCKET, SO_REUSEADDR, 1), STATUS_SUCCESS);
    EXPECT_EQ(bind(first, loopback), STATUS_SUCCESS);
    EXPECT_EQ(bind(second, local_address(first)), STATUS_ACCESS_DENIED);
}

TEST_P(DatagramBind, ThePortsOfTcpAreOthers) {
    PWSK_SOCKET datagrams = make_bound();
    ListenerOptions options;
    options.at = local_address(datagrams);
    PWSK_SOCKET listener = make_listener(options);
    EXPECT_EQ(local_address(listener), local_address(datagrams));
}

TEST_P(DatagramBind, B16_B18_WrongBindsFail) {
    PWSK_SOCKET socket = make_unbound();
    EXPECT_EQ(bind(socket, {"::1", 0}), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(bind(socket, {"192.0.2.99", 0}), STATUS_INVALID_ADDRESS_COMPONENT);
    Call flags;
    start_bind(flags, socket, loopback, 1);
    EXPECT_THAT(flags, CompletesWith(STATUS_INVALID_PARAMETER));
    EXPECT_EQ(bind(socket, loopback), STATUS_SUCCESS);
    EXPECT_EQ(bind(socket, loopback), STATUS_INVALID_DEVICE_STATE);
}

TEST_P(DatagramBind, AnOptionThatThePortRefusesFailsTheBind) {
    PWSK_SOCKET socket = make_unbound();
    const ULONG no_interface = RtlUlongByteSwap(4711);
    EXPECT_EQ(set_option(socket, IPPROTO_IP, IP_MULTICAST_IF, no_interface), STATUS_SUCCESS);
    EXPECT_EQ(bind(socket, loopback), STATUS_INVALID_ADDRESS_COMPONENT);
    EXPECT_EQ(get_option(socket, IPPROTO_IP, IP_MULTICAST_IF), no_interface);
    EXPECT_EQ(set_option(socket, IPPROTO_IP, IP_MULTICAST_IF, 0), STATUS_SUCCESS);
    EXPECT_EQ(bind(socket, loopback), STATUS_SUCCESS);
    EXPECT_EQ(send_to(socket, "to myself", local_address(socket)), STATUS_SUCCESS);
    EXPECT_EQ(receive_from(socket), "to myself");
}

TEST_P(DatagramBind, ARawSocketCanBeMadeAndNotBound) {
    SocketOptions options;
    options.type = SOCK_RAW;
    options.protocol = IPPROTO_UDP;
    PWSK_SOCKET socket = make_socket(WSK_FLAG_DATAGRAM_SOCKET, options);
    EXPECT_EQ(bind(socket, loopback), STATUS_NOT_IMPLEMENTED);
}

TEST_P(DatagramBind, CL10_TheAddressIsFreeAfterTheClose) {
    PWSK_SOCKET first = make_bound();
    const Endpoint at = local_address(first);
    EXPECT_EQ(close(first), STATUS_SUCCESS);
    EXPECT_EQ(bind(make_unbound(), at), STATUS_SUCCESS);
}

}  // namespace
}  // namespace owsk::conformance
