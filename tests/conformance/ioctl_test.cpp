// SPDX-License-Identifier: MIT
// IOCTLs of TCP that have rules of their own: keep-alives in one call, the fast path of loopback,
// connections that a filter has redirected.
#include <mstcpip.h>

#include "conformance/wsk_fixture.h"

namespace owsk::conformance {
namespace {

// What an IOCTL is called with, besides the socket.
struct Ioctl {
    ULONG code;
    SIZE_T input_size = 0;
    PVOID input = nullptr;
    SIZE_T output_size = 0;
    PVOID output = nullptr;
    SIZE_T* returned = nullptr;
};

class WskIoctl : public WskTest {
  protected:
    NTSTATUS ioctl(PWSK_SOCKET socket, const Ioctl& call) {
        Call request;
        request.returns(issue(socket, call, request.irp()));
        const NTSTATUS status = request.wait();
        information_ = request.information();
        return status;
    }
    static NTSTATUS issue(PWSK_SOCKET socket, const Ioctl& call, PIRP irp) {
        return basic_functions(socket).WskControlSocket(socket,
                                                        ::WskIoctl,
                                                        call.code,
                                                        0,
                                                        call.input_size,
                                                        call.input,
                                                        call.output_size,
                                                        call.output,
                                                        call.returned,
                                                        irp);
    }
    NTSTATUS keep_alive(PWSK_SOCKET socket, tcp_keepalive values) {
        return ioctl(socket, {SIO_KEEPALIVE_VALS, sizeof values, &values});
    }
    NTSTATUS fast_path(PWSK_SOCKET socket, SIZE_T size = sizeof(BOOLEAN)) {
        BOOLEAN on[4] = {TRUE};
        return ioctl(socket, {SIO_LOOPBACK_FAST_PATH, size, on});
    }
    PWSK_SOCKET make_datagram_socket() {
        return make_socket(WSK_FLAG_DATAGRAM_SOCKET, {.type = SOCK_DGRAM, .protocol = IPPROTO_UDP});
    }

