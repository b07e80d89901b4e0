// SPDX-License-Identifier: MIT
// Bind rules B1-B21, for listening sockets: WskBind, WskGetLocalAddress, WskGetRemoteAddress.
#include "conformance/wsk_fixture.h"

namespace owsk::conformance {
namespace {

const Endpoint specific = {"127.0.0.1", 0};

class WskBind : public WskTest {
  protected:
    enum class Option { none, reuse, exclusive };

    PWSK_SOCKET make_listening_socket(Option option, ADDRESS_FAMILY family = AF_INET) {
        SocketOptions options;
        options.family = family;
        PWSK_SOCKET socket = make_socket(WSK_FLAG_LISTEN_SOCKET, options);
        if (option != Option::none) {
            const auto name =
                static_cast<ULONG>(option == Option::reuse ? SO_REUSEADDR : SO_EXCLUSIVEADDRUSE);
            EXPECT_EQ(set_option(socket, SOL_SOCKET, name, 1), STATUS_SUCCESS);
        }
        return socket;
    }

    // Binds to a port that nobody else is using on any address: a wildcard may follow.
    std::uint16_t bind_to_free_port(PWSK_SOCKET socket, const std::string& ip) {
        for (int i = 0; i < 20; ++i) {
            const std::uint16_t port = transport().random_port();
            if (bind(socket, {ip, port}) == STATUS_SUCCESS) {
                return port;
            }
        }
        ADD_FAILURE() << "no free port found";
        return 0;
    }

    // The same with one of them bound to the wildcard of both families.
    NTSTATUS second_bind_with_both_families(Option option,
                                            const Endpoint& other,
                                            bool comes_first) {
        PWSK_SOCKET both = make_listening_socket(option, AF_INET6);
        EXPECT_EQ(set_option(both, IPPROTO_IPV6, IPV6_V6ONLY, 0), STATUS_SUCCESS);
        PWSK_SOCKET one = make_listening_socket(option, other.is_v6() ? AF_INET6 : AF_INET);
        PWSK_SOCKET first = comes_first ? both : one;
        PWSK_SOCKET second = comes_first ? one : both;
        const std::string second_ip = comes_first ? other.ip : "::";
        const std::uint16_t port = bind_to_free_port(first, comes_first ? "::" : other.ip);
        const NTSTATUS status = bind(second, {second_ip, port});
        EXPECT_EQ(close(second), STATUS_SUCCESS);
        EXPECT_EQ(close(first), STATUS_SUCCESS);
        return status;
    }

