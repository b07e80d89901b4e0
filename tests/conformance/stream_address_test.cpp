// SPDX-License-Identifier: MIT
// The addresses of stream sockets: both families at once, and who may share them.
#include "conformance/stream_fixture.h"

namespace owsk::conformance {
namespace {

const Endpoint wildcard6 = {"::", 0};

class StreamAddress : public StreamTest {};
OWSK_IN_EVERY_MODE(StreamAddress);

TEST_P(StreamAddress, B21_OfBothFamiliesItAcceptsBoth) {
    PWSK_SOCKET socket = make_stream(AF_INET6);
    EXPECT_EQ(get_option(socket, IPPROTO_IPV6, IPV6_V6ONLY), 1u);
    EXPECT_EQ(set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, 2), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, 0), STATUS_SUCCESS);
    EXPECT_EQ(get_option(socket, IPPROTO_IPV6, IPV6_V6ONLY), 0u);
    EXPECT_EQ(bind(socket, wildcard6), STATUS_SUCCESS);
    EXPECT_EQ(set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, 1), refused);
    EXPECT_EQ(listen(socket), STATUS_SUCCESS);
    const std::uint16_t port = local_address(socket).port;
    TcpClient four;
    ASSERT_TRUE(four.connect({"127.0.0.1", port}));
    EXPECT_EQ(remote_address(stream_accept(socket)),
              (Endpoint{"::ffff:127.0.0.1", four.local().port}));
    TcpClient six;
    ASSERT_TRUE(six.connect({"::1", port}));
    EXPECT_EQ(remote_address(stream_accept(socket)), six.local());
}

TEST_P(StreamAddress, B21_OfBothFamiliesItConnectsToBoth) {
    PWSK_SOCKET four = make_listening();
    PWSK_SOCKET socket = make_stream(AF_INET6);
    EXPECT_EQ(set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, 0), STATUS_SUCCESS);
    EXPECT_EQ(bind(socket, wildcard6), STATUS_SUCCESS);
    const Endpoint there = {"::ffff:127.0.0.1", local_address(four).port};
    EXPECT_EQ(connect(socket, there), STATUS_SUCCESS);
    EXPECT_EQ(remote_address(socket), there);
    EXPECT_EQ(remote_address(stream_accept(four)).port, local_address(socket).port);
}

TEST_P(StreamAddress, V6OnlyIsNoOptionOfIpv4) {
    EXPECT_EQ(set_option(make_stream(), IPPROTO_IPV6, IPV6_V6ONLY, 0), STATUS_NOT_SUPPORTED);
}

TEST_P(StreamAddress, ItsAddressIsTakenFromTheBindOn) {
    PWSK_SOCKET first = make_bound();
    const Endpoint at = local_address(first);
    PWSK_SOCKET second = make_stream();
    EXPECT_EQ(bind(second, at), STATUS_ADDRESS_ALREADY_EXISTS);
    EXPECT_EQ(listen(first), STATUS_SUCCESS);
    EXPECT_EQ(bind(second, at), STATUS_ADDRESS_ALREADY_EXISTS);
    EXPECT_EQ(close(first), STATUS_SUCCESS);
    EXPECT_EQ(bind(second, at), STATUS_SUCCESS);
    EXPECT_EQ(listen(second), STATUS_SUCCESS);
}

TEST_P(StreamAddress, AddressesAreSharedByTheTable) {
    PWSK_SOCKET first = make_sharing({"0.0.0.0", 0});
    const std::uint16_t port = local_address(first).port;
    // The specific address beside the wildcard, and both listen.
    PWSK_SOCKET second = make_sharing({"127.0.0.1", port});
    EXPECT_EQ(listen(first), STATUS_SUCCESS);
    EXPECT_EQ(listen(second), STATUS_SUCCESS);
    TcpClient peer;
    ASSERT_TRUE(peer.connect({"127.0.0.1", port}));
    EXPECT_EQ(remote_address(stream_accept(second)), peer.local());
    // A third one beside one that listens already.
    EXPECT_EQ(close(second), STATUS_SUCCESS);
    PWSK_SOCKET third = make_sharing({"127.0.0.1", port});
    EXPECT_EQ(listen(third), STATUS_SUCCESS);
    TcpClient next;
    ASSERT_TRUE(next.connect({"127.0.0.1", port}));
    EXPECT_EQ(remote_address(stream_accept(third)), next.local());
}

TEST_P(StreamAddress, ItKeepsItsAddressForItself) {
    PWSK_SOCKET first = make_stream();
    EXPECT_EQ(set_option(first, SOL_SOCKET, exclusive, 1), STATUS_SUCCESS);
    EXPECT_EQ(bind(first, {"0.0.0.0", 0}), STATUS_SUCCESS);
    EXPECT_EQ(listen(first), STATUS_SUCCESS);
    PWSK_SOCKET second = make_stream();
    EXPECT_NE(bind(second, {"127.0.0.1", local_address(first).port}), STATUS_SUCCESS);
}

}  // namespace
}  // namespace owsk::conformance
