// SPDX-License-Identifier: MIT
// The NMR between a client and a provider that have nothing to do with WSK.
#include <gmock/gmock.h>

#include <thread>

#include "unit/nt/executive_fixture.h"
#include "unit/nt/nmr/modules.h"

namespace owsk::nt {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Nmr : public ExecutiveTest {
  protected:
    static void part(TestClient& client) {
        EXPECT_EQ(client.leave(), STATUS_PENDING);
        EXPECT_EQ(client.wait(), STATUS_SUCCESS);
    }
    static void part(TestProvider& provider) {
        EXPECT_EQ(provider.leave(), STATUS_PENDING);
        EXPECT_EQ(provider.wait(), STATUS_SUCCESS);
    }

    Notes notes_;
    TestClient client_{notes_};
    TestProvider provider_{notes_};
};
using NmrDeathTest = Nmr;

TEST_F(Nmr, AClientIsOfferedTheProviderThatIsThere) {
    ASSERT_EQ(provider_.enroll(), STATUS_SUCCESS);
    EXPECT_THAT(notes_.take(), IsEmpty());
    ASSERT_EQ(client_.enroll(), STATUS_SUCCESS);
    EXPECT_THAT(notes_.take(), ElementsAre("client is offered", "provider is asked"));
    // Each has got what the other has given.
    EXPECT_EQ(client_.provider_instance, &provider_.characteristics.ProviderRegistrationInstance);
    EXPECT_EQ(client_.provider_context, &provider_);
    EXPECT_EQ(client_.functions, &provider_.table);
    EXPECT_EQ(provider_.client_instance, &client_.characteristics.ClientRegistrationInstance);
    EXPECT_EQ(provider_.client_context, &client_);
    EXPECT_EQ(provider_.client_dispatch, &client_.table);
    EXPECT_EQ(provider_.binding, client_.binding);
    part(client_);
    part(provider_);
}

TEST_F(Nmr, AClientIsOfferedAProviderThatComesLater) {
    ASSERT_EQ(client_.enroll(), STATUS_SUCCESS);
    EXPECT_THAT(notes_.take(), IsEmpty());
    ASSERT_EQ(provider_.enroll(), STATUS_SUCCESS);
    EXPECT_THAT(notes_.take(), ElementsAre("client is offered", "provider is asked"));
    part(provider_);
    notes_.take();
    // And one that comes again.
    ASSERT_EQ(provider_.enroll(), STATUS_SUCCESS);
    EXPECT_THAT(notes_.take(), ElementsAre("client is offered", "provider is asked"));
    part(provider_);
    part(client_);
}

TEST_F(Nmr, AProviderOfAnotherInterfaceIsNotOffered) {
    TestProvider other(notes_, "other", other_interface);
    ASSERT_EQ(other.enroll(), STATUS_SUCCESS);
    ASSERT_EQ(client_.enroll(), STATUS_SUCCESS);
    EXPECT_THAT(notes_.take(), IsEmpty());
    part(client_);
    part(other);
}

TEST_F(Nmr, EachClientIsOfferedEachProvider) {
    TestClient second(notes_, "second client");
    TestProvider other(notes_, "second provider");
    ASSERT_EQ(client_.enroll(), STATUS_SUCCESS);
    ASSERT_EQ(provider_.enroll(), STATUS_SUCCESS);
    ASSERT_EQ(other.enroll(), STATUS_SUCCESS);
    notes_.take();
    ASSERT_EQ(second.enroll(), STATUS_SUCCESS);
    EXPECT_THAT(notes_.take(),
                ElementsAre("second client is offered",
                            "provider is asked",
                            "second client is offered",
                            "second provider is asked"));
    part(provider_);
    EXPECT_THAT(notes_.take(),
                ElementsAre("provider detaches",
                            "client detaches",
                            "client cleans up",
                            "provider cleans up",
                            "provider detaches",
                            "second client detaches",
                            "second client cleans up",
                            "provider cleans up"));
    part(client_);
    part(second);
    part(other);
}

TEST_F(Nmr, AClientThatDeclinesIsNotDetached) {
    client_.answer = [] { return STATUS_NOINTERFACE; };
    ASSERT_EQ(provider_.enroll(), STATUS_SUCCESS);
    ASSERT_EQ(client_.enroll(), STATUS_SUCCESS);
    EXPECT_THAT(notes_.take(), ElementsAre("client is offered"));
    part(client_);
    part(provider_);
    EXPECT_THAT(notes_.take(), IsEmpty());
}

TEST_F(Nmr, AClientThatIsRefusedMayTryAgain) {
    provider_.disliked = &client_.table;
    const int better = 0;
    client_.answer = [&] {
        EXPECT_EQ(client_.attach(&client_.table), STATUS_NOINTERFACE);
        EXPECT_EQ(client_.functions, nullptr);
        const NTSTATUS status = client_.attach(&better);
        EXPECT_EQ(client_.attach(&better), STATUS_INVALID_PARAMETER);
        return status;
    };
    ASSERT_EQ(provider_.enroll(), STATUS_SUCCESS);
    ASSERT_EQ(client_.enroll(), STATUS_SUCCESS);
    EXPECT_EQ(client_.functions, &provider_.table);
    part(client_);
    part(provider_);
}

TEST_F(Nmr, AClientThatLeavesIsAskedFirst) {
    ASSERT_EQ(provider_.enroll(), STATUS_SUCCESS);
    ASSERT_EQ(client_.enroll(), STATUS_SUCCESS);
    notes_.take();
    EXPECT_EQ(client_.leave(), STATUS_PENDING);
    EXPECT_THAT(
        notes_.take(),
        ElementsAre(
            "client detaches", "provider detaches", "client cleans up", "provider cleans up"));
    EXPECT_EQ(client_.wait(), STATUS_SUCCESS);
    part(provider_);
    EXPECT_THAT(notes_.take(), IsEmpty());
}

TEST_F(Nmr, WithoutACleanupNobodyIsCalled) {
    client_.characteristics.ClientCleanupBindingContext = nullptr;
    provider_.characteristics.ProviderCleanupBindingContext = nullptr;
    ASSERT_EQ(provider_.enroll(), STATUS_SUCCESS);
    ASSERT_EQ(client_.enroll(), STATUS_SUCCESS);
    notes_.take();
    part(client_);
    EXPECT_THAT(notes_.take(), ElementsAre("client detaches", "provider detaches"));
    part(provider_);
}

TEST_F(Nmr, WhatIsPendingIsWaitedForOnBothSides) {
    client_.detach_answer = STATUS_PENDING;
    provider_.detach_answer = STATUS_PENDING;
    ASSERT_EQ(provider_.enroll(), STATUS_SUCCESS);
    ASSERT_EQ(client_.enroll(), STATUS_SUCCESS);
    EXPECT_EQ(client_.leave(), STATUS_PENDING);
    notes_.take();
    std::thread waiter([this] {
        const ThreadScope scope(system());
        EXPECT_EQ(client_.wait(), STATUS_SUCCESS);
        notes_.add("the wait is over");
    });
    EXPECT_NE(system().nmr.describe().find("without NmrClientDetachProviderComplete"),
              std::string::npos);
    provider_.complete();
    EXPECT_THAT(notes_.take(), IsEmpty());
    client_.complete();
    waiter.join();
    EXPECT_THAT(notes_.take(),
                ElementsAre("client cleans up", "provider cleans up", "the wait is over"));
    part(provider_);
}

TEST_F(Nmr, ADetachMayBeCompletedBeforeItsCallbackReturns) {
    client_.detach_answer = STATUS_PENDING;
    client_.on_detach = [this] { client_.complete(); };
    ASSERT_EQ(provider_.enroll(), STATUS_SUCCESS);
    ASSERT_EQ(client_.enroll(), STATUS_SUCCESS);
    part(client_);
    part(provider_);
}

TEST_F(Nmr, DeregistrationIsPossibleAtDispatchLevel) {
    ASSERT_EQ(provider_.enroll(), STATUS_SUCCESS);
    ASSERT_EQ(client_.enroll(), STATUS_SUCCESS);
    client_.detach_answer = STATUS_PENDING;
    const KIRQL irql = KeRaiseIrqlToDpcLevel();
    EXPECT_EQ(client_.leave(), STATUS_PENDING);
    client_.complete();
    EXPECT_EQ(provider_.leave(), STATUS_PENDING);
    KeLowerIrql(irql);
    EXPECT_EQ(client_.wait(), STATUS_SUCCESS);
    EXPECT_EQ(provider_.wait(), STATUS_SUCCESS);
}

TEST_F(Nmr, AHandleThatIsNotOneIsRefused) {
    ASSERT_EQ(provider_.enroll(), STATUS_SUCCESS);
    ASSERT_EQ(client_.enroll(), STATUS_SUCCESS);
    EXPECT_EQ(client_.wait(), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(provider_.wait(), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(NmrDeregisterClient(provider_.handle), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(NmrDeregisterProvider(client_.handle), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(NmrDeregisterClient(nullptr), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(client_.attach(&client_.table), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(client_.leave(), STATUS_PENDING);
    EXPECT_EQ(client_.leave(), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(client_.wait(), STATUS_SUCCESS);
    EXPECT_EQ(client_.wait(), STATUS_INVALID_PARAMETER);
    part(provider_);
}

TEST_F(Nmr, CharacteristicsThatSayTooLittleAreRefused) {
    client_.characteristics.Length = sizeof(NPI_CLIENT_CHARACTERISTICS) - 1;
    EXPECT_EQ(client_.enroll(), STATUS_INVALID_PARAMETER);
    client_.characteristics.Length = sizeof(NPI_CLIENT_CHARACTERISTICS);
    client_.characteristics.ClientDetachProvider = nullptr;
    EXPECT_EQ(client_.enroll(), STATUS_INVALID_PARAMETER);
    provider_.characteristics.Version = 1;
    EXPECT_EQ(provider_.enroll(), STATUS_INVALID_PARAMETER);
    provider_.characteristics.Version = 0;
    provider_.characteristics.ProviderRegistrationInstance.NpiId = nullptr;
    EXPECT_EQ(provider_.enroll(), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(NmrRegisterClient(nullptr, nullptr, &client_.handle), STATUS_INVALID_PARAMETER);
}

TEST_F(Nmr, AProviderThatLeavesWhileItIsOfferedIsNotAttached) {
    client_.answer = [this] {
        EXPECT_EQ(provider_.leave(), STATUS_PENDING);
        const NTSTATUS status = client_.attach(&client_.table);
        EXPECT_EQ(status, STATUS_DEVICE_NOT_READY);
        return status;
    };
    ASSERT_EQ(provider_.enroll(), STATUS_SUCCESS);
    ASSERT_EQ(client_.enroll(), STATUS_SUCCESS);
    EXPECT_THAT(notes_.take(), ElementsAre("client is offered"));
    EXPECT_EQ(provider_.wait(), STATUS_SUCCESS);
    part(client_);
}

TEST_F(Nmr, AProviderThatLeavesWhileAClientAttachesIsDetachedAfterwards) {
    client_.answer = [this] {
        const NTSTATUS status = client_.attach(&client_.table);
        EXPECT_EQ(provider_.leave(), STATUS_PENDING);
        notes_.add("client is attached");
        return status;
    };
    ASSERT_EQ(provider_.enroll(), STATUS_SUCCESS);
    ASSERT_EQ(client_.enroll(), STATUS_SUCCESS);
    EXPECT_THAT(notes_.take(),
                ElementsAre("client is offered",
                            "provider is asked",
                            "client is attached",
                            "provider detaches",
                            "client detaches",
                            "client cleans up",
                            "provider cleans up"));
    EXPECT_EQ(provider_.wait(), STATUS_SUCCESS);
    part(client_);
}

TEST_F(Nmr, ARegistrationCanFail) {
    faults().fail_nth(Fault::registration, 1);
    EXPECT_EQ(client_.enroll(), STATUS_INSUFFICIENT_RESOURCES);
    faults().fail_nth(Fault::registration, 1);
    EXPECT_EQ(provider_.enroll(), STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_EQ(client_.handle, nullptr);
}

TEST_F(Nmr, WhatIsLeftIsALeak) {
    ASSERT_EQ(provider_.enroll(), STATUS_SUCCESS);
    ASSERT_EQ(client_.enroll(), STATUS_SUCCESS);
    EXPECT_EQ(client_.leave(), STATUS_PENDING);
    EXPECT_EQ(system().report_leaks(), 2U);
    using testing::HasSubstr;
    EXPECT_THAT(
        observer().leaks(),
        testing::UnorderedElementsAre(
            HasSubstr("NmrRegisterClient without NmrWaitForClientDeregisterComplete"),
            HasSubstr("NMR registration: NmrRegisterProvider without NmrDeregisterProvider")));
    EXPECT_EQ(client_.wait(), STATUS_SUCCESS);
    part(provider_);
}

TEST_F(NmrDeathTest, AnotherResultThanThatOfTheAttachIsNamed) {
    ASSERT_EQ(provider_.enroll(), STATUS_SUCCESS);
    client_.answer = [this] {
        client_.attach(&client_.table);
        return STATUS_NOINTERFACE;
    };
    EXPECT_DEATH(client_.enroll(), "rule: attach-status-not-passed-on\n.*had succeeded");
    client_.answer = [] { return STATUS_SUCCESS; };
    EXPECT_DEATH(client_.enroll(), "rule: attach-status-not-passed-on\n.*no call");
    part(provider_);
}

TEST_F(NmrDeathTest, ACompletionThatNobodyWaitsForIsNamed) {
    ASSERT_EQ(provider_.enroll(), STATUS_SUCCESS);
    ASSERT_EQ(client_.enroll(), STATUS_SUCCESS);
    const char* const of_client =
        "rule: detach-completed-without-pending\n.*NmrClientDetachProviderComplete";
    EXPECT_DEATH(client_.complete(), of_client);
    EXPECT_DEATH(provider_.complete(), "NmrProviderDetachClientComplete was called");
    EXPECT_DEATH(
        {
            client_.on_detach = [this] { client_.complete(); };
            client_.leave();
        },
        of_client);
    EXPECT_DEATH(
        {
            client_.detach_answer = STATUS_PENDING;
            provider_.detach_answer = STATUS_PENDING;
            client_.leave();
            client_.complete();
            client_.complete();
        },
        of_client);
    part(client_);
    part(provider_);
    EXPECT_DEATH(client_.complete(), of_client);
}

}  // namespace
}  // namespace owsk::nt
