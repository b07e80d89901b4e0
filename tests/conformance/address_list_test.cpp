// SPDX-License-Identifier: MIT
// The addresses of the computer, which come and go: SIO_ADDRESS_LIST_QUERY, _CHANGE and _SORT, and
// listeners whose address goes.
#include <algorithm>
#include <cstring>

#include "conformance/connection_fixture.h"

namespace owsk::conformance {
namespace {

// Of the block for measurements (RFC 2544): no computer has one by itself.
constexpr const char* another = "198.18.7.7";

class WskAddressList : public WskTest {
  protected:
    void SetUp() override {
        WskTest::SetUp();
        // One of each category, of IPv4.
        sockets_ = {
            make_socket(WSK_FLAG_BASIC_SOCKET),
            make_socket(WSK_FLAG_LISTEN_SOCKET),
            make_socket(WSK_FLAG_CONNECTION_SOCKET),
            make_socket(WSK_FLAG_STREAM_SOCKET),
            make_socket(WSK_FLAG_DATAGRAM_SOCKET, {.type = SOCK_DGRAM, .protocol = IPPROTO_UDP})};
    }
    void TearDown() override {
        close_all();
        if (is_added_) {
            remove();
        }
        WskTest::TearDown();
    }

    // False, and the test is to be skipped, if the computer's addresses may not change.
    bool add() {
        is_added_ = transport().add_address(another);
        return is_added_;
    }
    void remove() {
        EXPECT_TRUE(transport().remove_address(another));
        is_added_ = false;
    }

    static NTSTATUS query(PWSK_SOCKET socket, SIZE_T size, PVOID list, SIZE_T* needed) {
        return basic_functions(socket).WskControlSocket(
            socket, WskIoctl, SIO_ADDRESS_LIST_QUERY, 0, 0, nullptr, size, list, needed, nullptr);
    }
    // What the list has, each address checked.
    static std::vector<std::string> list_of(PWSK_SOCKET socket, ADDRESS_FAMILY family = AF_INET) {
        SIZE_T size = 0;
        EXPECT_EQ(query(socket, 0, nullptr, &size), STATUS_BUFFER_OVERFLOW);
        // With one to spare, if another one comes meanwhile.
        std::vector<std::byte> bytes(size + 64);
        EXPECT_EQ(query(socket, bytes.size(), bytes.data(), &size), STATUS_SUCCESS);
        SOCKET_ADDRESS_LIST head;
        std::memcpy(&head, bytes.data(), std::min(sizeof head, bytes.size()));
        std::vector<std::string> found;
        for (INT i = 0; i < head.iAddressCount; ++i) {
            SOCKET_ADDRESS entry;
            std::memcpy(&entry, bytes.data() + SIZEOF_SOCKET_ADDRESS_LIST(i), sizeof entry);
            const auto* const at = reinterpret_cast<const std::byte*>(entry.lpSockaddr);
            EXPECT_TRUE(at >= bytes.data() && at < bytes.data() + size);
            EXPECT_EQ(entry.lpSockaddr->sa_family, family);
            EXPECT_EQ(
                entry.iSockaddrLength,
                static_cast<INT>(family == AF_INET ? sizeof(SOCKADDR_IN) : sizeof(SOCKADDR_IN6)));
            const Endpoint endpoint = endpoint_of(entry.lpSockaddr);
            EXPECT_EQ(endpoint.port, 0);
            found.push_back(endpoint.ip);
        }
        return found;
    }
    NTSTATUS start_change(Call& call, PWSK_SOCKET socket, ULONG code = SIO_ADDRESS_LIST_CHANGE) {
        return call.returns(basic_functions(socket).WskControlSocket(
            socket, WskIoctl, code, 0, 0, nullptr, 0, nullptr, nullptr, call.irp()));
    }

    std::vector<PWSK_SOCKET> sockets_;

