// SPDX-License-Identifier: MIT
// Control rules CO1-CO18, as far as built: WskControlClient and WskControlSocket. Event control is
// in event_control_test.cpp.
#include <algorithm>

#include "conformance/wsk_fixture.h"

namespace owsk::conformance {
namespace {

struct TcpTime {
    ULONG option;
    ULONG value;
};
constexpr TcpTime tcp_times[] = {
    {TCP_KEEPIDLE, 40000}, {TCP_KEEPINTVL, 7}, {TCP_KEEPCNT, 200}, {TCP_MAXRT, 20}};

class WskControlClient : public WskTest {
  protected:
    NTSTATUS control(ULONG code, SIZE_T input_size = 0, PVOID input = nullptr) {
        return provider().WskControlClient(
            client(), code, input_size, input, 0, nullptr, nullptr, nullptr);
    }
    NTSTATUS start_control(Call& call, ULONG code, SIZE_T input_size = 0, PVOID input = nullptr) {
        return call.returns(provider().WskControlClient(
            client(), code, input_size, input, 0, nullptr, nullptr, call.irp()));
    }
    NTSTATUS query_transports(SIZE_T size, WSK_TRANSPORT* transports, SIZE_T* returned) {
        return provider().WskControlClient(
            client(), WSK_TRANSPORT_LIST_QUERY, 0, nullptr, size, transports, returned, nullptr);
    }
};
OWSK_IN_EVERY_MODE(WskControlClient);

TEST_P(WskControlClient, CO1_ATransportQueryWithoutRoomTellsTheSize) {
    SIZE_T size = 0;
    EXPECT_EQ(query_transports(0, nullptr, &size), STATUS_BUFFER_OVERFLOW);
    EXPECT_GT(size, 0u);
    EXPECT_EQ(size % sizeof(WSK_TRANSPORT), 0u);
    WSK_TRANSPORT one = {};
    SIZE_T again = 0;
    EXPECT_EQ(query_transports(sizeof one, &one, &again), STATUS_BUFFER_OVERFLOW);
    EXPECT_EQ(again, size);
}

TEST_P(WskControlClient, CO2_ATransportQueryWithRoomListsTcpAndUdpForBothFamilies) {
    SIZE_T size = 0;
    query_transports(0, nullptr, &size);
    std::vector<WSK_TRANSPORT> transports(size / sizeof(WSK_TRANSPORT) + 1);
    SIZE_T written = 0;
    ASSERT_EQ(
        query_transports(transports.size() * sizeof(WSK_TRANSPORT), transports.data(), &written),
        STATUS_SUCCESS);
    EXPECT_EQ(written, size);
    transports.pop_back();
    constexpr ADDRESS_FAMILY families[] = {AF_INET, AF_INET6};
    for (const ADDRESS_FAMILY family : families) {
        const auto lists = [&](USHORT type, ULONG protocol) {
            return std::ranges::any_of(transports, [&](const WSK_TRANSPORT& transport) {
                return transport.AddressFamily == family && transport.SocketType == type &&
                       transport.Protocol == protocol;
            });
        };
        EXPECT_TRUE(lists(SOCK_STREAM, IPPROTO_TCP));
        EXPECT_TRUE(lists(SOCK_DGRAM, IPPROTO_UDP));
    }
}

TEST_P(WskControlClient, CO2_ATransportQueryIgnoresItsInput) {
    ULONG input = 7;
    std::vector<WSK_TRANSPORT> transports(64);
    SIZE_T with = 0;
    EXPECT_EQ(provider().WskControlClient(client(),
                                          WSK_TRANSPORT_LIST_QUERY,
                                          sizeof input,
                                          &input,
                                          transports.size() * sizeof(WSK_TRANSPORT),
                                          transports.data(),
                                          &with,
                                          nullptr),
              STATUS_SUCCESS);
    SIZE_T without = 0;
    query_transports(0, nullptr, &without);
    EXPECT_EQ(with, without);
    // A size without a buffer, and a buffer without a size.
    EXPECT_EQ(provider().WskControlClient(
                  client(), WSK_TRANSPORT_LIST_QUERY, 4, nullptr, 0, nullptr, &with, nullptr),
              STATUS_BUFFER_OVERFLOW);
    EXPECT_EQ(provider().WskControlClient(
                  client(), WSK_TRANSPORT_LIST_QUERY, 0, &input, 0, nullptr, &with, nullptr),
              STATUS_BUFFER_OVERFLOW);
}

TEST_P(WskControlClient, WithoutAClientItIsRefused) {
    ULONG flags = WSK_TDI_BEHAVIOR_BYPASS_TDI;
    EXPECT_EQ(provider().WskControlClient(
                  nullptr, WSK_TDI_BEHAVIOR, sizeof flags, &flags, 0, nullptr, nullptr, nullptr),
              STATUS_INVALID_HANDLE);
    Call call;
    call.returns(provider().WskControlClient(
        nullptr, WSK_TRANSPORT_LIST_CHANGE, 0, nullptr, 0, nullptr, nullptr, call.irp()));
    EXPECT_THAT(call, CompletesWith(STATUS_INVALID_HANDLE));
}

TEST_P(WskControlClient, CO3_ATransportListChangeNeedsAnIrpAndPends) {
    EXPECT_FALSE(NT_SUCCESS(control(WSK_TRANSPORT_LIST_CHANGE)));
    Call call;
    EXPECT_EQ(start_control(call, WSK_TRANSPORT_LIST_CHANGE), STATUS_PENDING);
    EXPECT_THAT(call, Pends());
    EXPECT_TRUE(call.cancel());
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
}

TEST_P(WskControlClient, CO6_BypassingTdiSucceeds) {
    ULONG flags = WSK_TDI_BEHAVIOR_BYPASS_TDI;
    EXPECT_EQ(control(WSK_TDI_BEHAVIOR, sizeof flags, &flags), STATUS_SUCCESS);
}

TEST_P(WskControlClient, CO7_AnIrpWhereNoneMayBeFails) {
    ULONG flags = WSK_TDI_BEHAVIOR_BYPASS_TDI;
    Call call;
    start_control(call, WSK_TDI_BEHAVIOR, sizeof flags, &flags);
    EXPECT_THAT(call, Fails());
    WSK_EVENT_CALLBACK_CONTROL events = {&NPI_WSK_INTERFACE_ID, WSK_EVENT_ACCEPT};
    start_control(call, WSK_SET_STATIC_EVENT_CALLBACKS, sizeof events, &events);
    EXPECT_THAT(call, Fails());
}

TEST_P(WskControlClient, EC15_StaticEventsCannotBeSetOnceASocketExists) {
    make_socket(WSK_FLAG_LISTEN_SOCKET);
    EXPECT_FALSE(NT_SUCCESS(set_static_events(WSK_EVENT_ACCEPT)));
}

TEST_P(WskControlClient, CO18_AnUnknownOperationFails) {
    EXPECT_FALSE(NT_SUCCESS(control(77)));
    Call call;
    start_control(call, 77);
    EXPECT_THAT(call, Fails());
}

class WskControlSocket : public WskTest {
  protected:
    NTSTATUS start_set(Call& call, PWSK_SOCKET socket, ULONG level, ULONG option, SIZE_T size) {
        ULONG values[2] = {1, 0};
        return call.returns(basic_functions(socket).WskControlSocket(
            socket, WskSetOption, option, level, size, values, 0, nullptr, nullptr, call.irp()));
    }
    NTSTATUS start_get(Call& call, PWSK_SOCKET socket, ULONG level, ULONG option, SIZE_T size) {
        return call.returns(basic_functions(socket).WskControlSocket(
            socket, WskGetOption, option, level, 0, nullptr, size, output_, nullptr, call.irp()));
    }
    NTSTATUS start_ioctl(Call& call, PWSK_SOCKET socket, ULONG code) {
        return call.returns(basic_functions(socket).WskControlSocket(
            socket, WskIoctl, code, 0, 0, nullptr, 0, nullptr, nullptr, call.irp()));
    }
    static NTSTATUS query_inspect_id(PWSK_SOCKET socket, ULONG level) {
        WSK_INSPECT_ID id = {};
        SIZE_T size = 0;
        return basic_functions(socket).WskControlSocket(socket,
                                                        WskIoctl,
                                                        SIO_WSK_QUERY_INSPECT_ID,
                                                        level,
                                                        0,
                                                        nullptr,
                                                        sizeof id,
                                                        &id,
                                                        &size,
                                                        nullptr);
    }
    static NTSTATUS register_extension(PWSK_SOCKET socket, ULONG level = 0) {
        constexpr GUID unknown = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};
        WSK_EXTENSION_CONTROL_IN in = {&unknown, nullptr, nullptr};
        WSK_EXTENSION_CONTROL_OUT out = {};
        return basic_functions(socket).WskControlSocket(socket,
                                                        WskIoctl,
                                                        SIO_WSK_REGISTER_EXTENSION,
                                                        level,
                                                        sizeof in,
                                                        &in,
                                                        sizeof out,
                                                        &out,
                                                        nullptr,
                                                        nullptr);
    }

