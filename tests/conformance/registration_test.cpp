// SPDX-License-Identifier: MIT
// Registration rules R1-R21: WskRegister, WskCaptureProviderNPI, WskReleaseProviderNPI,
// WskQueryProviderCharacteristics and WskDeregister.
#include <array>
#include <atomic>
#include <cstring>

#include "conformance/wsk_fixture.h"
#include "nt/system.h"
#include "wsk/provider/provider.h"

namespace owsk::conformance {
namespace {

constexpr USHORT version_1_0 = MAKE_WSK_VERSION(1, 0);
constexpr USHORT version_1_1 = MAKE_WSK_VERSION(1, 1);

std::atomic<unsigned> client_events = 0;
NTAPI NTSTATUS count_client_event(PVOID, ULONG, PVOID, SIZE_T) {
    ++client_events;
    return STATUS_SUCCESS;
}

// WskDeregister on a thread of its own.
class WskRegistration : public WskTest {
  protected:
    class Deregistration {
      public:
        Deregistration(WskRegistration& test, Registration& registration)
            : thread_(test.run_attached([this, &registration] {
                  registration.deregister();
                  returned_at_ = next_in_sequence();
                  returned_.open();
              })) {
            // From the moment it has begun, captures fail.
            WSK_REGISTRATION& block = registration.block();
            WSK_PROVIDER_NPI npi;
            while (WskCaptureProviderNPI(&block, WSK_NO_WAIT, &npi) == STATUS_SUCCESS) {
                WskReleaseProviderNPI(&block);
                transport().yield();
            }
        }
        bool has_returned() { return returned_.is_open(); }
        // When, in the sequence of all events of the test.
        unsigned wait() {
            EXPECT_TRUE(returned_.wait());
            return returned_at_;
        }

      private:
        unsigned returned_at_ = 0;
        Gate returned_;
        TestThread thread_;
    };

