// SPDX-License-Identifier: MIT
// Datagram rules DG8-DG12 and DG22, and what CL and CO say of datagram sockets: WskReceiveFrom. The
// sockets of a test send to each other.
#include "conformance/datagram_fixture.h"

namespace owsk::conformance {
namespace {

class WskReceiveFrom : public DatagramTest {};
OWSK_IN_EVERY_MODE(WskReceiveFrom);

TEST_P(WskReceiveFrom, DG8_EachRequestGetsOneDatagramAndItsSender) {
    PWSK_SOCKET receiver = make_bound();
    Receive first(16), second(16);
    start_receive_from(first, receiver);
    start_receive_from(second, receiver);
    EXPECT_THAT(first.call, Pends());
    PWSK_SOCKET sender = make_bound();
    EXPECT_EQ(send_to(sender, "one", local_address(receiver)), STATUS_SUCCESS);
    EXPECT_EQ(send_to(sender, "two", local_address(receiver)), STATUS_SUCCESS);
    for (Receive* receive : {&first, &second}) {
        EXPECT_THAT(receive->call, CompletesWith(STATUS_SUCCESS));
        EXPECT_EQ(receive->call.information(), 3u);
        EXPECT_EQ(receive->remote(), local_address(sender));
        EXPECT_EQ(receive->flags, 0u);
        EXPECT_EQ(receive->control_length, 0u);
    }
    EXPECT_EQ(first.text(), "one");
    EXPECT_EQ(second.text(), "two");
    EXPECT_LT(first.call.sequence(), second.call.sequence());
}

TEST_P(WskReceiveFrom, DG8_NothingButTheBytesNeedsToBeAskedFor) {
    PWSK_SOCKET receiver = make_bound();
    EXPECT_EQ(send_to(make_bound(), "bare", local_address(receiver)), STATUS_SUCCESS);
    Buffer buffer(SIZE_T{16});
    WSK_BUF wsk = buffer.wsk();
    Call call;
    call.returns(datagram_functions(receiver).WskReceiveFrom(
        receiver, &wsk, 0, nullptr, nullptr, nullptr, nullptr, call.irp()));
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(buffer.text(call.information()), "bare");
}

TEST_P(WskReceiveFrom, DG9_WhatExceedsTheBufferIsLost) {
    PWSK_SOCKET receiver = make_bound();
    PWSK_SOCKET sender = make_bound();
    EXPECT_EQ(send_to(sender, "too long", local_address(receiver)), STATUS_SUCCESS);
    EXPECT_EQ(send_to(sender, "next", local_address(receiver)), STATUS_SUCCESS);
    Receive receive(3);
    start_receive_from(receive, receiver);
    EXPECT_THAT(receive.call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(receive.call.information(), 3u);
    EXPECT_EQ(receive.text(), "too");
    EXPECT_EQ(receive.flags, ULONG{MSG_TRUNC});
    EXPECT_EQ(receive_from(receiver), "next");
}

TEST_P(WskReceiveFrom, DG9_ABufferOfManyMdlsIsFilled) {
    PWSK_SOCKET receiver = make_bound();
    const std::string text(300, 'x');
    EXPECT_EQ(send_to(make_bound(), text, local_address(receiver)), STATUS_SUCCESS);
    Buffer chain(std::vector<SIZE_T>(100, 5), 2, 400);
    WSK_BUF wsk = chain.wsk();
    Call call;
    call.returns(datagram_functions(receiver).WskReceiveFrom(
        receiver, &wsk, 0, nullptr, nullptr, nullptr, nullptr, call.irp()));
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), 300u);
    EXPECT_EQ(chain.all(), ".." + text + std::string(198, '.'));
}

TEST_P(WskReceiveFrom, DG10_PacketInfoIsThereWhenItIsWanted) {
    PWSK_SOCKET receiver = make_bound(wildcard);
    PWSK_SOCKET sender = make_bound();
    const Endpoint to = {"127.0.0.7", local_address(receiver).port};
    EXPECT_EQ(get_option(receiver, IPPROTO_IP, IP_PKTINFO), 0u);
    EXPECT_EQ(set_option(receiver, IPPROTO_IP, IP_PKTINFO, 1), STATUS_SUCCESS);
    EXPECT_EQ(get_option(receiver, IPPROTO_IP, IP_PKTINFO), 1u);
    EXPECT_EQ(send_to(sender, "seven", to), STATUS_SUCCESS);
    Receive receive(16, 256);
    start_receive_from(receive, receiver);
    ASSERT_THAT(receive.call, CompletesWith(STATUS_SUCCESS));
    ASSERT_EQ(receive.objects().size(), 1u);
    const ControlObject object = receive.objects()[0];
    EXPECT_EQ(object.level, INT{IPPROTO_IP});
    EXPECT_EQ(object.type, IP_PKTINFO);
    ASSERT_EQ(object.data.size(), sizeof(IN_PKTINFO));
    IN_PKTINFO info;
    std::memcpy(&info, object.data.data(), sizeof info);
    EXPECT_EQ(format_ip(reinterpret_cast<const std::uint8_t*>(&info.ipi_addr), false), to.ip);
    EXPECT_NE(info.ipi_ifindex, 0u);
}

TEST_P(WskReceiveFrom, DG10_TheSameForIpv6) {
    PWSK_SOCKET receiver = make_bound({"::", 0});
    EXPECT_EQ(set_option(receiver, IPPROTO_IPV6, IPV6_PKTINFO, 1), STATUS_SUCCESS);
    const Endpoint to = {"::1", local_address(receiver).port};
    EXPECT_EQ(send_to(make_bound({"::1", 0}), "six", to), STATUS_SUCCESS);
    Receive receive(16, 256);
    start_receive_from(receive, receiver);
    ASSERT_THAT(receive.call, CompletesWith(STATUS_SUCCESS));
    ASSERT_EQ(receive.objects().size(), 1u);
    EXPECT_EQ(receive.objects()[0].level, INT{IPPROTO_IPV6});
    EXPECT_EQ(receive.objects()[0].type, IPV6_PKTINFO);
    EXPECT_EQ(receive.objects()[0].data.size(), sizeof(IN6_PKTINFO));
}

TEST_P(WskReceiveFrom, TheHopLimitAndTheTrafficClassCanBeSetAndSeen) {
    PWSK_SOCKET receiver = make_bound();
    for (const ULONG option : {IP_HOPLIMIT, IP_RECVTOS, IP_RECVECN}) {
        EXPECT_EQ(set_option(receiver, IPPROTO_IP, option, 1), STATUS_SUCCESS);
    }
    PWSK_SOCKET sender = make_bound();
    EXPECT_EQ(set_option(sender, IPPROTO_IP, IP_TTL, 33), STATUS_SUCCESS);
    EXPECT_EQ(get_option(sender, IPPROTO_IP, IP_TTL), 33u);
    EXPECT_EQ(send_to(sender,
                      "marked",
                      local_address(receiver),
                      control_data({control_object(IPPROTO_IP, IP_TOS, INT{0x48}),
                                    control_object(IPPROTO_IP, IP_ECN, INT{1})})),
              STATUS_SUCCESS);
    Receive receive(16, 256);
    start_receive_from(receive, receiver);
    ASSERT_THAT(receive.call, CompletesWith(STATUS_SUCCESS));
    EXPECT_THAT(receive.objects(),
                testing::UnorderedElementsAre(control_object(IPPROTO_IP, IP_TTL, INT{33}),
                                              control_object(IPPROTO_IP, IP_TOS, INT{0x49}),
                                              control_object(IPPROTO_IP, IP_ECN, INT{1})));
}

TEST_P(WskReceiveFrom, DG11_ControlDataThatDoesNotFitIsToldOf) {
    PWSK_SOCKET receiver = make_bound();
    EXPECT_EQ(set_option(receiver, IPPROTO_IP, IP_PKTINFO, 1), STATUS_SUCCESS);
    EXPECT_EQ(send_to(make_bound(), "x", local_address(receiver)), STATUS_SUCCESS);
    Receive receive(16, 20);
    start_receive_from(receive, receiver);
    EXPECT_THAT(receive.call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(receive.flags, ULONG{MSG_CTRUNC});
    EXPECT_EQ(receive.control_length, 0u);
}

TEST_P(WskReceiveFrom, DG12_AMulticastIsFlagged) {
    constexpr ULONG loopback_interface = 1;
    PWSK_SOCKET receiver = make_bound(wildcard);
    const Endpoint group = {"239.1.2.3", local_address(receiver).port};
    IP_MREQ membership = {};
    SOCKADDR_STORAGE address = sockaddr_of(group);
    membership.imr_multiaddr = reinterpret_cast<SOCKADDR_IN&>(address).sin_addr;
    membership.imr_interface.s_addr = RtlUlongByteSwap(loopback_interface);
    const std::string bytes(reinterpret_cast<const char*>(&membership), sizeof membership);
    EXPECT_EQ(set_structure(receiver, IPPROTO_IP, IP_ADD_MEMBERSHIP, bytes), STATUS_SUCCESS);
    PWSK_SOCKET sender = make_bound(wildcard);
    const ULONG interface = RtlUlongByteSwap(loopback_interface);
    EXPECT_EQ(set_option(sender, IPPROTO_IP, IP_MULTICAST_IF, interface), STATUS_SUCCESS);
    EXPECT_EQ(get_option(sender, IPPROTO_IP, IP_MULTICAST_IF), interface);
    EXPECT_EQ(send_to(sender, "group", group), STATUS_SUCCESS);
    Receive receive(16);
    start_receive_from(receive, receiver);
    EXPECT_THAT(receive.call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(receive.text(), "group");
    EXPECT_EQ(receive.flags, ULONG{MSG_MCAST});
    EXPECT_EQ(set_structure(receiver, IPPROTO_IP, IP_DROP_MEMBERSHIP, bytes), STATUS_SUCCESS);
    EXPECT_FALSE(NT_SUCCESS(set_structure(receiver, IPPROTO_IP, IP_DROP_MEMBERSHIP, bytes)));
    EXPECT_EQ(set_structure(receiver, IPPROTO_IP, IP_ADD_MEMBERSHIP, bytes.substr(0, 5)),
              STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQ(set_structure(make_unbound(), IPPROTO_IP, IP_ADD_MEMBERSHIP, bytes),
              STATUS_INVALID_DEVICE_STATE);
}

TEST_P(WskReceiveFrom, DG12_ABroadcastIsFlagged) {
    PWSK_SOCKET receiver = make_bound(wildcard);
    PWSK_SOCKET sender = make_bound(wildcard);
    EXPECT_EQ(set_option(sender, SOL_SOCKET, SO_BROADCAST, 1), STATUS_SUCCESS);
    const Endpoint everybody = {"255.255.255.255", local_address(receiver).port};
    const NTSTATUS sent = send_to(sender, "all", everybody);
    if (sent == STATUS_NETWORK_UNREACHABLE && transport().simulation() == nullptr) {
        GTEST_SKIP() << "this computer has no route for broadcasts";
    }
    ASSERT_EQ(sent, STATUS_SUCCESS);
    Receive receive(16);
    start_receive_from(receive, receiver);
    EXPECT_THAT(receive.call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(receive.flags, ULONG{MSG_BCAST});
}

TEST_P(WskReceiveFrom, DG22_AnEmptyDatagramIsDelivered) {
    PWSK_SOCKET receiver = make_bound();
    PWSK_SOCKET sender = make_bound();
    EXPECT_EQ(send_to(sender, "", local_address(receiver)), STATUS_SUCCESS);
    Receive receive(16);
    start_receive_from(receive, receiver);
    EXPECT_THAT(receive.call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(receive.call.information(), 0u);
    EXPECT_EQ(receive.remote(), local_address(sender));
}

TEST_P(WskReceiveFrom, TheRoomForControlDataIsThatOfTheCall) {
    PWSK_SOCKET receiver = make_bound();
    EXPECT_EQ(set_option(receiver, IPPROTO_IP, IP_PKTINFO, 1), STATUS_SUCCESS);
    Receive small(16, 256), large(16, 256);
    small.control_length = 20;
    start_receive_from(small, receiver);
    start_receive_from(large, receiver);
    small.control_length = 256;
    large.control_length = 20;
    PWSK_SOCKET sender = make_bound();
    for (Receive* receive : {&small, &large}) {
        EXPECT_EQ(send_to(sender, "x", local_address(receiver)), STATUS_SUCCESS);
        EXPECT_THAT(receive->call, CompletesWith(STATUS_SUCCESS));
    }
    EXPECT_EQ(small.flags, ULONG{MSG_CTRUNC});
    EXPECT_EQ(small.control_length, 0u);
    EXPECT_EQ(large.flags, 0u);
    EXPECT_EQ(large.objects().size(), 1u);
}

TEST_P(WskReceiveFrom, DatagramsOfOneSizeMayComeTogether) {
    PWSK_SOCKET receiver = make_unbound();
    EXPECT_EQ(get_option(receiver, IPPROTO_UDP, UDP_RECV_MAX_COALESCED_SIZE), 0u);
    EXPECT_EQ(set_option(receiver, IPPROTO_UDP, UDP_RECV_MAX_COALESCED_SIZE, 65'527),
              STATUS_SUCCESS);
    EXPECT_EQ(get_option(receiver, IPPROTO_UDP, UDP_RECV_MAX_COALESCED_SIZE), 65'527u);
    EXPECT_EQ(bind(receiver, loopback), STATUS_SUCCESS);
    const std::string size =
        control_data({control_object(IPPROTO_UDP, UDP_SEND_MSG_SIZE, DWORD{4})});
    EXPECT_EQ(send_to(make_bound(), "0123456789", local_address(receiver), size), STATUS_SUCCESS);
    transport().settle();
    Receive receive(100, 64);
    start_receive_from(receive, receiver);
    ASSERT_THAT(receive.call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(receive.text(), "0123456789");
    EXPECT_EQ(receive.flags, 0u);
    EXPECT_THAT(receive.objects(),
                testing::ElementsAre(control_object(IPPROTO_UDP, UDP_COALESCED_INFO, DWORD{4})));
}

TEST_P(WskReceiveFrom, AnIcmpErrorIsReceivedIfItIsWanted) {
    for (const char* ip : {"127.0.0.1", "::1"}) {
        PWSK_SOCKET socket = make_bound({ip, 0});
        const bool is_v6 = local_address(socket).is_v6();
        const ULONG level = is_v6 ? IPPROTO_IPV6 : IPPROTO_IP;
        EXPECT_EQ(get_option(socket, level, IP_RECVERR), 0u);
        EXPECT_EQ(set_option(socket, level, IP_RECVERR, 1), STATUS_SUCCESS);
        EXPECT_EQ(get_option(socket, level, IP_RECVERR), 1u);
        Receive receive(16, 256);
        start_receive_from(receive, socket);
        const Endpoint nobody = nobody_at(ip);
        EXPECT_EQ(send_to(socket, "question", nobody), STATUS_SUCCESS);
        ASSERT_THAT(receive.call, CompletesWith(STATUS_SUCCESS));
        EXPECT_EQ(receive.flags, ULONG{MSG_ERRQUEUE});
        EXPECT_EQ(receive.text(), "question");
        EXPECT_EQ(receive.remote(), nobody);
        EXPECT_THAT(receive.objects(), testing::ElementsAre(port_unreachable(is_v6)));
        EXPECT_EQ(send_to(socket, "to myself", local_address(socket)), STATUS_SUCCESS);
        EXPECT_EQ(receive_from(socket), "to myself");
    }
}

TEST_P(WskReceiveFrom, AnIcmpErrorIsNotHeardOfOtherwise) {
    PWSK_SOCKET socket = make_bound();
    EXPECT_EQ(set_option(socket, IPPROTO_IP, IP_RECVERR, 2), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(set_option(socket, IPPROTO_IPV6, IPV6_RECVERR, 1), STATUS_NOT_SUPPORTED);
    EXPECT_EQ(send_to(socket, "question", nobody_at("127.0.0.1")), STATUS_SUCCESS);
    transport().settle();
    EXPECT_EQ(send_to(socket, "to myself", local_address(socket)), STATUS_SUCCESS);
    EXPECT_EQ(receive_from(socket), "to myself");
}

TEST_P(WskReceiveFrom, WrongArgumentsFail) {
    Receive unbound(16);
    start_receive_from(unbound, make_unbound());
    EXPECT_THAT(unbound.call, CompletesWith(STATUS_INVALID_DEVICE_STATE));
    PWSK_SOCKET socket = make_bound();
    Receive flags(16);
    start_receive_from(flags, socket, 1);
    EXPECT_THAT(flags.call, CompletesWith(STATUS_INVALID_PARAMETER));
    Call nothing;
    nothing.returns(datagram_functions(socket).WskReceiveFrom(
        socket, nullptr, 0, nullptr, nullptr, nullptr, nullptr, nothing.irp()));
    EXPECT_THAT(nothing, CompletesWith(STATUS_INVALID_PARAMETER));
    EXPECT_EQ(datagram_functions(socket).WskReceiveFrom(
                  socket, nullptr, 0, nullptr, nullptr, nullptr, nullptr, nullptr),
              STATUS_INVALID_PARAMETER);
}

TEST_P(WskReceiveFrom, ACancelledOneLosesNoDatagram) {
    PWSK_SOCKET receiver = make_bound();
    Receive cancelled(16), next(16);
    start_receive_from(cancelled, receiver);
    start_receive_from(next, receiver);
    EXPECT_TRUE(cancelled.call.cancel());
    EXPECT_THAT(cancelled.call, CompletesWith(STATUS_CANCELLED));
    EXPECT_EQ(cancelled.call.information(), 0u);
    EXPECT_EQ(send_to(make_bound(), "x", local_address(receiver)), STATUS_SUCCESS);
    EXPECT_THAT(next.call, CompletesWith(STATUS_SUCCESS));
}

TEST_P(WskReceiveFrom, CL2_TheCloseCancelsAll) {
    PWSK_SOCKET receiver = make_bound();
    Receive first(16), second(16);
    start_receive_from(first, receiver);
    start_receive_from(second, receiver);
    Call closing;
    start_close(closing, receiver);
    EXPECT_THAT(closing, CompletesWith(STATUS_SUCCESS));
    for (Receive* receive : {&first, &second}) {
        EXPECT_THAT(receive->call, CompletesWith(STATUS_CANCELLED));
        EXPECT_LT(receive->call.sequence(), closing.sequence());
    }
}

TEST_P(WskReceiveFrom, CO8_OptionsBeforeAndAfterTheBind) {
    PWSK_SOCKET socket = make_unbound();
    EXPECT_EQ(set_option(socket, SOL_SOCKET, SO_RCVBUF, 100'000), STATUS_SUCCESS);
    EXPECT_EQ(set_option(socket, IPPROTO_IP, IP_TOS, 0x10), STATUS_SUCCESS);
    EXPECT_EQ(bind(socket, loopback), STATUS_SUCCESS);
    EXPECT_EQ(get_option(socket, SOL_SOCKET, SO_RCVBUF), 100'000u);
    EXPECT_EQ(get_option(socket, IPPROTO_IP, IP_TOS), 0x10u);
    EXPECT_EQ(get_option(socket, IPPROTO_IP, IP_MULTICAST_TTL), 1u);
    EXPECT_EQ(get_option(socket, IPPROTO_IP, IP_MULTICAST_LOOP), 1u);
    EXPECT_NE(get_option(socket, IPPROTO_IP, IP_TTL), 0u);
    EXPECT_EQ(set_option(socket, IPPROTO_IP, IP_TTL, 256), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(set_option(socket, IPPROTO_IP, IP_DONTFRAGMENT, 2), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(set_option(socket, IPPROTO_IP, IP_DONTFRAGMENT, 1), STATUS_SUCCESS);
    EXPECT_EQ(set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1), STATUS_INVALID_DEVICE_STATE);
    EXPECT_EQ(set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1), STATUS_NOT_SUPPORTED);
    EXPECT_EQ(set_option(socket, IPPROTO_IPV6, IPV6_PKTINFO, 1), STATUS_NOT_SUPPORTED);
}

TEST_P(WskReceiveFrom, CO8_BeforeTheBindOptionsAreWhatTheyWillBe) {
    PWSK_SOCKET socket = make_unbound();
    const std::pair<ULONG, ULONG> options[] = {{SOL_SOCKET, SO_RCVBUF},
                                               {SOL_SOCKET, SO_SNDBUF},
                                               {SOL_SOCKET, SO_BROADCAST},
                                               {IPPROTO_IP, IP_TTL},
                                               {IPPROTO_IP, IP_TOS},
                                               {IPPROTO_IP, IP_DONTFRAGMENT},
                                               {IPPROTO_IP, IP_MULTICAST_TTL},
                                               {IPPROTO_IP, IP_MULTICAST_LOOP},
                                               {IPPROTO_IP, IP_MULTICAST_IF},
                                               {IPPROTO_IP, IP_RECVERR},
                                               {IPPROTO_IP, IP_PKTINFO}};
    std::vector<ULONG> before;
    for (const auto& [level, option] : options) {
        before.push_back(get_option(socket, level, option));
    }
    EXPECT_NE(before[0], 0u);
    EXPECT_NE(before[1], 0u);
    EXPECT_NE(before[3], 0u);
    EXPECT_EQ(bind(socket, loopback), STATUS_SUCCESS);
    for (std::size_t i = 0; i < before.size(); ++i) {
        EXPECT_EQ(get_option(socket, options[i].first, options[i].second), before[i]) << i;
    }
}

}  // namespace
}  // namespace owsk::conformance
