// SPDX-License-Identifier: MIT
// Registration rules R22-R26: attaching to WSK through the NMR instead of WskRegister.
#include <atomic>
#include <vector>

#include "conformance/nmr_client.h"
#include "conformance/wsk_fixture.h"

namespace owsk::conformance {
namespace {

constexpr USHORT version_9_0 = MAKE_WSK_VERSION(9, 0);

class WskNmr : public WskTest {
  protected:
    // A socket of the NMR's client.
    PWSK_SOCKET make_socket_of(NmrClient& nmr) {
        Call call;
        call.returns(nmr.functions().WskSocket(nmr.client(),
                                               AF_INET,
                                               SOCK_STREAM,
                                               IPPROTO_TCP,
                                               WSK_FLAG_LISTEN_SOCKET,
                                               nullptr,
                                               nullptr,
                                               nullptr,
                                               nullptr,
                                               nullptr,
                                               call.irp()));
        return socket_of(call, WSK_FLAG_LISTEN_SOCKET);
    }
    // WSK goes away, by a call of the client, which brings a socket.
    PWSK_SOCKET make_wsk_leave(NmrClient& nmr) {
        machine().faults().fail_nth(Fault::provider_detach, 1);
        PWSK_SOCKET socket = make_socket_of(nmr);
        EXPECT_TRUE(transport().wait_until([&] { return nmr.detaches == 1 && !can_capture(); }));
        return socket;
    }
    bool can_capture() {
        WSK_PROVIDER_NPI npi;
        WSK_REGISTRATION& block = registration().block();
        const NTSTATUS status = WskCaptureProviderNPI(&block, WSK_NO_WAIT, &npi);
        if (status == STATUS_SUCCESS) {
            WskReleaseProviderNPI(&block);
            return true;
        }
        EXPECT_EQ(status, STATUS_DEVICE_NOT_READY);
        return false;
    }
    // The wait on a thread of its own.
    TestThread wait_elsewhere(NmrClient& nmr, std::atomic<unsigned>& returned_at) {
        return run_attached([&nmr, &returned_at] {
            EXPECT_EQ(nmr.wait(), STATUS_SUCCESS);
            returned_at = next_in_sequence();
        });
    }
};
OWSK_IN_EVERY_MODE(WskNmr);

TEST_P(WskNmr, R22_AClientIsAttachedBeforeItsRegistrationReturns) {
    NmrClient nmr;
    ASSERT_EQ(nmr.enroll(), STATUS_SUCCESS);
    ASSERT_EQ(nmr.attach_statuses, std::vector<NTSTATUS>{STATUS_SUCCESS});
    EXPECT_EQ(WSK_MAJOR_VERSION(nmr.functions().Version), 1);
    EXPECT_LE(nmr.range.LowestVersion, version_1_0);
    EXPECT_GE(nmr.range.HighestVersion, version_1_0);
    EXPECT_NE(nmr.client(), client());
    // What it has got works.
    PWSK_SOCKET listener = make_socket_of(nmr);
    ASSERT_EQ(bind(listener, {"127.0.0.1", 0}), STATUS_SUCCESS);
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    PWSK_SOCKET socket = accept(listener);
    EXPECT_EQ(send(socket, "hello"), STATUS_SUCCESS);
    EXPECT_EQ(peer.receive(5), "hello");
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    EXPECT_EQ(close(listener), STATUS_SUCCESS);
}

TEST_P(WskNmr, R23_AnUnsupportedVersionIsRefusedAndAnotherTryMaySucceed) {
    NmrClient nmr({version_9_0, version_1_0});
    ASSERT_EQ(nmr.enroll(), STATUS_SUCCESS);
    EXPECT_EQ(nmr.attach_statuses, (std::vector<NTSTATUS>{STATUS_NOINTERFACE, STATUS_SUCCESS}));
    EXPECT_EQ(close(make_socket_of(nmr)), STATUS_SUCCESS);
}

TEST_P(WskNmr, R23_AClientThatIsRefusedStaysRegisteredAndUnattached) {
    NmrClient nmr({version_9_0});
    ASSERT_EQ(nmr.enroll(), STATUS_SUCCESS);
    EXPECT_EQ(nmr.attach_statuses, std::vector<NTSTATUS>{STATUS_NOINTERFACE});
    nmr.deregister();
    EXPECT_EQ(nmr.wait(), STATUS_SUCCESS);
    EXPECT_EQ(nmr.detaches, 0);
    EXPECT_EQ(nmr.cleanups, 0);
}

TEST_P(WskNmr, R24_TheWaitEndsWhenTheLastSocketIsClosed) {
    NmrClient nmr;
    ASSERT_EQ(nmr.enroll(), STATUS_SUCCESS);
    PWSK_SOCKET listener = make_socket_of(nmr);
    ASSERT_EQ(bind(listener, {"127.0.0.1", 0}), STATUS_SUCCESS);
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    PWSK_SOCKET socket = accept(listener);
    nmr.deregister();
    EXPECT_EQ(nmr.detaches, 1);
    std::atomic<unsigned> returned_at = 0;
    TestThread waiter = wait_elsewhere(nmr, returned_at);
    EXPECT_EQ(close(listener), STATUS_SUCCESS);
    // The connection goes on as if nothing had happened.
    EXPECT_EQ(send(socket, "hello"), STATUS_SUCCESS);
    EXPECT_EQ(peer.receive(5), "hello");
    EXPECT_EQ(returned_at, 0U);
    const unsigned before_close = next_in_sequence();
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    waiter.join();
    EXPECT_GT(returned_at, before_close);
    EXPECT_EQ(nmr.detaches, 1);
    EXPECT_EQ(nmr.cleanups, 1);
}

TEST_P(WskNmr, R24_DeregistrationIsPossibleAtDispatchLevelAndWithNothingOutstandingItIsOver) {
    NmrClient nmr;
    ASSERT_EQ(nmr.enroll(), STATUS_SUCCESS);
    const KIRQL irql = KeRaiseIrqlToDpcLevel();
    nmr.deregister();
    EXPECT_EQ(nmr.cleanups, 1);
    KeLowerIrql(irql);
    EXPECT_EQ(nmr.wait(), STATUS_SUCCESS);
}

TEST_P(WskNmr, R24_DeregistrationCancelsATransportListChange) {
    NmrClient nmr;
    ASSERT_EQ(nmr.enroll(), STATUS_SUCCESS);
    Call call;
    call.returns(nmr.functions().WskControlClient(
        nmr.client(), WSK_TRANSPORT_LIST_CHANGE, 0, nullptr, 0, nullptr, nullptr, call.irp()));
    EXPECT_THAT(call, Pends());
    nmr.deregister();
    EXPECT_TRUE(call.completed());
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
    EXPECT_EQ(nmr.wait(), STATUS_SUCCESS);
}

TEST_P(WskNmr, R25_TheCleanupFollowsWhenBothSidesHaveDetached) {
    NmrClient nmr;
    ASSERT_EQ(nmr.enroll(), STATUS_SUCCESS);
    PWSK_SOCKET socket = make_socket_of(nmr);
    nmr.detach_answer = STATUS_PENDING;
    nmr.deregister();
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    transport().settle();
    EXPECT_EQ(nmr.cleanups, 0);
    // A call that was on its way when the detach came.
    EXPECT_EQ(close(make_socket_of(nmr)), STATUS_SUCCESS);
    transport().settle();
    EXPECT_EQ(nmr.cleanups, 0);
    nmr.complete_detach();
    EXPECT_EQ(nmr.wait(), STATUS_SUCCESS);
    EXPECT_EQ(nmr.cleanups, 1);
}

TEST_P(WskNmr, R25_TheCleanupWaitsForTheSocketsOfAClientThatHasDetached) {
    NmrClient nmr;
    ASSERT_EQ(nmr.enroll(), STATUS_SUCCESS);
    PWSK_SOCKET socket = make_socket_of(nmr);
    nmr.deregister();
    EXPECT_EQ(nmr.cleanups, 0);
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    EXPECT_EQ(nmr.wait(), STATUS_SUCCESS);
    EXPECT_EQ(nmr.cleanups, 1);
}

TEST_P(WskNmr, R26_AWaitBeforeTheDeregistrationIsRefused) {
    NmrClient nmr;
    ASSERT_EQ(nmr.enroll(), STATUS_SUCCESS);
    EXPECT_EQ(nmr.wait(), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(NmrWaitForClientDeregisterComplete(nullptr), STATUS_INVALID_PARAMETER);
}

TEST_P(WskNmr, ACallAfterTheDetachIsNamed) {
    GTEST_FLAG_SET(death_test_style, "threadsafe");
    NmrClient nmr;
    ASSERT_EQ(nmr.enroll(), STATUS_SUCCESS);
    PWSK_SOCKET socket = make_socket_of(nmr);
    nmr.deregister();
    EXPECT_DEATH(make_socket_of(nmr), "rule: client-used-after-detach\n.*WskSocket");
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    EXPECT_EQ(nmr.wait(), STATUS_SUCCESS);
    EXPECT_DEATH(make_socket_of(nmr), "rule: client-not-recognized\n.*WskSocket");
}

TEST_P(WskNmr, WithoutMemoryForTheClientNothingIsAttached) {
    machine().faults().fail_nth(Fault::attachment, 1);
    NmrClient nmr;
    ASSERT_EQ(nmr.enroll(), STATUS_SUCCESS);
    EXPECT_EQ(nmr.attach_statuses, std::vector<NTSTATUS>{STATUS_INSUFFICIENT_RESOURCES});
    // The other way to attach tells the same by its capture.
    machine().faults().fail_nth(Fault::attachment, 1);
    const WSK_CLIENT_DISPATCH dispatch = {version_1_0, 0, nullptr};
    WSK_CLIENT_NPI npi = {nullptr, &dispatch};
    WSK_REGISTRATION block;
    ASSERT_EQ(WskRegister(&npi, &block), STATUS_SUCCESS);
    WSK_PROVIDER_NPI provider_npi;
    EXPECT_EQ(WskCaptureProviderNPI(&block, WSK_INFINITE_WAIT, &provider_npi),
              STATUS_INSUFFICIENT_RESOURCES);
    WskDeregister(&block);
}

TEST_P(WskNmr, WhenWskGoesSocketsAndCapturedNpisWorkAndNothingElse) {
    NmrClient nmr;
    ASSERT_EQ(nmr.enroll(), STATUS_SUCCESS);
    PWSK_SOCKET listener = make_listener();
    PWSK_SOCKET socket_of_nmr = make_wsk_leave(nmr);
    WSK_PROVIDER_CHARACTERISTICS range;
    EXPECT_EQ(WskQueryProviderCharacteristics(&registration().block(), &range),
              STATUS_DEVICE_NOT_READY);
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    PWSK_SOCKET socket = accept(listener);
    EXPECT_EQ(send(socket, "hello"), STATUS_SUCCESS);
    EXPECT_EQ(peer.receive(5), "hello");
    EXPECT_EQ(close(make_socket(WSK_FLAG_LISTEN_SOCKET)), STATUS_SUCCESS);
    // A client that comes meanwhile is not attached.
    NmrClient late;
    ASSERT_EQ(late.enroll(), STATUS_SUCCESS);
    EXPECT_EQ(late.attaches, 0);
    for (PWSK_SOCKET each : {socket, listener, socket_of_nmr}) {
        EXPECT_EQ(close(each), STATUS_SUCCESS);
    }
    EXPECT_EQ(nmr.attaches, 1);
}

TEST_P(WskNmr, WskComesBackWhenTheLastClientHasDetached) {
    NmrClient nmr;
    ASSERT_EQ(nmr.enroll(), STATUS_SUCCESS);
    PWSK_SOCKET socket = make_wsk_leave(nmr);
    std::atomic<NTSTATUS> captured = STATUS_PENDING;
    TestThread waiter = run_attached([&] {
        WSK_PROVIDER_NPI npi;
        captured = WskCaptureProviderNPI(&registration().block(), WSK_INFINITE_WAIT, &npi);
        WskReleaseProviderNPI(&registration().block());
    });
    registration().release();
    transport().settle();
    EXPECT_EQ(captured, STATUS_PENDING);
    EXPECT_EQ(nmr.attaches, 1);
    EXPECT_EQ(nmr.cleanups, 0);
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    waiter.join();
    EXPECT_EQ(captured, STATUS_SUCCESS);
    EXPECT_TRUE(transport().wait_until([&] { return nmr.attaches == 2; }));
    EXPECT_EQ(nmr.cleanups, 1);
    EXPECT_EQ(close(make_socket_of(nmr)), STATUS_SUCCESS);
}

}  // namespace
}  // namespace owsk::conformance
