// SPDX-License-Identifier: MIT
// Lookups whose answers and cancellations meet, lists that are forgotten, and a lack of memory.
#include "wsk/resolve/name_request.h"

#include "unit/wsk/provider_fixture.h"

namespace owsk::wsk {
namespace {

class NameRequestTest : public ProviderTest {
  protected:
    NameRequestTest() {
        provider().start();
        EXPECT_EQ(WskRegister(&npi_, &block_), STATUS_SUCCESS);
        EXPECT_EQ(WskCaptureProviderNPI(&block_, WSK_NO_WAIT, &provider_npi_), STATUS_SUCCESS);
    }
    ~NameRequestTest() override {
        if (result != nullptr) {
            functions().WskFreeAddressInfo(client(), result);
        }
        WskReleaseProviderNPI(&block_);
        WskDeregister(&block_);
    }

    PWSK_CLIENT client() const { return provider_npi_.Client; }
    const WSK_PROVIDER_DISPATCH& functions() const { return *provider_npi_.Dispatch; }
    NTSTATUS look_up(TestIrp& irp, PCWSTR name = L"server.example") {
        UNICODE_STRING node;
        RtlInitUnicodeString(&node, name);
        return functions().WskGetAddressInfo(client(),
                                             &node,
                                             nullptr,
                                             NS_ALL,
                                             nullptr,
                                             nullptr,
                                             &result,
                                             nullptr,
                                             nullptr,
                                             irp.get());
    }
    static net::LookupAnswer found() {
        net::LookupAnswer answer;
        answer.addresses = {{.family = Family::ipv4, .ip = {192, 0, 2, 1}}};
        return answer;
    }

    PADDRINFOEXW result = nullptr;

  private:
    const WSK_CLIENT_DISPATCH dispatch_ = {MAKE_WSK_VERSION(1, 0), 0, nullptr};
    WSK_CLIENT_NPI npi_ = {nullptr, &dispatch_};
    WSK_REGISTRATION block_ = {};
    WSK_PROVIDER_NPI provider_npi_ = {};
};

TEST_F(NameRequestTest, AnAnswerCompletesTheRequest) {
    TestIrp irp;
    ASSERT_EQ(look_up(irp), STATUS_PENDING);
    EXPECT_FALSE(irp.is_done());
    network().resolver().answer(found());
    ASSERT_EQ(irp.wait(), STATUS_SUCCESS);
    ASSERT_NE(result, nullptr);
    EXPECT_EQ(result->ai_next, nullptr);
}

TEST_F(NameRequestTest, ACancelledRequestCompletesWithoutAnAnswer) {
    TestIrp irp;
    ASSERT_EQ(look_up(irp), STATUS_PENDING);
    EXPECT_TRUE(IoCancelIrp(irp.get()));
    EXPECT_EQ(irp.wait(), STATUS_CANCELLED);
    EXPECT_EQ(network().resolver().abandoned(), 1);
    // It was just being told, and comes all the same.
    network().resolver().answer(found());
    EXPECT_EQ(result, nullptr);
}

TEST_F(NameRequestTest, AnIrpThatIsCancelledAlreadyAsksNobody) {
    TestIrp irp;
    IoCancelIrp(irp.get());
    EXPECT_EQ(irp.wait_after(look_up(irp)), STATUS_CANCELLED);
    EXPECT_FALSE(network().resolver().was_asked());
}

TEST_F(NameRequestTest, AnAnswerWithoutTheWantedFamilyIsNoMatch) {
    TestIrp irp;
    ASSERT_EQ(look_up(irp), STATUS_PENDING);
    network().resolver().answer({});
    EXPECT_EQ(irp.wait(), STATUS_NO_MATCH);
}

TEST_F(NameRequestTest, AResolverThatCannotStartFailsTheCall) {
    network().resolver().start_status = STATUS_INSUFFICIENT_RESOURCES;
    TestIrp irp;
    EXPECT_EQ(look_up(irp), STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_EQ(irp.wait(), STATUS_INSUFFICIENT_RESOURCES);
}

TEST_F(NameRequestTest, OneThatDoesNotBeginMayCompleteWhenNothingIsLeftOfIt) {
    network().resolver().start_status = STATUS_INSUFFICIENT_RESOURCES;
    faults().fail_nth(Fault::late_completion, 1);
    TestIrp irp;
    EXPECT_EQ(look_up(irp), STATUS_PENDING);
    EXPECT_EQ(irp.wait(), STATUS_INSUFFICIENT_RESOURCES);
    faults().fail_nth(Fault::late_completion, 1);
    TestIrp cancelled;
    IoCancelIrp(cancelled.get());
    EXPECT_EQ(look_up(cancelled), STATUS_PENDING);
    EXPECT_EQ(cancelled.wait(), STATUS_CANCELLED);
}

TEST_F(NameRequestTest, ALackOfMemoryIsAStatus) {
    TestIrp irp;
    faults().fail_nth(Fault::lookup_memory, 1);
    EXPECT_EQ(irp.wait_after(look_up(irp)), STATUS_INSUFFICIENT_RESOURCES);
    TestIrp answered;
    faults().fail_nth(Fault::lookup_memory, 2);
    ASSERT_EQ(look_up(answered), STATUS_PENDING);
    network().resolver().answer(found());
    EXPECT_EQ(answered.wait(), STATUS_INSUFFICIENT_RESOURCES);
    TestIrp numeric;
    faults().fail_nth(Fault::lookup_memory, 1);
    EXPECT_EQ(numeric.wait_after(look_up(numeric, L"192.0.2.1")), STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_EQ(result, nullptr);
}

TEST_F(NameRequestTest, AListThatIsNotFreedIsALeak) {
    TestIrp irp;
    ASSERT_EQ(irp.wait_after(look_up(irp, L"192.0.2.1")), STATUS_SUCCESS);
    EXPECT_EQ(provider().report_leaks(), 2u) << "the registration, and the list";
    functions().WskFreeAddressInfo(client(), result);
    result = nullptr;
    EXPECT_EQ(provider().report_leaks(), 1u);
}

TEST_F(NameRequestTest, NamesThatAreNotAsciiAreAskedInUtf8) {
    TestIrp irp;
    ASSERT_EQ(look_up(irp, L"b\u00FCcher.example"), STATUS_PENDING);
    EXPECT_EQ(std::get<net::AddressQuestion>(network().resolver().question()).host,
              "b\xC3\xBC"
              "cher.example");
    network().resolver().answer(found());
    EXPECT_EQ(irp.wait(), STATUS_SUCCESS);
}

}  // namespace
}  // namespace owsk::wsk
