// SPDX-License-Identifier: MIT
// What a driver is shown as the identifier of an attempt does not come from memory, and what the
// provider keeps of an attempt goes with it.
#include <memory>
#include <vector>

#include "listener_fixture.h"

namespace owsk::wsk {
namespace {

class InspectedOnce : public ListenerTest {
  public:
    InspectedOnce() {
        make_conditional();
        bind();
    }
    void TestBody() override {}
    WSK_INSPECT_ID first_id() {
        ask();
        EXPECT_TRUE(happens(heard().inspected));
        return heard().id;
    }
};

TEST(InspectIdTest, IsTheSameInEveryRunWhereverThingsLieInMemory) {
    const WSK_INSPECT_ID first = InspectedOnce().first_id();
    std::vector<std::unique_ptr<char[]>> in_the_way;
    for (std::size_t size = 16; size < 4096; size += 16) {
        in_the_way.push_back(std::make_unique<char[]>(size));
    }
    const WSK_INSPECT_ID second = InspectedOnce().first_id();
    EXPECT_EQ(first.Key, second.Key);
    EXPECT_EQ(first.SerialNumber, second.SerialNumber);
    // Addresses are larger.
    EXPECT_LT(first.Key, 0x10000U);
}

// The network has let go of its attempt; who else holds it?
class Forgotten : public ListenerTest {
  protected:
    Forgotten() {
        make_conditional();
        bind();
    }
    std::weak_ptr<FakeAttempt> inspected() {
        const std::weak_ptr<FakeAttempt> attempt = ask();
        EXPECT_TRUE(happens(heard().inspected));
        return attempt;
    }
    NTSTATUS judge(WSK_INSPECT_ACTION action) {
        TestIrp irp;
        functions().WskInspectComplete(socket(), &heard().id, action, irp.get());
        return irp.wait();
    }
};

TEST_F(Forgotten, AnAttemptThatWasReportedAsAbortedIsForgotten) {
    const std::weak_ptr<FakeAttempt> attempt = inspected();
    EXPECT_FALSE(attempt.expired());
    network().newest_listener().lose();
    ASSERT_TRUE(happens(heard().aborted));
    EXPECT_TRUE(attempt.expired());
    EXPECT_EQ(judge(WskInspectAccept), STATUS_NOT_FOUND);
}

TEST_F(Forgotten, AnAttemptThatWasRejectedIsForgotten) {
    const std::weak_ptr<FakeAttempt> attempt = inspected();
    EXPECT_EQ(judge(WskInspectReject), STATUS_SUCCESS);
    network().newest_listener().lose();
    close();
    EXPECT_TRUE(attempt.expired());
    EXPECT_EQ(heard().aborts, 0);
}

}  // namespace
}  // namespace owsk::wsk