    // The status of a second bind to the port that a first one has got.
    NTSTATUS second_bind(Option first,
                         const Endpoint& first_at,
                         Option second,
                         Endpoint second_at) {
        PWSK_SOCKET first_socket = make_listening_socket(first);
        second_at.port = bind_to_free_port(first_socket, first_at.ip);
        PWSK_SOCKET second_socket = make_listening_socket(second);
        const NTSTATUS status = bind(second_socket, second_at);
        EXPECT_EQ(close(second_socket), STATUS_SUCCESS);
        EXPECT_EQ(close(first_socket), STATUS_SUCCESS);
        return status;
    }
};
OWSK_IN_EVERY_MODE(WskBind);

TEST_P(WskBind, B1_TheWildcardWithPort0GetsAPort) {
    PWSK_SOCKET listener = make_listening_socket(Option::none);
    EXPECT_EQ(bind(listener, wildcard), STATUS_SUCCESS);
    EXPECT_EQ(local_address(listener).ip, "0.0.0.0");
    EXPECT_NE(local_address(listener).port, 0);
}

TEST_P(WskBind, B1_TheSameForIpv6) {
    PWSK_SOCKET listener = make_listening_socket(Option::none, AF_INET6);
    EXPECT_EQ(bind(listener, {"::", 0}), STATUS_SUCCESS);
    EXPECT_EQ(local_address(listener).ip, "::");
    EXPECT_NE(local_address(listener).port, 0);
}

TEST_P(WskBind, B2_AnUnboundSocketHasNoLocalAddress) {
    for (const ULONG flags : {WSK_FLAG_LISTEN_SOCKET, WSK_FLAG_CONNECTION_SOCKET}) {
        PWSK_SOCKET socket = make_socket(flags);
        SOCKADDR_STORAGE address = {};
        Call call;
        start_local_address(call, socket, address);
        EXPECT_THAT(call, CompletesWith(STATUS_INVALID_DEVICE_STATE));
    }
}

TEST_P(WskBind, B3_AListeningSocketListensAfterTheBind) {
    PWSK_SOCKET listener = make_listener();
    TcpClient peer;
    EXPECT_TRUE(peer.connect(local_address(listener)));
}

TEST_P(WskBind, B4_AWildcardListenerAcceptsOnEveryLocalAddress) {
    ListenerOptions options;
    options.at = wildcard;
    PWSK_SOCKET listener = make_listener(options);
    for (const char* ip : {"127.0.0.1", "127.0.0.2", "127.1.2.3"}) {
        TcpClient peer;
        ASSERT_TRUE(peer.connect({ip, local_address(listener).port}));
        PWSK_SOCKET socket = accept(listener);
        EXPECT_EQ(local_address(socket), (Endpoint{ip, local_address(listener).port}));
        EXPECT_EQ(remote_address(socket), peer.local());
    }
}

TEST_P(WskBind, B7_TheSameSpecificAddressIsInUse) {
    EXPECT_EQ(second_bind(Option::none, specific, Option::none, specific),
              STATUS_ADDRESS_ALREADY_EXISTS);
}

TEST_P(WskBind, B8_TheWildcardBesideASpecificAddressIsFree) {
    EXPECT_EQ(second_bind(Option::none, specific, Option::none, wildcard), STATUS_SUCCESS);
}

TEST_P(WskBind, B9_ReuseOnBothSidesShares) {
    EXPECT_EQ(second_bind(Option::reuse, specific, Option::reuse, specific), STATUS_SUCCESS);
}

TEST_P(WskBind, B10_ReuseDoesNotTakeFromADefaultSocket) {
    EXPECT_EQ(second_bind(Option::none, specific, Option::reuse, specific), STATUS_ACCESS_DENIED);
}

TEST_P(WskBind, B11_ReuseDoesNotTakeFromAnExclusiveSocket) {
    EXPECT_EQ(second_bind(Option::exclusive, specific, Option::reuse, specific),
              STATUS_ACCESS_DENIED);
}

TEST_P(WskBind, B12_AnExclusiveWildcardTakesNothingThatIsHeld) {
    for (const Option first : {Option::none, Option::reuse, Option::exclusive}) {
        for (const Endpoint& at : {wildcard, specific}) {
            EXPECT_EQ(second_bind(first, at, Option::exclusive, wildcard),
                      STATUS_ADDRESS_ALREADY_EXISTS);
        }
    }
}

TEST_P(WskBind, B13_B15_TheTableOfSharing) {
    constexpr NTSTATUS ok = STATUS_SUCCESS;
    constexpr NTSTATUS in_use = STATUS_ADDRESS_ALREADY_EXISTS;
    constexpr NTSTATUS denied = STATUS_ACCESS_DENIED;
    // An access check against the first socket's security descriptor: the default one denies.
    constexpr NTSTATUS check = STATUS_ACCESS_DENIED;
    struct Kind {
        const char* name;
        Option option;
        const Endpoint& at;
    };
    const Kind kinds[] = {
        {"none, wildcard", Option::none, wildcard},
        {"none, specific", Option::none, specific},
        {"reuse, wildcard", Option::reuse, wildcard},
        {"reuse, specific", Option::reuse, specific},
        {"exclusive, wildcard", Option::exclusive, wildcard},
        {"exclusive, specific", Option::exclusive, specific},
    };
    constexpr NTSTATUS expected[6][6] = {
        // second: none, wildcard
        {in_use, ok, in_use, ok, in_use, ok},
        // none, specific
        {check, in_use, check, denied, denied, in_use},
        // reuse, wildcard
        {denied, ok, ok, ok, denied, ok},
        // reuse, specific
        {check, denied, ok, ok, denied, denied},
        // exclusive, wildcard
        {in_use, in_use, in_use, in_use, in_use, in_use},
        // exclusive, specific
        {check, in_use, check, in_use, denied, in_use},
    };
    for (std::size_t second = 0; second < 6; ++second) {
        for (std::size_t first = 0; first < 6; ++first) {
            EXPECT_EQ(
                status_name(second_bind(
                    kinds[first].option, kinds[first].at, kinds[second].option, kinds[second].at)),
                status_name(expected[second][first]))
                << "first: " << kinds[first].name << "; second: " << kinds[second].name;
        }
    }
}

TEST_P(WskBind, B13_TheTableOfSharingHoldsForTheWildcardOfBothFamilies) {
    const Endpoint others[] = {wildcard, specific, {"::1", 0}, {"::", 0}};
    for (const Option option : {Option::none, Option::reuse, Option::exclusive}) {
        for (const Endpoint& other : others) {
            const bool wild = other == wildcard || other.ip == "::";
            const bool reuse = option == Option::reuse;
            // Of the table: the row of the second one, the column of the first.
            const NTSTATUS first = reuse  ? STATUS_SUCCESS
                                   : wild ? STATUS_ADDRESS_ALREADY_EXISTS
                                          : STATUS_ACCESS_DENIED;
            const NTSTATUS second = reuse                    ? STATUS_SUCCESS
                                    : wild                   ? STATUS_ADDRESS_ALREADY_EXISTS
                                    : option == Option::none ? STATUS_SUCCESS
                                                             : STATUS_ADDRESS_ALREADY_EXISTS;
            EXPECT_EQ(status_name(second_bind_with_both_families(option, other, true)),
                      status_name(first))
                << "first both families, then " << other.ip;
            EXPECT_EQ(status_name(second_bind_with_both_families(option, other, false)),
                      status_name(second))
                << "first " << other.ip << ", then both families";
        }
    }
}

TEST_P(WskBind, B13_ListenersOfTheTwoFamiliesDoNotMeet) {
    const std::pair<const char*, const char*> pairs[] = {{"0.0.0.0", "::"}, {"127.0.0.1", "::1"}};
    for (const auto& [ipv4, ipv6] : pairs) {
        for (const Option option : {Option::none, Option::exclusive}) {
            PWSK_SOCKET first = make_listening_socket(option);
            const std::uint16_t port = bind_to_free_port(first, ipv4);
            PWSK_SOCKET second = make_listening_socket(option, AF_INET6);
            EXPECT_EQ(bind(second, {ipv6, port}), STATUS_SUCCESS);
            TcpClient v4;
            TcpClient v6;
            ASSERT_TRUE(v4.connect({"127.0.0.1", port}));
            ASSERT_TRUE(v6.connect({"::1", port}));
            EXPECT_EQ(remote_address(accept(first)), v4.local());
            EXPECT_EQ(remote_address(accept(second)), v6.local());
            close(second);
            close(first);
        }
    }
}

TEST_P(WskBind, B8_ASpecificListenerAndAWildcardOneEachGetTheirOwn) {
    PWSK_SOCKET narrow = make_listening_socket(Option::none);
    const std::uint16_t port = bind_to_free_port(narrow, specific.ip);
    PWSK_SOCKET wide = make_listening_socket(Option::none);
    ASSERT_EQ(bind(wide, {"0.0.0.0", port}), STATUS_SUCCESS);
    TcpClient first;
    TcpClient second;
    ASSERT_TRUE(first.connect({"127.0.0.1", port}));
    ASSERT_TRUE(second.connect({"127.0.0.2", port}));
    EXPECT_EQ(remote_address(accept(narrow)), first.local());
    EXPECT_EQ(remote_address(accept(wide)), second.local());
}

TEST_P(WskBind, B14_DifferentSpecificAddressesShareAPort) {
    EXPECT_EQ(second_bind(Option::none, specific, Option::none, {"127.0.0.2", 0}), STATUS_SUCCESS);
    EXPECT_EQ(second_bind(Option::exclusive, specific, Option::exclusive, {"127.0.0.2", 0}),
              STATUS_SUCCESS);
}

TEST_P(WskBind, B16_AnAddressOfTheOtherFamilyFails) {
    PWSK_SOCKET v4 = make_listening_socket(Option::none);
    EXPECT_FALSE(NT_SUCCESS(bind(v4, {"::1", 0})));
    PWSK_SOCKET v6 = make_listening_socket(Option::none, AF_INET6);
    EXPECT_FALSE(NT_SUCCESS(bind(v6, specific)));
    EXPECT_EQ(bind(v4, specific), STATUS_SUCCESS);
    EXPECT_EQ(bind(v6, {"::1", 0}), STATUS_SUCCESS);
}

TEST_P(WskBind, B17_AnAddressOfAnotherMachineFails) {
    PWSK_SOCKET listener = make_listening_socket(Option::none);
    Call call;
    start_bind(call, listener, {"192.0.2.1", 0});
    EXPECT_THAT(call, Fails());
    EXPECT_EQ(bind(listener, specific), STATUS_SUCCESS);
}

TEST_P(WskBind, B18_ASecondBindFails) {
    PWSK_SOCKET listener = make_listener();
    const Endpoint before = local_address(listener);
    EXPECT_EQ(bind(listener, {"127.0.0.2", 0}), STATUS_INVALID_DEVICE_STATE);
    EXPECT_EQ(local_address(listener), before);
}

TEST_P(WskBind, B18_AFailedBindMayBeRepeated) {
    PWSK_SOCKET first = make_listener();
    PWSK_SOCKET second = make_listening_socket(Option::none);
    EXPECT_EQ(bind(second, local_address(first)), STATUS_ADDRESS_ALREADY_EXISTS);
    EXPECT_EQ(bind(second, specific), STATUS_SUCCESS);
}

TEST_P(WskBind, C7_ReservedFlagsFail) {
    PWSK_SOCKET listener = make_listening_socket(Option::none);
    Call call;
    start_bind(call, listener, specific, 1);
    EXPECT_THAT(call, CompletesWith(STATUS_INVALID_PARAMETER));
}

TEST_P(WskBind, B19_AnUnconnectedSocketHasNoRemoteAddress) {
    PWSK_SOCKET socket = make_socket(WSK_FLAG_CONNECTION_SOCKET);
    SOCKADDR_STORAGE address = {};
    Call call;
    start_remote_address(call, socket, address);
    EXPECT_THAT(call, CompletesWith(STATUS_INVALID_DEVICE_STATE));
}

TEST_P(WskBind, B20_TheRemoteAddressIsThePeersLocalOne) {
    TcpClient peer;
    PWSK_SOCKET socket = make_connection(peer);
    EXPECT_EQ(remote_address(socket), peer.local());
    EXPECT_EQ(local_address(socket), peer.remote());
}

TEST_P(WskBind, B20_TheSameForIpv6) {
    ListenerOptions options;
    options.at = {"::1", 0};
    PWSK_SOCKET listener = make_listener(options);
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    PWSK_SOCKET socket = accept(listener);
    EXPECT_EQ(remote_address(socket), peer.local());
    EXPECT_EQ(local_address(socket), peer.remote());
}

TEST_P(WskBind, B21_ADualFamilyListenerAcceptsMappedIpv4) {
    PWSK_SOCKET listener = make_listening_socket(Option::none, AF_INET6);
    ASSERT_EQ(set_option(listener, IPPROTO_IPV6, IPV6_V6ONLY, 0), STATUS_SUCCESS);
    ASSERT_EQ(bind(listener, {"::", 0}), STATUS_SUCCESS);
    const std::uint16_t port = local_address(listener).port;
    TcpClient v4;
    ASSERT_TRUE(v4.connect({"127.0.0.1", port}));
    PWSK_SOCKET socket = accept(listener);
    EXPECT_EQ(remote_address(socket), (Endpoint{"::ffff:127.0.0.1", v4.local().port}));
    EXPECT_EQ(local_address(socket), (Endpoint{"::ffff:127.0.0.1", port}));
    TcpClient v6;
    ASSERT_TRUE(v6.connect({"::1", port}));
    EXPECT_EQ(remote_address(accept(listener)), v6.local());
}

TEST_P(WskBind, B21_WithoutTheOptionAnIpv6ListenerRefusesIpv4) {
    ListenerOptions options;
    options.at = {"::", 0};
    PWSK_SOCKET listener = make_listener(options);
    TcpClient v4;
    EXPECT_FALSE(v4.connect({"127.0.0.1", local_address(listener).port}));
}

TEST_P(WskBind, CL10_TheAddressIsFreeAfterTheClose) {
    PWSK_SOCKET first = make_listener();
    const Endpoint at = local_address(first);
    EXPECT_EQ(close(first), STATUS_SUCCESS);
    PWSK_SOCKET second = make_listening_socket(Option::exclusive);
    EXPECT_EQ(bind(second, at), STATUS_SUCCESS);
}

}  // namespace
}  // namespace owsk::conformance