    // Whole registrations come and go while another one waits: it had all the time of the world.
    static void let_time_pass() {
        for (int i = 0; i < 10; ++i) {
            const Registration other;
        }
    }
};
OWSK_IN_EVERY_MODE(WskRegistration);

TEST_P(WskRegistration, R1_AVersion10ClientNeedsNoClientEvent) {
    const WSK_CLIENT_DISPATCH dispatch = {version_1_0, 0, nullptr};
    WSK_CLIENT_NPI npi = {nullptr, &dispatch};
    WSK_REGISTRATION block;
    ASSERT_EQ(WskRegister(&npi, &block), STATUS_SUCCESS);
    WskDeregister(&block);
}

TEST_P(WskRegistration, EC16_WskClientEventIsNeverCalled) {
    client_events = 0;
    const WSK_CLIENT_DISPATCH dispatch = {version_1_0, 0, count_client_event};
    WSK_CLIENT_NPI npi = {nullptr, &dispatch};
    WSK_REGISTRATION block;
    ASSERT_EQ(WskRegister(&npi, &block), STATUS_SUCCESS);
    WSK_PROVIDER_NPI provider_npi;
    ASSERT_EQ(WskCaptureProviderNPI(&block, WSK_INFINITE_WAIT, &provider_npi), STATUS_SUCCESS);
    WskReleaseProviderNPI(&block);
    WskDeregister(&block);
    EXPECT_EQ(client_events, 0u);
}

TEST_P(WskRegistration, R2_TheClientNpiMayBeGoneAfterTheCall) {
    const WSK_CLIENT_DISPATCH dispatch = {version_1_0, 0, nullptr};
    WSK_CLIENT_NPI npi = {nullptr, &dispatch};
    WSK_REGISTRATION block;
    ASSERT_EQ(WskRegister(&npi, &block), STATUS_SUCCESS);
    std::memset(&npi, 0xEE, sizeof npi);
    WSK_PROVIDER_NPI provider_npi;
    EXPECT_EQ(WskCaptureProviderNPI(&block, WSK_NO_WAIT, &provider_npi), STATUS_SUCCESS);
    WskReleaseProviderNPI(&block);
    WskDeregister(&block);
}

TEST_P(WskRegistration, R3_TwoRegistrationsAreIndependent) {
    Registration second;
    EXPECT_NE(second.client(), client());
    second.release();
    second.deregister();
    EXPECT_EQ(close(make_socket(WSK_FLAG_LISTEN_SOCKET)), STATUS_SUCCESS);
}

TEST_P(WskRegistration, R8_ACaptureAfterDeregistrationFails) {
    Registration other;
    other.release();
    other.deregister();
    WSK_PROVIDER_NPI npi;
    EXPECT_EQ(WskCaptureProviderNPI(&other.block(), WSK_NO_WAIT, &npi), STATUS_DEVICE_NOT_READY);
    EXPECT_EQ(WskCaptureProviderNPI(&other.block(), WSK_INFINITE_WAIT, &npi),
              STATUS_DEVICE_NOT_READY);
}

TEST_P(WskRegistration, R9_R10_R11_AnUnsupportedVersionFailsAtTheCaptureAndNowhereElse) {
    WSK_CLIENT_DISPATCH dispatch = {MAKE_WSK_VERSION(9, 0), 0, nullptr};
    WSK_CLIENT_NPI npi = {nullptr, &dispatch};
    WSK_REGISTRATION block;
    ASSERT_EQ(WskRegister(&npi, &block), STATUS_SUCCESS);
    WSK_PROVIDER_NPI provider_npi;
    EXPECT_EQ(WskCaptureProviderNPI(&block, WSK_INFINITE_WAIT, &provider_npi), STATUS_NOINTERFACE);

    WSK_PROVIDER_CHARACTERISTICS characteristics = {};
    EXPECT_EQ(WskQueryProviderCharacteristics(&block, &characteristics), STATUS_SUCCESS);
    EXPECT_LE(characteristics.LowestVersion, version_1_0);
    EXPECT_GE(characteristics.HighestVersion, version_1_0);
    WskDeregister(&block);

    dispatch.Version = characteristics.HighestVersion;
    ASSERT_EQ(WskRegister(&npi, &block), STATUS_SUCCESS);
    EXPECT_EQ(WskCaptureProviderNPI(&block, WSK_INFINITE_WAIT, &provider_npi), STATUS_SUCCESS);
    WskReleaseProviderNPI(&block);
    WskDeregister(&block);
}

TEST_P(WskRegistration, R13_TheProviderHasTheRequestedVersionOrAHigherMinorOne) {
    for (const USHORT version : {version_1_0, version_1_1}) {
        const Registration other(version);
        EXPECT_EQ(WSK_MAJOR_VERSION(other.functions().Version), WSK_MAJOR_VERSION(version));
        EXPECT_GE(WSK_MINOR_VERSION(other.functions().Version), WSK_MINOR_VERSION(version));
    }
}

TEST_P(WskRegistration, R14_EveryCaptureIsUsableAndNeedsItsRelease) {
    WSK_REGISTRATION& block = registration().block();
    std::array<WSK_PROVIDER_NPI, 3> npis = {};
    for (WSK_PROVIDER_NPI& npi : npis) {
        ASSERT_EQ(WskCaptureProviderNPI(&block, WSK_NO_WAIT, &npi), STATUS_SUCCESS);
        Call call;
        call.returns(npi.Dispatch->WskSocket(npi.Client,
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
        EXPECT_EQ(close(socket_of(call, WSK_FLAG_LISTEN_SOCKET)), STATUS_SUCCESS);
    }
    registration().release();
    Deregistration deregistration(*this, registration());
    WskReleaseProviderNPI(&block);
    WskReleaseProviderNPI(&block);
    let_time_pass();
    EXPECT_FALSE(deregistration.has_returned());
    const unsigned last_release = next_in_sequence();
    WskReleaseProviderNPI(&block);
    EXPECT_GT(deregistration.wait(), last_release);
}

TEST_P(WskRegistration, R15_SocketsWorkAfterTheNpiWasReleased) {
    PWSK_SOCKET listener = make_socket(WSK_FLAG_LISTEN_SOCKET);
    registration().release();
    ASSERT_EQ(bind(listener, {"127.0.0.1", 0}), STATUS_SUCCESS);
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    PWSK_SOCKET socket = accept(listener);
    EXPECT_EQ(send(socket, "hello"), STATUS_SUCCESS);
    EXPECT_EQ(peer.receive(5), "hello");
}

TEST_P(WskRegistration, R16_DeregistrationWaitsForTheReleaseOfTheNpi) {
    Deregistration deregistration(*this, registration());
    let_time_pass();
    EXPECT_FALSE(deregistration.has_returned());
    const unsigned release = next_in_sequence();
    registration().release();
    EXPECT_GT(deregistration.wait(), release);
}

TEST_P(WskRegistration, R17_DeregistrationWaitsForAnOpenSocket) {
    PWSK_SOCKET listener = make_listener();
    registration().release();
    Deregistration deregistration(*this, registration());
    let_time_pass();
    EXPECT_FALSE(deregistration.has_returned());
    const unsigned before_close = next_in_sequence();
    EXPECT_EQ(close(listener), STATUS_SUCCESS);
    EXPECT_GT(deregistration.wait(), before_close);
}

TEST_P(WskRegistration, R18_DeregistrationWaitsForAnAcceptedSocketWithoutItsListener) {
    PWSK_SOCKET listener = make_listener();
    TcpClient peer;
    ASSERT_TRUE(peer.connect(local_address(listener)));
    PWSK_SOCKET socket = accept(listener);
    EXPECT_EQ(close(listener), STATUS_SUCCESS);
    registration().release();
    Deregistration deregistration(*this, registration());
    let_time_pass();
    EXPECT_FALSE(deregistration.has_returned());
    const unsigned before_close = next_in_sequence();
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    EXPECT_GT(deregistration.wait(), before_close);
}

TEST_P(WskRegistration, R20_DeregistrationCancelsATransportListChange) {
    Registration other;
    Call call;
    call.returns(other.functions().WskControlClient(
        other.client(), WSK_TRANSPORT_LIST_CHANGE, 0, nullptr, 0, nullptr, nullptr, call.irp()));
    EXPECT_THAT(call, Pends());
    other.release();
    other.deregister();
    EXPECT_TRUE(call.completed());
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
}

TEST_P(WskRegistration, R21_DeregistrationWithNothingOutstandingReturns) {
    Registration other;
    other.release();
    Gate returned;
    TestThread thread = run_attached([&] {
        other.deregister();
        returned.open();
    });
    EXPECT_TRUE(returned.wait());
    thread.join();
}

TEST_P(WskRegistration, ACaptureAtTheEndOfDeregistrationFailsOrIsWaitedFor) {
    for (int round = 0; round < 100; ++round) {
        Registration other;
        other.release();
        std::atomic<int> captured = 0;
        TestThread thread = run_attached([&] {
            other.deregister();
            EXPECT_EQ(captured, 0);
        });
        WSK_PROVIDER_NPI npi;
        while (WskCaptureProviderNPI(&other.block(), WSK_NO_WAIT, &npi) == STATUS_SUCCESS) {
            ++captured;
            transport().yield();
            --captured;
            WskReleaseProviderNPI(&other.block());
        }
        thread.join();
    }
}

// A provider that is not ready until start().
class WskRegistrationNotReady : public ::testing::Test {
  protected:
    WskRegistrationNotReady() {
        platform_.host->start([this] { system_.enter_processor(); });
        system_.start();
        scope_.emplace(system_);
        WSK_CLIENT_NPI npi = {nullptr, &dispatch_};
        EXPECT_EQ(WskRegister(&npi, &block_), STATUS_SUCCESS);
    }
    ~WskRegistrationNotReady() override {
        provider_.stop();
        scope_.reset();
        system_.stop();
        platform_.host->stop();
        EXPECT_EQ(provider_.report_leaks() + system_.report_leaks(), 0u);
    }

    // WskCaptureProviderNPI on a thread of its own.
    TestThread capture(ULONG timeout, NTSTATUS& status) {
        return transport_->start_thread([this, timeout, &status] {
            const nt::ThreadScope scope(system_);
            WSK_PROVIDER_NPI npi;
            started_.open();
            status = WskCaptureProviderNPI(&block_, timeout, &npi);
            if (status == STATUS_SUCCESS) {
                WskReleaseProviderNPI(&block_);
            }
        });
    }

    const std::unique_ptr<Transport> transport_ = new_transport();
    const WSK_CLIENT_DISPATCH dispatch_ = {version_1_0, 0, nullptr};
    WSK_REGISTRATION block_ = {};
    Gate started_;
    probe::Probes probes_;
    const Platform platform_ = transport_->new_platform({});
    Faults faults_{7, true};
    nt::System system_{*platform_.host, probes_, faults_};
    wsk::Provider provider_{system_, *platform_.network, {}};
    std::optional<nt::ThreadScope> scope_;
};

TEST_F(WskRegistrationNotReady, R4_ACaptureWithoutWaitFails) {
    WSK_PROVIDER_NPI npi;
    EXPECT_EQ(WskCaptureProviderNPI(&block_, WSK_NO_WAIT, &npi), STATUS_DEVICE_NOT_READY);
    const KIRQL irql = KeRaiseIrqlToDpcLevel();
    EXPECT_EQ(WskCaptureProviderNPI(&block_, WSK_NO_WAIT, &npi), STATUS_DEVICE_NOT_READY);
    KeLowerIrql(irql);
    WskDeregister(&block_);
}

TEST_F(WskRegistrationNotReady, R5_ACaptureWithAFiniteWaitFailsAfterIt) {
    WSK_PROVIDER_NPI npi;
    const auto start = transport_->now();
    EXPECT_EQ(WskCaptureProviderNPI(&block_, 50, &npi), STATUS_DEVICE_NOT_READY);
    EXPECT_GE(transport_->now() - start, std::chrono::milliseconds(49));
    WskDeregister(&block_);
}

TEST_F(WskRegistrationNotReady, R6_AWaitingCaptureSucceedsWhenTheProviderBecomesReady) {
    NTSTATUS status = STATUS_UNSUCCESSFUL;
    TestThread thread = capture(WSK_INFINITE_WAIT, status);
    ASSERT_TRUE(started_.wait());
    provider_.start();
    thread.join();
    EXPECT_EQ(status, STATUS_SUCCESS);
    WskDeregister(&block_);
}

TEST_F(WskRegistrationNotReady, R7_DeregistrationEndsAnInfiniteWait) {
    NTSTATUS status = STATUS_UNSUCCESSFUL;
    TestThread thread = capture(WSK_INFINITE_WAIT, status);
    ASSERT_TRUE(started_.wait());
    WskDeregister(&block_);
    thread.join();
    EXPECT_EQ(status, STATUS_DEVICE_NOT_READY);
}

TEST_F(WskRegistrationNotReady, R12_AQueryFails) {
    WSK_PROVIDER_CHARACTERISTICS characteristics = {};
    EXPECT_EQ(WskQueryProviderCharacteristics(&block_, &characteristics), STATUS_DEVICE_NOT_READY);
    provider_.start();
    EXPECT_EQ(WskQueryProviderCharacteristics(&block_, &characteristics), STATUS_SUCCESS);
    WskDeregister(&block_);
}

}  // namespace
}  // namespace owsk::conformance
