// SPDX-License-Identifier: MIT
// Requests that belong to no socket, and complete after their call.
#include "wsk/request/ownerless_requests.h"

#include <atomic>

#include "unit/wsk/provider_fixture.h"

namespace owsk::wsk {
namespace {

class CountingKeeper final : public RequestKeeper {
  public:
    void request_began() noexcept override { ++began; }
    void request_ended() noexcept override {
        ended.store(true);
        ended.notify_all();
    }

    std::atomic<int> began = 0;
    std::atomic<bool> ended = false;
};

class OwnerlessRequestsTest : public ProviderTest {
  protected:
    OwnerlessRequestsTest() { provider().start(); }

    NTSTATUS finish(TestIrp& irp) {
        return provider().ownerless().finish(
            &keeper, Request::take(irp.get(), Operation::control, nullptr), STATUS_NOT_FOUND);
    }

    CountingKeeper keeper;
};

TEST_F(OwnerlessRequestsTest, OneThatCompletesInItsCallKeepsNobody) {
    TestIrp irp;
    EXPECT_EQ(finish(irp), STATUS_NOT_FOUND);
    EXPECT_EQ(irp.wait(), STATUS_NOT_FOUND);
    EXPECT_EQ(keeper.began, 0);
}

TEST_F(OwnerlessRequestsTest, OneThatCompletesLaterKeepsItsKeeperUntilThen) {
    faults().fail_nth(Fault::late_completion, 1);
    TestIrp irp;
    EXPECT_EQ(finish(irp), STATUS_PENDING);
    EXPECT_EQ(keeper.began, 1);
    keeper.ended.wait(false);
    EXPECT_TRUE(irp.is_done());
    EXPECT_EQ(irp.wait(), STATUS_NOT_FOUND);
}

}  // namespace
}  // namespace owsk::wsk
