// SPDX-License-Identifier: MIT
// WSK_INSPECT_ID: the same bytes wherever it is shown, and other ones for each attempt of a
// machine.
#include <algorithm>
#include <set>

#include "conformance/connection_fixture.h"

namespace owsk::conformance {
namespace {

class InspectId : public ConditionalTest {
  protected:
    static constexpr std::size_t several = 6;

    // What SIO_WSK_QUERY_INSPECT_ID writes into memory that holds something else.
    static IdBytes query(PWSK_SOCKET socket) {
        alignas(WSK_INSPECT_ID) IdBytes memory;
        memory.fill(0xAA);
        SIZE_T size = 0;
        EXPECT_EQ(basic_functions(socket).WskControlSocket(socket,
                                                           WskIoctl,
                                                           SIO_WSK_QUERY_INSPECT_ID,
                                                           0,
                                                           0,
                                                           nullptr,
                                                           memory.size(),
                                                           memory.data(),
                                                           &size,
                                                           nullptr),
                  STATUS_SUCCESS);
        EXPECT_EQ(size, memory.size());
        return memory;
    }
};
OWSK_IN_EVERY_MODE(InspectId);

TEST_P(InspectId, HasNoByteThatNobodyHasWritten) {
    pend_all();
    PWSK_SOCKET listener = make_conditional();
    std::vector<TcpClient> clients;
    for (std::size_t i = 0; i < several; ++i) {
        clients.push_back(ask(listener, i));
        const IdBytes bytes = inspector().attempts.at(i).bytes;
        const auto padding = bytes.begin() + offsetof(WSK_INSPECT_ID, SerialNumber) + sizeof(ULONG);
        EXPECT_TRUE(
            std::all_of(padding, bytes.end(), [](unsigned char byte) { return byte == 0; }));
    }
    close(listener);
}

TEST_P(InspectId, IsShownToWskAbortEventWithTheSameBytes) {
    pend_all();
    PWSK_SOCKET listener = make_conditional();
    std::vector<TcpClient> clients;
    for (std::size_t i = 0; i < several; ++i) {
        clients.push_back(ask(listener, i));
    }
    for (TcpClient& client : clients) {
        client.reset();
    }
    ASSERT_TRUE(inspector().abort_bytes.wait_for(several));
    std::set<IdBytes> inspected;
    for (const Inspector::Attempt& seen : inspector().attempts.all()) {
        inspected.insert(seen.bytes);
    }
    EXPECT_EQ(inspected.size(), several);
    for (const IdBytes& aborted : inspector().abort_bytes.all()) {
        EXPECT_EQ(inspected.erase(aborted), 1U);
    }
}

TEST_P(InspectId, IsQueriedWithTheSameBytes) {
    PWSK_SOCKET listener = make_conditional();
    for (std::size_t i = 0; i < several; ++i) {
        TcpClient client = ask(listener, i);
        EXPECT_EQ(query(accept(listener)), inspector().attempts.at(i).bytes);
    }
}

TEST_P(InspectId, HalfOfItIsNotEnough) {
    pend_all();
    PWSK_SOCKET listener = make_conditional();
    TcpClient client = ask(listener);
    WSK_INSPECT_ID other_serial = inspector().attempts.at(0).id;
    ++other_serial.SerialNumber;
    EXPECT_EQ(verdict(listener, other_serial, WskInspectAccept), STATUS_NOT_FOUND);
    WSK_INSPECT_ID other_key = inspector().attempts.at(0).id;
    ++other_key.Key;
    EXPECT_EQ(verdict(listener, other_key, WskInspectAccept), STATUS_NOT_FOUND);
    EXPECT_EQ(verdict(listener, inspector().attempts.at(0).id, WskInspectAccept), STATUS_SUCCESS);
}

TEST_P(InspectId, IsUniqueAmongTheListenersOfAMachine) {
    pend_all();
    PWSK_SOCKET listeners[] = {make_conditional(), make_conditional()};
    std::vector<TcpClient> clients;
    std::set<std::pair<ULONG_PTR, ULONG>> ids;
    std::set<ULONG_PTR> keys;
    for (std::size_t i = 0; i < 2 * several; ++i) {
        clients.push_back(ask(listeners[i % 2], i));
        const WSK_INSPECT_ID id = inspector().attempts.at(i).id;
        ids.emplace(id.Key, id.SerialNumber);
        keys.insert(id.Key);
    }
    EXPECT_EQ(ids.size(), 2 * several);
    EXPECT_EQ(keys.size(), 2 * several);
    // The other listener does not know it.
    EXPECT_EQ(verdict(listeners[1], inspector().attempts.at(0).id, WskInspectAccept),
              STATUS_NOT_FOUND);
    EXPECT_EQ(verdict(listeners[0], inspector().attempts.at(0).id, WskInspectReject),
              STATUS_SUCCESS);
    close(listeners[0]);
    close(listeners[1]);
}

TEST_P(InspectId, IsUniqueAmongConnectionsThatLiveAndAttemptsThatCome) {
    PWSK_SOCKET listeners[] = {make_conditional(), make_conditional()};
    std::vector<TcpClient> clients;
    std::set<IdBytes> ids;
    for (std::size_t i = 0; i < 2 * several; ++i) {
        clients.push_back(ask(listeners[i % 2], i));
        PWSK_SOCKET socket = accept(listeners[i % 2]);
        EXPECT_TRUE(ids.insert(query(socket)).second);
    }
}

}  // namespace
}  // namespace owsk::conformance