    ULONG_PTR information_ = 0;
};
OWSK_IN_EVERY_MODE(WskIoctl);

TEST_P(WskIoctl, CO20_KeepAlivesAreSetInOneCall) {
    TcpClient peer;
    for (PWSK_SOCKET socket : {make_socket(WSK_FLAG_LISTEN_SOCKET),
                               make_socket(WSK_FLAG_CONNECTION_SOCKET),
                               make_socket(WSK_FLAG_STREAM_SOCKET),
                               make_connection(peer)}) {
        EXPECT_EQ(keep_alive(socket, {1, 90'000, 2'500}), STATUS_SUCCESS);
        EXPECT_EQ(information_, 0u);
        EXPECT_EQ(get_option(socket, SOL_SOCKET, SO_KEEPALIVE), 1u);
        EXPECT_EQ(get_option(socket, IPPROTO_TCP, TCP_KEEPIDLE), 90u);
        EXPECT_EQ(get_option(socket, IPPROTO_TCP, TCP_KEEPINTVL), 3u);
        // Switched off, the times do not count.
        EXPECT_EQ(keep_alive(socket, {0, 0, 0}), STATUS_SUCCESS);
        EXPECT_EQ(get_option(socket, SOL_SOCKET, SO_KEEPALIVE), 0u);
        EXPECT_EQ(get_option(socket, IPPROTO_TCP, TCP_KEEPIDLE), 90u);
    }
}

TEST_P(WskIoctl, CO20_KeepAlivesThatCannotBeAreRefused) {
    TcpClient peer;
    PWSK_SOCKET socket = make_connection(peer);
    EXPECT_EQ(keep_alive(socket, {1, 0, 1000}), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(keep_alive(socket, {1, 1000, 0}), STATUS_INVALID_PARAMETER);
    tcp_keepalive values = {1, 1000, 1000};
    EXPECT_EQ(ioctl(socket, {SIO_KEEPALIVE_VALS, sizeof values - 1, &values}),
              STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQ(ioctl(socket, {SIO_KEEPALIVE_VALS}), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(ioctl(socket, {SIO_KEEPALIVE_VALS, sizeof values, &values, sizeof values, &values}),
              STATUS_INVALID_PARAMETER);
    EXPECT_EQ(issue(socket, {SIO_KEEPALIVE_VALS, sizeof values, &values}, nullptr),
              STATUS_INVALID_PARAMETER);
    EXPECT_EQ(get_option(socket, SOL_SOCKET, SO_KEEPALIVE), 0u);
    EXPECT_EQ(keep_alive(make_datagram_socket(), values), STATUS_NOT_SUPPORTED);
}

TEST_P(WskIoctl, CO21_TheFastPathIsForTcpBeforeItConnects) {
    EXPECT_EQ(fast_path(make_listener()), STATUS_SUCCESS);
    EXPECT_EQ(fast_path(make_socket(WSK_FLAG_CONNECTION_SOCKET)), STATUS_SUCCESS);
    EXPECT_EQ(fast_path(make_socket(WSK_FLAG_STREAM_SOCKET), 4), STATUS_SUCCESS);
    TcpClient peer;
    EXPECT_EQ(fast_path(make_connection(peer)), STATUS_NOT_SUPPORTED);
    EXPECT_EQ(fast_path(make_datagram_socket()), STATUS_NOT_SUPPORTED);
    EXPECT_EQ(fast_path(make_socket(WSK_FLAG_BASIC_SOCKET)), STATUS_NOT_SUPPORTED);
}

TEST_P(WskIoctl, CO21_TheFastPathNeedsItsInputAndAnIrp) {
    PWSK_SOCKET listener = make_listener();
    EXPECT_EQ(fast_path(listener, 0), STATUS_INVALID_BUFFER_SIZE);
    EXPECT_EQ(ioctl(listener, {SIO_LOOPBACK_FAST_PATH}), STATUS_INVALID_BUFFER_SIZE);
    BOOLEAN on = TRUE;
    EXPECT_EQ(issue(listener, {SIO_LOOPBACK_FAST_PATH, sizeof on, &on}, nullptr),
              STATUS_INVALID_PARAMETER);
    // A connection made with it is one as any other.
    TcpClient peer;
    ASSERT_EQ(fast_path(listener), STATUS_SUCCESS);
    ASSERT_TRUE(peer.connect(local_address(listener)));
    ASSERT_TRUE(peer.send("hello"));
    EXPECT_EQ(receive(accept(listener), 5, WSK_FLAG_WAITALL), "hello");
}

TEST_P(WskIoctl, CO22_ThereAreNoRecordsOfAConnectionThatWasNotRedirected) {
    TcpClient peer;
    PWSK_SOCKET socket = make_connection(peer);
    for (const auto code :
         {SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS, SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT}) {
        SIZE_T size = 77;
        EXPECT_EQ(ioctl(socket, {code, 0, nullptr, 0, nullptr, &size}), STATUS_NOT_FOUND);
        EXPECT_EQ(size, 0u);
        EXPECT_EQ(information_, 0u);
        char room[64];
        EXPECT_EQ(ioctl(socket, {code, 0, nullptr, sizeof room, room, &size}), STATUS_NOT_FOUND);
        EXPECT_EQ(ioctl(socket, {code, 0, nullptr, sizeof room, room}), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(issue(socket, {code, 0, nullptr, 0, nullptr, &size}, nullptr),
                  STATUS_INVALID_PARAMETER);
        EXPECT_EQ(ioctl(make_listener(), {code, 0, nullptr, 0, nullptr, &size}),
                  STATUS_INVALID_DEVICE_REQUEST);
    }
}

TEST_P(WskIoctl, CO22_RecordsAreSetBeforeAConnectionIsMade) {
    TcpClient peer;
    char record[16] = {};
    const Ioctl set = {SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS, sizeof record, record};
    EXPECT_EQ(ioctl(make_socket(WSK_FLAG_CONNECTION_SOCKET), set), STATUS_SUCCESS);
    EXPECT_EQ(ioctl(make_socket(WSK_FLAG_STREAM_SOCKET), set), STATUS_SUCCESS);
    EXPECT_EQ(ioctl(make_connection(peer), set), STATUS_INVALID_DEVICE_STATE);
    EXPECT_EQ(
        ioctl(make_socket(WSK_FLAG_CONNECTION_SOCKET), {SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS}),
        STATUS_INVALID_PARAMETER);
    EXPECT_EQ(ioctl(make_datagram_socket(), set), STATUS_INVALID_DEVICE_REQUEST);
}

TEST_P(WskIoctl, CO8_UrgentBytesAreThoseOfBsd) {
    TcpClient peer;
    for (PWSK_SOCKET socket : {make_socket(WSK_FLAG_LISTEN_SOCKET), make_connection(peer)}) {
        EXPECT_EQ(get_option(socket, IPPROTO_TCP, TCP_BSDURGENT), 1u);
        EXPECT_EQ(get_option(socket, IPPROTO_TCP, TCP_EXPEDITED_1122), 0u);
        EXPECT_EQ(set_option(socket, IPPROTO_TCP, TCP_BSDURGENT, 1), STATUS_SUCCESS);
        EXPECT_EQ(set_option(socket, IPPROTO_TCP, TCP_EXPEDITED_1122, 0), STATUS_SUCCESS);
        EXPECT_EQ(set_option(socket, IPPROTO_TCP, TCP_EXPEDITED_1122, 1), STATUS_NOT_SUPPORTED);
    }
}

class IoctlRules : public WskIoctl {
  protected:
    void SetUp() override {
        WskIoctl::SetUp();
        GTEST_FLAG_SET(death_test_style, "threadsafe");
    }
};
INSTANTIATE_TEST_SUITE_P(InMode, IoctlRules, testing::Values(CompletionMode::windows), mode_name);

TEST_P(IoctlRules, SomeAreForPassiveLevel) {
    PWSK_SOCKET listener = make_listener();
    constexpr ULONG codes[] = {SIO_ADDRESS_LIST_QUERY,
                               SIO_ADDRESS_LIST_CHANGE,
                               SIO_ADDRESS_LIST_SORT,
                               SIO_LOOPBACK_FAST_PATH,
                               SIO_QUERY_WFP_CONNECTION_REDIRECT_RECORDS,
                               SIO_QUERY_WFP_CONNECTION_REDIRECT_CONTEXT,
                               SIO_SET_WFP_CONNECTION_REDIRECT_RECORDS};
    for (const ULONG code : codes) {
        EXPECT_DEATH(
            {
                KIRQL irql;
                KeRaiseIrql(DISPATCH_LEVEL, &irql);
                issue(listener, Ioctl{code}, nullptr);
            },
            "rule: function-called-above-its-irql\n.*WskControlSocket");
    }
    // The others may be called there.
    KIRQL irql;
    KeRaiseIrql(DISPATCH_LEVEL, &irql);
    EXPECT_EQ(issue(listener, {SIO_KEEPALIVE_VALS}, nullptr), STATUS_INVALID_PARAMETER);
    KeLowerIrql(irql);
}

}  // namespace
}  // namespace owsk::conformance
