// SPDX-License-Identifier: MIT
// Socket rules SK1-SK9 and SK14: WskSocket.
#include <cstring>

#include "conformance/wsk_fixture.h"

namespace owsk::conformance {
namespace {

class WskSocket : public WskTest {};
OWSK_IN_EVERY_MODE(WskSocket);

struct Combination {
    ULONG flags;
    USHORT type;
    ULONG protocol;
};

constexpr Combination legal[] = {
    {WSK_FLAG_BASIC_SOCKET, SOCK_STREAM, IPPROTO_TCP},
    {WSK_FLAG_BASIC_SOCKET, SOCK_DGRAM, IPPROTO_UDP},
    {WSK_FLAG_LISTEN_SOCKET, SOCK_STREAM, IPPROTO_TCP},
    {WSK_FLAG_CONNECTION_SOCKET, SOCK_STREAM, IPPROTO_TCP},
    {WSK_FLAG_DATAGRAM_SOCKET, SOCK_DGRAM, IPPROTO_UDP},
    {WSK_FLAG_STREAM_SOCKET, SOCK_STREAM, IPPROTO_TCP},
};

SocketOptions options_for(const Combination& combination, ADDRESS_FAMILY family = AF_INET) {
    SocketOptions options;
    options.family = family;
    options.type = combination.type;
    options.protocol = combination.protocol;
    return options;
}

TEST_P(WskSocket, SK1_EachCategoryHasItsTable) {
    const auto slots_are_filled = [](PWSK_SOCKET socket, std::size_t size) {
        const auto* table = static_cast<const void* const*>(socket->Dispatch);
        for (std::size_t i = 0; i < size / sizeof(void*); ++i) {
            EXPECT_NE(table[i], nullptr) << "slot " << i;
        }
    };
    PWSK_SOCKET basic = make_socket(WSK_FLAG_BASIC_SOCKET);
    PWSK_SOCKET listen = make_socket(WSK_FLAG_LISTEN_SOCKET);
    PWSK_SOCKET connection = make_socket(WSK_FLAG_CONNECTION_SOCKET);
    PWSK_SOCKET stream = make_socket(WSK_FLAG_STREAM_SOCKET);
    PWSK_SOCKET datagram = make_socket(WSK_FLAG_DATAGRAM_SOCKET, options_for(legal[4]));
    slots_are_filled(basic, sizeof(WSK_PROVIDER_BASIC_DISPATCH));
    slots_are_filled(listen, sizeof(WSK_PROVIDER_LISTEN_DISPATCH));
    slots_are_filled(connection, sizeof(WSK_PROVIDER_CONNECTION_DISPATCH));
    slots_are_filled(stream, sizeof(WSK_PROVIDER_STREAM_DISPATCH));
    slots_are_filled(datagram, sizeof(WSK_PROVIDER_DATAGRAM_DISPATCH));
    EXPECT_NE(listen->Dispatch, connection->Dispatch);
    EXPECT_NE(listen->Dispatch, datagram->Dispatch);
    EXPECT_NE(listen->Dispatch, stream->Dispatch);
    EXPECT_NE(connection->Dispatch, stream->Dispatch);
    EXPECT_NE(basic->Dispatch, listen->Dispatch);
}

TEST_P(WskSocket, SK2_NoFlagMakesABasicSocket) {
    PWSK_SOCKET socket = make_socket(0);
    PWSK_SOCKET basic = make_socket(WSK_FLAG_BASIC_SOCKET);
    EXPECT_EQ(socket->Dispatch, basic->Dispatch);
}

TEST_P(WskSocket, SK3_InformationIsTheSocket) {
    Call call;
    start_socket(call, WSK_FLAG_LISTEN_SOCKET);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    ASSERT_NE(call.information(), 0u);
    EXPECT_NE(socket_of(call, WSK_FLAG_LISTEN_SOCKET)->Dispatch, nullptr);
}

TEST_P(WskSocket, SK4_BothFamiliesHaveEveryLegalCombination) {
    constexpr ADDRESS_FAMILY families[] = {AF_INET, AF_INET6};
    for (const ADDRESS_FAMILY family : families) {
        for (const Combination& combination : legal) {
            EXPECT_NE(make_socket(combination.flags, options_for(combination, family)), nullptr)
                << "family " << family << " flags " << combination.flags;
        }
    }
}

TEST_P(WskSocket, SK5_OtherCombinationsFail) {
    constexpr Combination illegal[] = {
        {WSK_FLAG_LISTEN_SOCKET, SOCK_DGRAM, IPPROTO_TCP},
        {WSK_FLAG_CONNECTION_SOCKET, SOCK_DGRAM, IPPROTO_UDP},
        {WSK_FLAG_STREAM_SOCKET, SOCK_DGRAM, IPPROTO_UDP},
        {WSK_FLAG_DATAGRAM_SOCKET, SOCK_STREAM, IPPROTO_TCP},
        {WSK_FLAG_LISTEN_SOCKET, SOCK_STREAM, IPPROTO_UDP},
        {WSK_FLAG_LISTEN_SOCKET, SOCK_RAW, IPPROTO_ICMP},
    };
    for (const Combination& combination : illegal) {
        Call call;
        start_socket(call, combination.flags, options_for(combination));
        EXPECT_THAT(call, Fails());
        EXPECT_EQ(call.information(), 0u);
    }
}

TEST_P(WskSocket, SK5_AListeningSocketOfUdpIsMadeAndCannotBeBound) {
    constexpr ADDRESS_FAMILY families[] = {AF_INET, AF_INET6};
    for (const ADDRESS_FAMILY family : families) {
        PWSK_SOCKET socket =
            make_socket(WSK_FLAG_LISTEN_SOCKET,
                        options_for({WSK_FLAG_LISTEN_SOCKET, SOCK_DGRAM, IPPROTO_UDP}, family));
        ASSERT_NE(socket, nullptr);
        const char* const any = family == AF_INET ? "0.0.0.0" : "::";
        for (int round = 0; round < 2; ++round) {
            Call call;
            EXPECT_EQ(start_bind(call, socket, {any, 0}), STATUS_PENDING);
            EXPECT_THAT(call, CompletesWith(STATUS_NOT_IMPLEMENTED));
            EXPECT_EQ(call.information(), 0u);
        }
        Call call;
        start_accept(call, socket);
        EXPECT_THAT(call, CompletesWith(STATUS_INVALID_DEVICE_STATE));
        EXPECT_EQ(close(socket), STATUS_SUCCESS);
    }
}

TEST_P(WskSocket, SK5_AnUnknownFamilyFails) {
    SocketOptions options;
    options.family = 99;
    Call call;
    start_socket(call, WSK_FLAG_LISTEN_SOCKET, options);
    EXPECT_THAT(call, Fails());
}

TEST_P(WskSocket, SK5_TwoCategoriesAtOnceFail) {
    Call call;
    start_socket(call, WSK_FLAG_LISTEN_SOCKET | WSK_FLAG_CONNECTION_SOCKET);
    EXPECT_THAT(call, CompletesWith(STATUS_INVALID_PARAMETER));
}

TEST_P(WskSocket, SK7_ContextAndTableMayBeNull) {
    for (const Combination& combination : legal) {
        EXPECT_EQ(close(make_socket(combination.flags, options_for(combination))), STATUS_SUCCESS);
    }
}

TEST_P(WskSocket, SK8_ANewSocketHasNoEventEnabled) {
    auto& events = keep<AcceptEvents>(*this);
    ListenerOptions options;
    options.context = &events;
    options.dispatch = &AcceptEvents::dispatch;
    PWSK_SOCKET listener = make_listener(options);
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    // Were the event enabled, it would have taken the connection.
    PWSK_SOCKET socket = accept(listener);
    EXPECT_EQ(remote_address(socket), peer.local());
    EXPECT_EQ(close(listener), STATUS_SUCCESS);
    EXPECT_THAT(events.log, StaysAt(0));
}

TEST_P(WskSocket, SK9_EveryListedTransportCanBeCreated) {
    SIZE_T size = 0;
    ASSERT_EQ(provider().WskControlClient(
                  client(), WSK_TRANSPORT_LIST_QUERY, 0, nullptr, 0, nullptr, &size, nullptr),
              STATUS_BUFFER_OVERFLOW);
    std::vector<WSK_TRANSPORT> transports(size / sizeof(WSK_TRANSPORT));
    ASSERT_EQ(provider().WskControlClient(client(),
                                          WSK_TRANSPORT_LIST_QUERY,
                                          0,
                                          nullptr,
                                          size,
                                          transports.data(),
                                          &size,
                                          nullptr),
              STATUS_SUCCESS);
    EXPECT_FALSE(transports.empty());
    for (const WSK_TRANSPORT& transport : transports) {
        SocketOptions options;
        options.family = transport.AddressFamily;
        options.type = transport.SocketType;
        options.protocol = transport.Protocol;
        EXPECT_NE(make_socket(WSK_FLAG_BASIC_SOCKET, options), nullptr);
        EXPECT_NE(make_socket(transport.SocketType == SOCK_STREAM ? WSK_FLAG_LISTEN_SOCKET
                                                                  : WSK_FLAG_DATAGRAM_SOCKET,
                              options),
                  nullptr);
    }
}

TEST_P(WskSocket, SK14_CallbacksGetTheContextOfTheirSocket) {
    auto& first = keep<AcceptEvents>(*this);
    auto& second = keep<AcceptEvents>(*this);
    ListenerOptions options;
    options.dispatch = &AcceptEvents::dispatch;
    options.events = WSK_EVENT_ACCEPT;
    options.context = &first;
    PWSK_SOCKET first_listener = make_listener(options);
    options.context = &second;
    make_listener(options);
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(first_listener)));
    ASSERT_TRUE(first.log.wait_for(1));
    EXPECT_THAT(second.log, StaysAt(0));
}

