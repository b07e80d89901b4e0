// SPDX-License-Identifier: MIT
// Datagram rules DG1-DG7, DG13 and DG14: WskSendTo, WskSendMessages, and addresses that are fixed.
// The sockets of a test send to each other.
#include "conformance/datagram_fixture.h"

namespace owsk::conformance {
namespace {

class WskSendTo : public DatagramTest {};
OWSK_IN_EVERY_MODE(WskSendTo);

TEST_P(WskSendTo, DG1_EachCallSendsOneDatagram) {
    PWSK_SOCKET sender = make_bound();
    PWSK_SOCKET receiver = make_bound();
    for (const std::string text : {"one", "and another"}) {
        Buffer buffer(text);
        Call call;
        start_send_to(call, sender, buffer, local_address(receiver));
        EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
        EXPECT_EQ(call.information(), text.size());
    }
    EXPECT_EQ(receive_from(receiver), "one");
    EXPECT_EQ(receive_from(receiver), "and another");
}

TEST_P(WskSendTo, DG1_OverIpv6) {
    PWSK_SOCKET sender = make_bound({"::1", 0});
    PWSK_SOCKET receiver = make_bound({"::", 0});
    const Endpoint to = {"::1", local_address(receiver).port};
    EXPECT_EQ(send_to(sender, "six", to), STATUS_SUCCESS);
    Receive receive(16);
    start_receive_from(receive, receiver);
    EXPECT_THAT(receive.call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(receive.text(), "six");
    EXPECT_EQ(receive.remote(), local_address(sender));
}

TEST_P(WskSendTo, B21_ASocketOfBothFamiliesReachesIpv4) {
    PWSK_SOCKET both = make_unbound(AF_INET6);
    EXPECT_EQ(set_option(both, IPPROTO_IPV6, IPV6_V6ONLY, 0), STATUS_SUCCESS);
    EXPECT_EQ(bind(both, {"::", 0}), STATUS_SUCCESS);
    PWSK_SOCKET peer = make_bound();
    EXPECT_EQ(send_to(peer, "there", Endpoint{"127.0.0.1", local_address(both).port}),
              STATUS_SUCCESS);
    Receive there(16);
    start_receive_from(there, both);
    EXPECT_THAT(there.call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(there.remote(), (Endpoint{"::ffff:127.0.0.1", local_address(peer).port}));
    EXPECT_EQ(send_to(both, "back", there.remote()), STATUS_SUCCESS);
    EXPECT_EQ(receive_from(peer), "back");
}

TEST_P(WskSendTo, AChainOfManyMdlsIsOneDatagram) {
    PWSK_SOCKET sender = make_bound();
    PWSK_SOCKET receiver = make_bound();
    Buffer chain(std::vector<SIZE_T>(150, 7), 3, 1000);
    chain.fill("abcdefghijklm");
    Call call;
    start_send_to(call, sender, chain, local_address(receiver));
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), 1000u);
    Receive receive(2000);
    start_receive_from(receive, receiver);
    EXPECT_THAT(receive.call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(receive.text(), chain.text(1000));
}

TEST_P(WskSendTo, DG2_WithoutAnAddressItFails) {
    PWSK_SOCKET sender = make_bound();
    EXPECT_EQ(send_to(sender, "where", std::nullopt), STATUS_INVALID_PARAMETER);
}

TEST_P(WskSendTo, DG2_DG5_AFixedDestinationIsForThoseThatNameNone) {
    PWSK_SOCKET sender = make_bound();
    PWSK_SOCKET receiver = make_bound();
    EXPECT_EQ(fix_address(sender, SIO_WSK_SET_SENDTO_ADDRESS, local_address(receiver)),
              STATUS_SUCCESS);
    EXPECT_EQ(send_to(sender, "fixed", std::nullopt), STATUS_SUCCESS);
    EXPECT_EQ(receive_from(receiver), "fixed");
    PWSK_SOCKET anyone = make_bound();
    EXPECT_EQ(send_to(anyone, "from anyone", local_address(sender)), STATUS_SUCCESS);
    EXPECT_EQ(receive_from(sender), "from anyone");
}

TEST_P(WskSendTo, DG3_AnAddressThatIsNamedWins) {
    PWSK_SOCKET sender = make_bound();
    PWSK_SOCKET fixed = make_bound();
    PWSK_SOCKET named = make_bound();
    EXPECT_EQ(fix_address(sender, SIO_WSK_SET_REMOTE_ADDRESS, local_address(fixed)),
              STATUS_SUCCESS);
    EXPECT_EQ(send_to(sender, "named", local_address(named)), STATUS_SUCCESS);
    EXPECT_EQ(receive_from(named), "named");
    EXPECT_EQ(send_to(sender, "fixed", std::nullopt), STATUS_SUCCESS);
    EXPECT_EQ(receive_from(fixed), "fixed");
}

TEST_P(WskSendTo, DG4_OnlyTheFixedRemoteAddressIsHeard) {
    PWSK_SOCKET socket = make_bound();
    PWSK_SOCKET fixed = make_bound();
    PWSK_SOCKET other = make_bound();
    EXPECT_EQ(fix_address(socket, SIO_WSK_SET_REMOTE_ADDRESS, local_address(fixed)),
              STATUS_SUCCESS);
    EXPECT_EQ(send_to(other, "not heard", local_address(socket)), STATUS_SUCCESS);
    // Nor is the answer of somebody who was sent something.
    EXPECT_EQ(send_to(socket, "there", local_address(other)), STATUS_SUCCESS);
    EXPECT_EQ(receive_from(other), "there");
    EXPECT_EQ(send_to(other, "nor the answer", local_address(socket)), STATUS_SUCCESS);
    EXPECT_EQ(send_to(fixed, "heard", local_address(socket)), STATUS_SUCCESS);
    EXPECT_EQ(receive_from(socket), "heard");
}

TEST_P(WskSendTo, DG6_AFixedAddressCanBeTakenAway) {
    PWSK_SOCKET socket = make_bound();
    PWSK_SOCKET fixed = make_bound();
    PWSK_SOCKET other = make_bound();
    for (const ULONG code : {SIO_WSK_SET_REMOTE_ADDRESS, SIO_WSK_SET_SENDTO_ADDRESS}) {
        EXPECT_EQ(fix_address(socket, code, local_address(fixed)), STATUS_SUCCESS);
        EXPECT_EQ(send_to(socket, "fixed", std::nullopt), STATUS_SUCCESS);
        EXPECT_EQ(fix_address(socket, code, std::nullopt), STATUS_SUCCESS);
        EXPECT_EQ(send_to(socket, "where", std::nullopt), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(send_to(other, "heard again", local_address(socket)), STATUS_SUCCESS);
        EXPECT_EQ(receive_from(socket), "heard again");
    }
}

TEST_P(WskSendTo, DG7_BeforeTheBindNoAddressCanBeFixed) {
    PWSK_SOCKET socket = make_unbound();
    for (const ULONG code : {SIO_WSK_SET_REMOTE_ADDRESS, SIO_WSK_SET_SENDTO_ADDRESS}) {
        EXPECT_EQ(fix_address(socket, code, Endpoint{"127.0.0.1", 7}), STATUS_INVALID_DEVICE_STATE);
    }
}

TEST_P(WskSendTo, WrongFixedAddressesFail) {
    PWSK_SOCKET socket = make_bound();
    for (const ULONG code : {SIO_WSK_SET_REMOTE_ADDRESS, SIO_WSK_SET_SENDTO_ADDRESS}) {
        EXPECT_EQ(fix_address(socket, code, Endpoint{"::1", 7}), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(fix_address(socket, code, Endpoint{"127.0.0.1", 0}),
                  STATUS_INVALID_ADDRESS_COMPONENT);
        EXPECT_EQ(fix_address(make_listener(), code, Endpoint{"127.0.0.1", 7}),
                  STATUS_INVALID_DEVICE_REQUEST);
    }
}

TEST_P(WskSendTo, WrongArgumentsFail) {
    PWSK_SOCKET socket = make_bound();
    const Endpoint to = local_address(make_bound());
    Buffer buffer("x");
    Call flags;
    start_send_to(flags, socket, buffer, to, "", 1);
    EXPECT_THAT(flags, CompletesWith(STATUS_INVALID_PARAMETER));
    Call nothing;
    SOCKADDR_STORAGE address = sockaddr_of(to);
    nothing.returns(datagram_functions(socket).WskSendTo(
        socket, nullptr, 0, generic(address), 0, nullptr, nothing.irp()));
    EXPECT_THAT(nothing, CompletesWith(STATUS_INVALID_PARAMETER));
    EXPECT_EQ(datagram_functions(socket).WskSendTo(
                  socket, nullptr, 0, generic(address), 0, nullptr, nullptr),
              STATUS_INVALID_PARAMETER);
    EXPECT_EQ(send_to(socket, "x", Endpoint{"::1", to.port}), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(send_to(socket, "x", Endpoint{"0.0.0.0", to.port}), STATUS_INVALID_ADDRESS_COMPONENT);
    EXPECT_EQ(send_to(socket, "x", Endpoint{"127.0.0.1", 0}), STATUS_INVALID_ADDRESS_COMPONENT);
    EXPECT_EQ(send_to(make_unbound(), "x", to), STATUS_INVALID_DEVICE_STATE);
}

TEST_P(WskSendTo, ADatagramThatIsTooLongFails) {
    PWSK_SOCKET socket = make_bound();
    PWSK_SOCKET receiver = make_bound();
    for (const SIZE_T length : {SIZE_T{65'508}, SIZE_T{70'000}, SIZE_T{1'000'000}}) {
        EXPECT_EQ(send_to(socket, std::string(length, 'x'), local_address(receiver)),
                  STATUS_INVALID_BUFFER_SIZE);
    }
    const std::string longest(65'507, 'x');
    EXPECT_EQ(send_to(socket, longest, local_address(receiver)), STATUS_SUCCESS);
    EXPECT_EQ(receive_from(receiver, 70'000), longest);
}

TEST_P(WskSendTo, ABufferCanBeSeveralDatagramsOfOneSize) {
    PWSK_SOCKET socket = make_unbound();
    EXPECT_EQ(get_option(socket, IPPROTO_UDP, UDP_SEND_MSG_SIZE), 0u);
    EXPECT_EQ(set_option(socket, IPPROTO_UDP, UDP_SEND_MSG_SIZE, 4), STATUS_SUCCESS);
    EXPECT_EQ(get_option(socket, IPPROTO_UDP, UDP_SEND_MSG_SIZE), 4u);
    EXPECT_EQ(bind(socket, {"127.0.0.1", 0}), STATUS_SUCCESS);
    PWSK_SOCKET receiver = make_bound();
    const Endpoint to = local_address(receiver);
    EXPECT_EQ(send_to(socket, "0123456789", to), STATUS_SUCCESS);
    for (const char* text : {"0123", "4567", "89"}) {
        EXPECT_EQ(receive_from(receiver), text);
    }
    const auto size = [](DWORD bytes) {
        return control_data({control_object(IPPROTO_UDP, UDP_SEND_MSG_SIZE, bytes)});
    };
    EXPECT_EQ(send_to(socket, "0123456789", to, size(0)), STATUS_SUCCESS);
    EXPECT_EQ(receive_from(receiver), "0123456789");
    // More of them than one call of the network takes, from many pieces of memory.
    Buffer chain(std::vector<SIZE_T>(150, 70), 3, 10'000);
    chain.fill("abcdefghijklm");
    Call call;
    start_send_to(call, socket, chain, to, size(77));
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), 10'000u);
    std::string received;
    while (received.size() < 10'000) {
        const std::string text = receive_from(receiver);
        ASSERT_EQ(text.size(), std::min<SIZE_T>(77, 10'000 - received.size()));
        received += text;
    }
    EXPECT_EQ(received, chain.text(10'000));
}

TEST_P(WskSendTo, MalformedControlDataFails) {
    PWSK_SOCKET socket = make_bound();
    const Endpoint to = local_address(make_bound());
    const std::string good = control_data({control_object(IPPROTO_IP, IP_PKTINFO, IN_PKTINFO{})});
    EXPECT_EQ(send_to(socket, "x", to, good), STATUS_SUCCESS);
    EXPECT_EQ(send_to(socket, "x", to, good.substr(0, 8)), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(send_to(socket, "x", to, good.substr(0, 20)), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(send_to(socket, "x", to, good + "more"), STATUS_INVALID_PARAMETER);
    const std::string unknown = control_data({control_object(IPPROTO_IP, 0x7777, 0)});
    EXPECT_EQ(send_to(socket, "x", to, unknown), STATUS_NOT_SUPPORTED);
    Buffer buffer("x");
    WSK_BUF wsk = buffer.wsk();
    SOCKADDR_STORAGE address = sockaddr_of(to);
    Call call;
    call.returns(datagram_functions(socket).WskSendTo(
        socket, &wsk, 0, generic(address), 16, nullptr, call.irp()));
    EXPECT_THAT(call, CompletesWith(STATUS_INVALID_PARAMETER));
}

TEST_P(WskSendTo, ControlDataSaysWhereItComesFrom) {
    PWSK_SOCKET sender = make_bound(wildcard);
    PWSK_SOCKET receiver = make_bound();
    IN_PKTINFO from = {};
    SOCKADDR_STORAGE source = sockaddr_of({"127.0.0.5", 0});
    from.ipi_addr = reinterpret_cast<SOCKADDR_IN&>(source).sin_addr;
    EXPECT_EQ(send_to(sender,
                      "from five",
                      local_address(receiver),
                      control_data({control_object(IPPROTO_IP, IP_PKTINFO, from)})),
              STATUS_SUCCESS);
    Receive receive(16);
    start_receive_from(receive, receiver);
    EXPECT_THAT(receive.call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(receive.remote(), (Endpoint{"127.0.0.5", local_address(sender).port}));
}

TEST_P(WskSendTo, DG13_ABroadcastNeedsTheOption) {
    PWSK_SOCKET sender = make_bound(wildcard);
    const Endpoint everybody = {"255.255.255.255", 9};
    EXPECT_EQ(get_option(sender, SOL_SOCKET, SO_BROADCAST), 0u);
    EXPECT_EQ(send_to(sender, "all", everybody), STATUS_ACCESS_DENIED);
    EXPECT_EQ(set_option(sender, SOL_SOCKET, SO_BROADCAST, 1), STATUS_SUCCESS);
    EXPECT_EQ(get_option(sender, SOL_SOCKET, SO_BROADCAST), 1u);
    // On Linux it depends on the routes of the computer.
    EXPECT_NE(send_to(sender, "all", everybody), STATUS_ACCESS_DENIED);
}

class WskSendMessages : public DatagramTest {
  protected:
    NTSTATUS start(Call& call, PWSK_SOCKET socket, PWSK_BUF_LIST list, const Endpoint& to) {
        SOCKADDR_STORAGE address = sockaddr_of(to);
        return call.returns(datagram_functions(socket).WskSendMessages(
            socket, list, 0, generic(address), 0, nullptr, call.irp()));
    }
};
OWSK_IN_EVERY_MODE(WskSendMessages);

TEST_P(WskSendMessages, DG14_EveryElementIsADatagramInOrder) {
    PWSK_SOCKET sender = make_bound();
    PWSK_SOCKET receiver = make_bound();
    Buffer one("one"), two(""), three("three");
    WSK_BUF_LIST last = {nullptr, three.wsk()};
    WSK_BUF_LIST middle = {&last, two.wsk()};
    WSK_BUF_LIST first = {&middle, one.wsk()};
    Call call;
    start(call, sender, &first, local_address(receiver));
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), 8u);
    EXPECT_EQ(receive_from(receiver), "one");
    EXPECT_EQ(receive_from(receiver), "");
    EXPECT_EQ(receive_from(receiver), "three");
}

TEST_P(WskSendMessages, DG14_ALongListOfAllKindsOfBuffersGoesOutInOrder) {
    PWSK_SOCKET sender = make_bound();
    PWSK_SOCKET receiver = make_bound();
    Buffer plain("plain"), front("in two "), back("pieces");
    front.mdl()->Next = back.mdl();
    std::vector<WSK_BUF_LIST> list(40);
    for (std::size_t i = 0; i < list.size(); ++i) {
        list[i] = {i + 1 < list.size() ? &list[i + 1] : nullptr, plain.wsk()};
    }
    list[20].Buffer = {front.mdl(), 3, 10};
    Call call;
    start(call, sender, list.data(), local_address(receiver));
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), 39u * 5 + 10);
    for (std::size_t i = 0; i < list.size(); ++i) {
        EXPECT_EQ(receive_from(receiver), i == 20 ? "two pieces" : "plain");
    }
    front.mdl()->Next = nullptr;
}

TEST_P(WskSendMessages, AMalformedElementStopsAll) {
    PWSK_SOCKET sender = make_bound();
    PWSK_SOCKET receiver = make_bound();
    Buffer one("one");
    WSK_BUF_LIST last = {nullptr, {one.mdl(), 0, 1000}};
    WSK_BUF_LIST first = {&last, one.wsk()};
    Call call;
    start(call, sender, &first, local_address(receiver));
    EXPECT_THAT(call, CompletesWith(STATUS_INVALID_PARAMETER));
    Call nothing;
    start(nothing, sender, nullptr, local_address(receiver));
    EXPECT_THAT(nothing, CompletesWith(STATUS_INVALID_PARAMETER));
    EXPECT_EQ(send_to(sender, "the first", local_address(receiver)), STATUS_SUCCESS);
    EXPECT_EQ(receive_from(receiver), "the first");
}

}  // namespace
}  // namespace owsk::conformance
