// SPDX-License-Identifier: MIT
// Registration while the provider is not ready: before Provider::start().
#include <chrono>
#include <thread>

#include "provider_fixture.h"

namespace owsk::wsk {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

class NotReady : public ProviderTest {
  protected:
    NotReady() {
        WSK_CLIENT_NPI npi = {nullptr, &client_dispatch_};
        EXPECT_EQ(WskRegister(&npi, &registration_), STATUS_SUCCESS);
    }
    ~NotReady() override { WskDeregister(&registration_); }

    PWSK_REGISTRATION registration() { return &registration_; }

  private:
    const WSK_CLIENT_DISPATCH client_dispatch_ = {MAKE_WSK_VERSION(1, 0), 0, nullptr};
    WSK_REGISTRATION registration_ = {};
};

TEST_F(NotReady, R4_CaptureWithoutWaitReturnsDeviceNotReady) {
    WSK_PROVIDER_NPI npi = {};
    EXPECT_EQ(WskCaptureProviderNPI(registration(), WSK_NO_WAIT, &npi), STATUS_DEVICE_NOT_READY);
}

TEST_F(NotReady, R5_CaptureGivesUpAfterItsTimeout) {
    WSK_PROVIDER_NPI npi = {};
    const auto start = steady_clock::now();
    EXPECT_EQ(WskCaptureProviderNPI(registration(), 100, &npi), STATUS_DEVICE_NOT_READY);
    const auto passed = steady_clock::now() - start;
    EXPECT_GE(passed, milliseconds(99));
    EXPECT_LT(passed, milliseconds(10'000));
}

TEST_F(NotReady, R6_WaitingCaptureSucceedsWhenTheProviderBecomesReady) {
    WSK_PROVIDER_NPI npi = {};
    NTSTATUS status = STATUS_PENDING;
    std::thread waiter([&] {
        const nt::ThreadScope scope(system());
        status = WskCaptureProviderNPI(registration(), WSK_INFINITE_WAIT, &npi);
    });
    provider().start();
    waiter.join();
    ASSERT_EQ(status, STATUS_SUCCESS);
    EXPECT_NE(npi.Dispatch, nullptr);
    WskReleaseProviderNPI(registration());
}

TEST_F(NotReady, R6_WaitingCaptureWithATimeoutSucceedsWhenTheProviderBecomesReady) {
    WSK_PROVIDER_NPI npi = {};
    NTSTATUS status = STATUS_PENDING;
    std::thread waiter([&] {
        const nt::ThreadScope scope(system());
        status = WskCaptureProviderNPI(registration(), 20'000, &npi);
    });
    provider().start();
    waiter.join();
    ASSERT_EQ(status, STATUS_SUCCESS);
    WskReleaseProviderNPI(registration());
}

TEST_F(NotReady, R12_QueryReturnsDeviceNotReady) {
    WSK_PROVIDER_CHARACTERISTICS range = {};
    EXPECT_EQ(WskQueryProviderCharacteristics(registration(), &range), STATUS_DEVICE_NOT_READY);
    provider().start();
    EXPECT_EQ(WskQueryProviderCharacteristics(registration(), &range), STATUS_SUCCESS);
    EXPECT_LE(range.LowestVersion, MAKE_WSK_VERSION(1, 0));
    EXPECT_GE(range.HighestVersion, MAKE_WSK_VERSION(1, 0));
}

TEST_F(NotReady, CaptureAfterTheProviderHasStoppedReturnsDeviceNotReady) {
    provider().start();
    provider().stop();
    WSK_PROVIDER_NPI npi = {};
    EXPECT_EQ(WskCaptureProviderNPI(registration(), WSK_NO_WAIT, &npi), STATUS_DEVICE_NOT_READY);
}

}  // namespace
}  // namespace owsk::wsk