TEST_P(WskSocket, WithoutAClientItIsRefused) {
    const auto make = [&](PIRP irp) {
        return provider().WskSocket(nullptr,
                                    AF_INET,
                                    SOCK_STREAM,
                                    IPPROTO_TCP,
                                    WSK_FLAG_LISTEN_SOCKET,
                                    nullptr,
                                    nullptr,
                                    nullptr,
                                    nullptr,
                                    nullptr,
                                    irp);
    };
    // The IRP is looked for first.
    EXPECT_EQ(make(nullptr), STATUS_INVALID_PARAMETER);
    Call call;
    call.returns(make(call.irp()));
    EXPECT_THAT(call, CompletesWith(STATUS_INVALID_HANDLE));
    EXPECT_EQ(call.information(), 0u);
}

TEST_P(WskSocket, OtherFunctionsWithoutAClientAreRefused) {
    UNICODE_STRING name = {};
    PADDRINFOEXW result = nullptr;
    Call call;
    call.returns(provider().WskGetAddressInfo(
        nullptr, &name, nullptr, NS_ALL, nullptr, nullptr, &result, nullptr, nullptr, call.irp()));
    EXPECT_THAT(call, CompletesWith(STATUS_INVALID_HANDLE));
}

TEST_P(WskSocket, AMissingIrpIsRefused) {
    EXPECT_EQ(provider().WskSocket(client(),
                                   AF_INET,
                                   SOCK_STREAM,
                                   IPPROTO_TCP,
                                   WSK_FLAG_LISTEN_SOCKET,
                                   nullptr,
                                   nullptr,
                                   nullptr,
                                   nullptr,
                                   nullptr,
                                   nullptr),
              STATUS_INVALID_PARAMETER);
}

}  // namespace
}  // namespace owsk::conformance