  private:
    bool is_added_ = false;
};
OWSK_IN_EVERY_MODE(WskAddressList);

TEST_P(WskAddressList, CO10_WithoutRoomItTellsTheSize) {
    for (PWSK_SOCKET socket : sockets_) {
        SIZE_T size = 0;
        EXPECT_EQ(query(socket, 0, nullptr, &size), STATUS_BUFFER_OVERFLOW);
        EXPECT_GE(size, SIZEOF_SOCKET_ADDRESS_LIST(0));
        std::vector<std::byte> bytes(size);
        SIZE_T again = 0;
        EXPECT_EQ(query(socket, size - 1, bytes.data(), &again), STATUS_BUFFER_OVERFLOW);
        EXPECT_EQ(again, size);
        EXPECT_EQ(query(socket, size, bytes.data(), nullptr), STATUS_INVALID_PARAMETER);
    }
}

TEST_P(WskAddressList, CO10_CO17_TheListHasTheAddressesOfTheSocketsFamily) {
    const bool changes = add();
    for (PWSK_SOCKET socket : sockets_) {
        const std::vector<std::string> found = list_of(socket);
        EXPECT_EQ(std::ranges::count(found, another), changes ? 1 : 0);
        EXPECT_EQ(std::ranges::count(found, "127.0.0.1"), 0);
    }
    const std::vector<std::string> ipv6 =
        list_of(make_socket(WSK_FLAG_LISTEN_SOCKET, {.family = AF_INET6}), AF_INET6);
    EXPECT_EQ(std::ranges::count(ipv6, "::1"), 0);
}

TEST_P(WskAddressList, CO10_AQueryTakesNoIrp) {
    Call call;
    char room[256];
    SIZE_T size = 0;
    call.returns(basic_functions(sockets_[1])
                     .WskControlSocket(sockets_[1],
                                       WskIoctl,
                                       SIO_ADDRESS_LIST_QUERY,
                                       0,
                                       0,
                                       nullptr,
                                       sizeof room,
                                       room,
                                       &size,
                                       call.irp()));
    EXPECT_THAT(call, CompletesWith(STATUS_INVALID_PARAMETER));
}

TEST_P(WskAddressList, CO11_AChangePendsAndCanBeCancelled) {
    for (PWSK_SOCKET socket : sockets_) {
        Call first;
        Call second;
        EXPECT_EQ(start_change(first, socket), STATUS_PENDING);
        EXPECT_EQ(start_change(second, socket), STATUS_PENDING);
        EXPECT_THAT(first, Pends());
        EXPECT_TRUE(first.cancel());
        EXPECT_THAT(first, CompletesWith(STATUS_CANCELLED));
        EXPECT_THAT(second, Pends());
        EXPECT_TRUE(second.cancel());
        EXPECT_THAT(second, CompletesWith(STATUS_CANCELLED));
    }
}

TEST_P(WskAddressList, CO11_ACloseCancelsTheWaitForAChange) {
    for (PWSK_SOCKET socket : sockets_) {
        Call call;
        Call closed;
        EXPECT_EQ(start_change(call, socket), STATUS_PENDING);
        start_close(closed, socket);
        EXPECT_THAT(closed, CompletesWith(STATUS_SUCCESS));
        EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
        EXPECT_LT(call.sequence(), closed.sequence());
    }
}

TEST_P(WskAddressList, CO11_AChangeNeedsAnIrpAndNoBuffers) {
    PWSK_SOCKET socket = sockets_[1];
    EXPECT_EQ(
        basic_functions(socket).WskControlSocket(
            socket, WskIoctl, SIO_ADDRESS_LIST_CHANGE, 0, 0, nullptr, 0, nullptr, nullptr, nullptr),
        STATUS_INVALID_PARAMETER);
    ULONG value = 0;
    Call call;
    call.returns(basic_functions(socket).WskControlSocket(socket,
                                                          WskIoctl,
                                                          SIO_ADDRESS_LIST_CHANGE,
                                                          0,
                                                          sizeof value,
                                                          &value,
                                                          0,
                                                          nullptr,
                                                          nullptr,
                                                          call.irp()));
    EXPECT_THAT(call, CompletesWith(STATUS_INVALID_PARAMETER));
}

TEST_P(WskAddressList, CO11_AnAddressThatComesOrGoesEndsTheWait) {
    std::vector<std::unique_ptr<Call>> calls;
    for (PWSK_SOCKET socket : sockets_) {
        calls.push_back(std::make_unique<Call>());
        EXPECT_EQ(start_change(*calls.back(), socket), STATUS_PENDING);
    }
    Call other_family;
    start_change(other_family, make_socket(WSK_FLAG_LISTEN_SOCKET, {.family = AF_INET6}));
    if (!add()) {
        GTEST_SKIP() << "the addresses of this computer may not change";
    }
    for (const std::unique_ptr<Call>& call : calls) {
        EXPECT_THAT(*call, CompletesWith(STATUS_SUCCESS));
        EXPECT_EQ(call->information(), 0u);
    }
    EXPECT_THAT(other_family, Pends());
    // Each tells of one change.
    EXPECT_EQ(start_change(*calls[1], sockets_[1]), STATUS_PENDING);
    EXPECT_THAT(*calls[1], Pends());
    remove();
    EXPECT_THAT(*calls[1], CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(std::ranges::count(list_of(sockets_[1]), another), 0);
}

TEST_P(WskAddressList, AListIsNotSorted) {
    for (PWSK_SOCKET socket : sockets_) {
        Call call;
        start_change(call, socket, SIO_ADDRESS_LIST_SORT);
        EXPECT_THAT(call, CompletesWith(STATUS_NOT_SUPPORTED));
    }
}

TEST_P(WskAddressList, CO19_AListenerWhoseAddressGoesIsDead) {
    if (!add()) {
        GTEST_SKIP() << "the addresses of this computer may not change";
    }
    AcceptEvents& events = keep<AcceptEvents>(*this);
    PWSK_SOCKET told = make_listener({.at = {another, 0},
                                      .context = &events,
                                      .dispatch = &AcceptEvents::dispatch,
                                      .events = WSK_EVENT_ACCEPT});
    PWSK_SOCKET asked = make_listener({.at = {another, 0}});
    PWSK_SOCKET elsewhere = make_listener();
    Call accept;
    Call other;
    start_accept(accept, asked);
    start_accept(other, elsewhere);
    remove();
    EXPECT_THAT(accept, CompletesWith(STATUS_FILE_FORCED_CLOSED));
    ASSERT_TRUE(events.log.wait_for(1));
    EXPECT_EQ(events.log.at(0).socket, nullptr);
    EXPECT_THAT(events.log, StaysAt(1u));
    Call call;
    start_change(call, told);
    EXPECT_THAT(call, CompletesWith(STATUS_FILE_FORCED_CLOSED));
    EXPECT_THAT(other, Pends());
}

}  // namespace
}  // namespace owsk::conformance