    // One socket of every category; the last one is accepted.
    std::vector<PWSK_SOCKET> one_of_each(TcpClient& peer) {
        SocketOptions datagram;
        datagram.type = SOCK_DGRAM;
        datagram.protocol = IPPROTO_UDP;
        return {make_socket(WSK_FLAG_BASIC_SOCKET),
                make_socket(WSK_FLAG_LISTEN_SOCKET),
                make_socket(WSK_FLAG_CONNECTION_SOCKET),
                make_socket(WSK_FLAG_STREAM_SOCKET),
                make_socket(WSK_FLAG_DATAGRAM_SOCKET, datagram),
                make_connection(peer)};
    }

    ULONG output_[2] = {};
};
OWSK_IN_EVERY_MODE(WskControlSocket);

TEST_P(WskControlSocket, CO8_TheOptionsOfAListenerHaveTheirDefaults) {
    PWSK_SOCKET listener = make_listener();
    EXPECT_EQ(get_option(listener, SOL_SOCKET, SO_KEEPALIVE), 0u);
    EXPECT_EQ(get_option(listener, SOL_SOCKET, SO_REUSEADDR), 0u);
    EXPECT_EQ(get_option(listener, SOL_SOCKET, exclusive), 0u);
    EXPECT_EQ(get_option(listener, SOL_SOCKET, SO_CONDITIONAL_ACCEPT), 0u);
    EXPECT_GT(get_option(listener, SOL_SOCKET, SO_RCVBUF), 0u);
}

TEST_P(WskControlSocket, CO8_TheOptionsOfAListenerKeepWhatTheyAreSetTo) {
    const struct {
        ULONG option;
        ULONG value;
    } cases[] = {{SO_KEEPALIVE, 1}, {SO_RCVBUF, 20000}, {SO_REUSEADDR, 1}, {exclusive, 1}};
    for (const auto& [option, value] : cases) {
        PWSK_SOCKET listener = make_socket(WSK_FLAG_LISTEN_SOCKET);
        EXPECT_EQ(set_option(listener, SOL_SOCKET, option, value), STATUS_SUCCESS);
        EXPECT_EQ(get_option(listener, SOL_SOCKET, option), value);
        ASSERT_EQ(bind(listener, {"127.0.0.1", 0}), STATUS_SUCCESS);
        EXPECT_EQ(get_option(listener, SOL_SOCKET, option), value);
    }
}

TEST_P(WskControlSocket, CO8_TheOptionsOfAConnectionKeepWhatTheyAreSetTo) {
    TcpClient peer;
    PWSK_SOCKET socket = make_connection(peer);
    EXPECT_EQ(get_option(socket, SOL_SOCKET, SO_KEEPALIVE), 0u);
    EXPECT_GT(get_option(socket, SOL_SOCKET, SO_RCVBUF), 0u);
    EXPECT_EQ(set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 1), STATUS_SUCCESS);
    EXPECT_EQ(get_option(socket, SOL_SOCKET, SO_KEEPALIVE), 1u);
    EXPECT_EQ(set_option(socket, SOL_SOCKET, SO_RCVBUF, 20000), STATUS_SUCCESS);
    EXPECT_EQ(get_option(socket, SOL_SOCKET, SO_RCVBUF), 20000u);
    EXPECT_EQ(set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1), STATUS_SUCCESS);
    EXPECT_EQ(get_option(socket, IPPROTO_TCP, TCP_NODELAY), 1u);
}

TEST_P(WskControlSocket, CO8_ToShareAndToKeepForItselfContradictEachOther) {
    const std::pair<ULONG, ULONG> orders[] = {{SO_REUSEADDR, exclusive}, {exclusive, SO_REUSEADDR}};
    for (const auto& [first, second] : orders) {
        PWSK_SOCKET listener = make_socket(WSK_FLAG_LISTEN_SOCKET);
        ASSERT_EQ(set_option(listener, SOL_SOCKET, first, 1), STATUS_SUCCESS);
        EXPECT_EQ(set_option(listener, SOL_SOCKET, second, 1), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(get_option(listener, SOL_SOCKET, first), 1u);
        EXPECT_EQ(get_option(listener, SOL_SOCKET, second), 0u);
        // To switch off what is off changes nothing.
        EXPECT_EQ(set_option(listener, SOL_SOCKET, second, 0), STATUS_SUCCESS);
        EXPECT_EQ(get_option(listener, SOL_SOCKET, first), 1u);
        // After a change of mind there is no contradiction.
        EXPECT_EQ(set_option(listener, SOL_SOCKET, first, 0), STATUS_SUCCESS);
        EXPECT_EQ(set_option(listener, SOL_SOCKET, second, 1), STATUS_SUCCESS);
        EXPECT_EQ(get_option(listener, SOL_SOCKET, first), 0u);
    }
}

TEST_P(WskControlSocket, CO8_TheTimesOfTcpKeepWhatTheyAreSetTo) {
    TcpClient peer;
    PWSK_SOCKET listener = make_socket(WSK_FLAG_LISTEN_SOCKET);
    for (PWSK_SOCKET socket : {listener, make_connection(peer)}) {
        for (const auto& [option, value] : tcp_times) {
            EXPECT_EQ(set_option(socket, IPPROTO_TCP, option, value), STATUS_SUCCESS);
            EXPECT_EQ(get_option(socket, IPPROTO_TCP, option), value);
        }
    }
    ASSERT_EQ(bind(listener, {"127.0.0.1", 0}), STATUS_SUCCESS);
    for (const auto& [option, value] : tcp_times) {
        EXPECT_EQ(get_option(listener, IPPROTO_TCP, option), value);
    }
}

TEST_P(WskControlSocket, CO8_TimesThatTcpCannotHaveAreRefused) {
    TcpClient peer;
    PWSK_SOCKET listener = make_socket(WSK_FLAG_LISTEN_SOCKET);
    for (PWSK_SOCKET socket : {listener, make_connection(peer)}) {
        for (const ULONG option : {TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT}) {
            EXPECT_EQ(set_option(socket, IPPROTO_TCP, option, 0), STATUS_INVALID_PARAMETER);
        }
        EXPECT_EQ(set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, 256), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(set_option(socket, IPPROTO_TCP, TCP_KEEPCNT, 255), STATUS_SUCCESS);
        EXPECT_EQ(set_option(socket, IPPROTO_TCP, TCP_MAXRT, 0xFFFFFFFE), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(set_option(socket, IPPROTO_TCP, TCP_MAXRT, 0xFFFFFFFF), STATUS_SUCCESS);
        EXPECT_EQ(get_option(socket, IPPROTO_TCP, TCP_MAXRT), 0xFFFFFFFF);
    }
}

TEST_P(WskControlSocket, CO9_TheTimesOfTcpAreInherited) {
    PWSK_SOCKET listener = make_socket(WSK_FLAG_LISTEN_SOCKET);
    for (const auto& [option, value] : tcp_times) {
        EXPECT_EQ(set_option(listener, IPPROTO_TCP, option, value), STATUS_SUCCESS);
    }
    ASSERT_EQ(bind(listener, {"127.0.0.1", 0}), STATUS_SUCCESS);
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    PWSK_SOCKET socket = accept(listener);
    for (const auto& [option, value] : tcp_times) {
        EXPECT_EQ(get_option(socket, IPPROTO_TCP, option), value);
    }
}

TEST_P(WskControlSocket, CO8_SharingCannotBeChangedAfterTheBind) {
    PWSK_SOCKET listener = make_listener();
    EXPECT_FALSE(NT_SUCCESS(set_option(listener, SOL_SOCKET, SO_REUSEADDR, 1)));
    EXPECT_FALSE(NT_SUCCESS(set_option(listener, SOL_SOCKET, exclusive, 1)));
    EXPECT_EQ(get_option(listener, SOL_SOCKET, SO_REUSEADDR), 0u);
    EXPECT_EQ(get_option(listener, SOL_SOCKET, exclusive), 0u);
}

TEST_P(WskControlSocket, CO8_ABufferThatIsTooSmallFails) {
    PWSK_SOCKET listener = make_listener();
    Call call;
    start_set(call, listener, SOL_SOCKET, SO_KEEPALIVE, 2);
    EXPECT_THAT(call, Fails());
    start_get(call, listener, SOL_SOCKET, SO_KEEPALIVE, 2);
    EXPECT_THAT(call, Fails());
    EXPECT_EQ(get_option(listener, SOL_SOCKET, SO_KEEPALIVE), 0u);
}

TEST_P(WskControlSocket, CO8_OptionsNeedAnIrp) {
    PWSK_SOCKET listener = make_listener();
    ULONG value = 1;
    EXPECT_FALSE(NT_SUCCESS(basic_functions(listener).WskControlSocket(listener,
                                                                       WskSetOption,
                                                                       SO_KEEPALIVE,
                                                                       SOL_SOCKET,
                                                                       sizeof value,
                                                                       &value,
                                                                       0,
                                                                       nullptr,
                                                                       nullptr,
                                                                       nullptr)));
    EXPECT_EQ(get_option(listener, SOL_SOCKET, SO_KEEPALIVE), 0u);
}

TEST_P(WskControlSocket, CO9_AnAcceptedSocketOverridesWhatItInherited) {
    PWSK_SOCKET listener = make_listener();
    ASSERT_EQ(set_option(listener, SOL_SOCKET, SO_KEEPALIVE, 1), STATUS_SUCCESS);
    ASSERT_EQ(set_option(listener, SOL_SOCKET, SO_RCVBUF, 32768), STATUS_SUCCESS);
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    PWSK_SOCKET socket = accept(listener);
    EXPECT_EQ(set_option(socket, SOL_SOCKET, SO_KEEPALIVE, 0), STATUS_SUCCESS);
    EXPECT_EQ(get_option(socket, SOL_SOCKET, SO_KEEPALIVE), 0u);
    EXPECT_EQ(set_option(socket, SOL_SOCKET, SO_RCVBUF, 40000), STATUS_SUCCESS);
    EXPECT_EQ(get_option(socket, SOL_SOCKET, SO_RCVBUF), 40000u);
    EXPECT_EQ(get_option(listener, SOL_SOCKET, SO_KEEPALIVE), 1u);
    EXPECT_EQ(get_option(listener, SOL_SOCKET, SO_RCVBUF), 32768u);
}

TEST_P(WskControlSocket, CO14_AnUnknownExtensionIsNotSupported) {
    TcpClient peer;
    for (PWSK_SOCKET socket : one_of_each(peer)) {
        EXPECT_EQ(register_extension(socket), STATUS_NOT_SUPPORTED);
    }
}

TEST_P(WskControlSocket, CO16_TheLevelOfAnIoctlIsIgnored) {
    TcpClient peer;
    for (PWSK_SOCKET socket : one_of_each(peer)) {
        for (const ULONG level : {ULONG{0}, ULONG{IPPROTO_TCP}, ULONG{SOL_SOCKET}}) {
            EXPECT_EQ(register_extension(socket, level), STATUS_NOT_SUPPORTED);
            EXPECT_EQ(query_inspect_id(socket, level), STATUS_INVALID_DEVICE_REQUEST);
        }
    }
}

TEST_P(WskControlSocket, CO18_AnUnknownOptionFails) {
    TcpClient peer;
    for (PWSK_SOCKET socket : one_of_each(peer)) {
        Call call;
        start_set(call, socket, SOL_SOCKET, 0x7777, sizeof(ULONG));
        EXPECT_THAT(call, Fails());
        start_get(call, socket, SOL_SOCKET, 0x7777, sizeof(ULONG));
        EXPECT_THAT(call, Fails());
        EXPECT_EQ(call.information(), 0u);
        start_set(call, socket, 0x55, SO_KEEPALIVE, sizeof(ULONG));
        EXPECT_THAT(call, Fails());
    }
}

TEST_P(WskControlSocket, CO18_AnUnknownIoctlFails) {
    TcpClient peer;
    for (PWSK_SOCKET socket : one_of_each(peer)) {
        Call call;
        start_ioctl(call, socket, 0x12345678);
        EXPECT_THAT(call, Fails());
        EXPECT_FALSE(NT_SUCCESS(basic_functions(socket).WskControlSocket(
            socket, WskIoctl, 0x12345678, 0, 0, nullptr, 0, nullptr, nullptr, nullptr)));
    }
}

TEST_P(WskControlSocket, CO18_AnUnknownRequestTypeFails) {
    PWSK_SOCKET listener = make_listener();
    Call call;
    call.returns(basic_functions(listener).WskControlSocket(listener,
                                                            WskControlMax,
                                                            SO_KEEPALIVE,
                                                            SOL_SOCKET,
                                                            0,
                                                            nullptr,
                                                            0,
                                                            nullptr,
                                                            nullptr,
                                                            call.irp()));
    EXPECT_THAT(call, Fails());
}

TEST_P(WskControlSocket, ControlOperationsReturnTheirFinalStatusUnlessDeferred) {
    PWSK_SOCKET listener = make_listener();
    Call call;
    start_get(call, listener, SOL_SOCKET, SO_KEEPALIVE, sizeof(ULONG));
    if (immediate_mode() || windows_mode()) {
        EXPECT_EQ(call.returned(), STATUS_SUCCESS);
        EXPECT_TRUE(call.completed());
    } else if (deferred_mode()) {
        EXPECT_EQ(call.returned(), STATUS_PENDING);
    }
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
}

}  // namespace
}  // namespace owsk::conformance
