// SPDX-License-Identifier: MIT
// Name resolution, rules N1-N5 and N10: WskGetAddressInfo and WskFreeAddressInfo.
#include <cstring>

#include "conformance/name_fixture.h"

namespace owsk::conformance {
namespace {

using testing::Contains;
using testing::ElementsAre;

class WskGetAddressInfo : public NameTest {};
OWSK_IN_EVERY_MODE(WskGetAddressInfo);

TEST_P(WskGetAddressInfo, N1_NumbersNeedNobodyToAsk) {
    const ADDRINFOEXW stream = hints_of(AF_UNSPEC, 0, SOCK_STREAM);
    ASSERT_EQ(look_up(L"192.0.2.1", L"80", stream), STATUS_SUCCESS);
    EXPECT_THAT(endpoints(), ElementsAre("192.0.2.1 80"));
    const ADDRINFOEXW& v4 = *entries().at(0);
    EXPECT_EQ(v4.ai_family, AF_INET);
    EXPECT_EQ(v4.ai_socktype, SOCK_STREAM);
    EXPECT_EQ(v4.ai_protocol, IPPROTO_TCP);
    EXPECT_EQ(v4.ai_addrlen, sizeof(SOCKADDR_IN));
    EXPECT_EQ(v4.ai_canonname, nullptr);
    ASSERT_EQ(look_up(L"2001:db8::7", L"65535", stream), STATUS_SUCCESS);
    EXPECT_THAT(endpoints(), ElementsAre("2001:db8::7 65535"));
    EXPECT_EQ(entries().at(0)->ai_family, AF_INET6);
    EXPECT_EQ(entries().at(0)->ai_addrlen, sizeof(SOCKADDR_IN6));
    ASSERT_EQ(look_up(L"fe80::1%7", nullptr), STATUS_SUCCESS);
    SOCKADDR_IN6 in6;
    std::memcpy(&in6, entries().at(0)->ai_addr, sizeof in6);
    EXPECT_EQ(in6.sin6_scope_id, 7u);
    EXPECT_EQ(look_up(L"192.0.2.1", L"65536"), STATUS_NO_MATCH);
}

TEST_P(WskGetAddressInfo, N1_ALookupThatNeedsNobodyMayCompleteInItsCall) {
    Call call;
    const NTSTATUS returned = start_address_info(call, L"192.0.2.1", L"80", nullptr);
    if (immediate_mode()) {
        EXPECT_EQ(returned, STATUS_SUCCESS);
        EXPECT_TRUE(call.completed());
    } else if (windows_mode() || deferred_mode()) {
        EXPECT_EQ(returned, STATUS_PENDING);
    }
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    has_result_ = true;
}

TEST_P(WskGetAddressInfo, N2_AnUnknownNameHasNoMatch) {
    EXPECT_EQ(look_up(L"nobody.invalid", L"80"), transport().statuses_of_unknown().name);
    EXPECT_EQ(look_up(L"192.0.2.1", L"no-such-service"), STATUS_NO_MATCH);
    std::vector<WCHAR> long_name(2000, L'a');
    long_name.push_back(0);
    EXPECT_EQ(look_up(long_name.data(), nullptr), STATUS_NO_MATCH);
}

TEST_P(WskGetAddressInfo, N3_AnOwningThreadNeedsAnOwningProcess) {
    Text node(L"192.0.2.1");
    const auto get = [&](PEPROCESS process, PETHREAD thread, Call& call) {
        call.returns(provider().WskGetAddressInfo(client(),
                                                  node.get(),
                                                  nullptr,
                                                  NS_ALL,
                                                  nullptr,
                                                  nullptr,
                                                  &result_,
                                                  process,
                                                  thread,
                                                  call.irp()));
        return call.wait();
    };
    Call call;
    // A driver that frees what it finds there finds nothing.
    result_ = reinterpret_cast<PADDRINFOEXW>(&call);
    EXPECT_EQ(get(nullptr, PsGetCurrentThread(), call), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(result_, nullptr);
    EXPECT_EQ(get(PsGetCurrentProcess(), PsGetCurrentThread(), call), STATUS_SUCCESS);
    provider().WskFreeAddressInfo(client(), result_);
    EXPECT_EQ(get(PsGetCurrentProcess(), nullptr, call), STATUS_SUCCESS);
    has_result_ = true;
}

// What is left of a list is told as a leak, which the fixture does not expect.
TEST_P(WskGetAddressInfo, N4_AListIsFreedAsAWhole) {
    ASSERT_EQ(look_up(L"localhost", L"80"), STATUS_SUCCESS);
    free_result();
    provider().WskFreeAddressInfo(client(), nullptr);
}

TEST_P(WskGetAddressInfo, N5_TheFamilyAndTheTransportAreHonoured) {
    ASSERT_EQ(look_up(L"localhost", L"80", hints_of(AF_INET)), STATUS_SUCCESS);
    EXPECT_THAT(endpoints(), ElementsAre("127.0.0.1 80"));
    EXPECT_EQ(look_up(L"192.0.2.1", nullptr, hints_of(AF_INET6)), STATUS_NO_MATCH);
    EXPECT_EQ(look_up(L"192.0.2.1", nullptr, hints_of(AF_INET + 1)), STATUS_NOT_SUPPORTED);
    ASSERT_EQ(look_up(L"192.0.2.1", nullptr, hints_of(AF_UNSPEC, 0, 0, IPPROTO_UDP)),
              STATUS_SUCCESS);
    EXPECT_EQ(entries().at(0)->ai_socktype, SOCK_DGRAM);
    EXPECT_EQ(look_up(L"192.0.2.1", nullptr, hints_of(AF_UNSPEC, 0, SOCK_STREAM, IPPROTO_UDP)),
              STATUS_NOT_SUPPORTED);
    ASSERT_EQ(look_up(L"192.0.2.1", nullptr), STATUS_SUCCESS);
    EXPECT_EQ(entries().at(0)->ai_socktype, 0);
    EXPECT_EQ(entries().at(0)->ai_protocol, 0);
}

TEST_P(WskGetAddressInfo, N5_WithoutANodeThisComputerIsMeant) {
    ASSERT_EQ(look_up(nullptr, L"80"), STATUS_SUCCESS);
    EXPECT_THAT(endpoints(), ElementsAre("::1 80", "127.0.0.1 80"));
    ASSERT_EQ(look_up(nullptr, L"80", hints_of(AF_UNSPEC, AI_PASSIVE)), STATUS_SUCCESS);
    EXPECT_THAT(endpoints(), ElementsAre(":: 80", "0.0.0.0 80"));
    EXPECT_EQ(look_up(nullptr, nullptr), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(look_up(L"", L""), STATUS_INVALID_PARAMETER);
}

TEST_P(WskGetAddressInfo, N5_ServicesHaveNames) {
    ASSERT_EQ(look_up(L"192.0.2.1", L"http", hints_of(AF_UNSPEC, 0, SOCK_STREAM)), STATUS_SUCCESS);
    EXPECT_THAT(endpoints(), ElementsAre("192.0.2.1 80"));
    ASSERT_EQ(look_up(L"192.0.2.1", L"domain"), STATUS_SUCCESS);
    ASSERT_EQ(entries().size(), 2u);
    EXPECT_EQ(entries().at(0)->ai_protocol, IPPROTO_TCP);
    EXPECT_EQ(entries().at(1)->ai_protocol, IPPROTO_UDP);
    // Other systems may have it for UDP as well.
    if (transport().simulation() != nullptr) {
        EXPECT_EQ(look_up(L"192.0.2.1", L"ssh", hints_of(AF_UNSPEC, 0, SOCK_DGRAM)),
                  STATUS_NO_MATCH);
    }
    EXPECT_EQ(look_up(L"192.0.2.1", L"http", hints_of(AF_UNSPEC, AI_NUMERICSERV)), STATUS_NO_MATCH);
}

TEST_P(WskGetAddressInfo, N5_FlagsAreHonoured) {
    EXPECT_EQ(look_up(L"localhost", nullptr, hints_of(AF_UNSPEC, AI_NUMERICHOST)), STATUS_NO_MATCH);
    ASSERT_EQ(look_up(L"192.0.2.1", nullptr, hints_of(AF_INET6, AI_V4MAPPED)), STATUS_SUCCESS);
    EXPECT_THAT(endpoints(), ElementsAre("::ffff:192.0.2.1 0"));
    ASSERT_EQ(look_up(L"localhost", nullptr, hints_of(AF_INET6, AI_V4MAPPED | AI_ALL)),
              STATUS_SUCCESS);
    EXPECT_THAT(endpoints(), Contains("::ffff:127.0.0.1 0"));
    ASSERT_EQ(look_up(L"192.0.2.1", nullptr, hints_of(AF_UNSPEC, AI_CANONNAME)), STATUS_SUCCESS);
    ASSERT_NE(entries().at(0)->ai_canonname, nullptr);
    UNICODE_STRING name;
    RtlInitUnicodeString(&name, entries().at(0)->ai_canonname);
    EXPECT_EQ(name.Length, sizeof(WCHAR) * 9);
    EXPECT_EQ(look_up(nullptr, L"80", hints_of(AF_UNSPEC, AI_CANONNAME)), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(look_up(L"localhost", nullptr, hints_of(AF_UNSPEC, AI_CANONNAME | AI_FQDN)),
              STATUS_INVALID_PARAMETER);
    EXPECT_EQ(look_up(L"localhost", nullptr, hints_of(AF_UNSPEC, 1 << 30)),
              STATUS_INVALID_PARAMETER);
    ADDRINFOEXW hints = {};
    hints.ai_addrlen = 1;
    EXPECT_EQ(look_up(L"localhost", nullptr, hints), STATUS_INVALID_PARAMETER);
}

TEST_P(WskGetAddressInfo, N10_TheIrpHasTheStatus) {
    Call call;
    start_address_info(call, L"192.0.2.1", L"80", nullptr);
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), 0u);
    has_result_ = true;
    Call failing;
    free_result();
    start_address_info(failing, L"192.0.2.1", L"65536", nullptr);
    EXPECT_THAT(failing, CompletesWith(STATUS_NO_MATCH));
    EXPECT_EQ(failing.information(), static_cast<ULONG>(STATUS_NO_MATCH));
}

TEST_P(WskGetAddressInfo, StringsThatAreBrokenAreRefused) {
    std::array<WCHAR, 4> units = {L'a', L'b', L'c', L'd'};
    const auto with = [&](USHORT length, USHORT room, PWSTR buffer) {
        UNICODE_STRING node = {length, room, buffer};
        Call call;
        call.returns(provider().WskGetAddressInfo(client(),
                                                  &node,
                                                  nullptr,
                                                  NS_ALL,
                                                  nullptr,
                                                  nullptr,
                                                  &result_,
                                                  nullptr,
                                                  nullptr,
                                                  call.irp()));
        return call.wait();
    };
    EXPECT_EQ(with(3, 8, units.data()), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(with(8, 6, units.data()), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(with(4, 8, nullptr), STATUS_INVALID_PARAMETER);
    units[1] = 0;
    EXPECT_EQ(with(8, 8, units.data()), STATUS_INVALID_PARAMETER);
    units[1] = static_cast<WCHAR>(0xD800);
    EXPECT_EQ(with(8, 8, units.data()), STATUS_INVALID_PARAMETER);
}

TEST_P(WskGetAddressInfo, WhatIsNotHereIsNotSupported) {
    Text node(L"192.0.2.1");
    GUID provider_id = {};
    const auto with = [&](ULONG name_space, GUID* id, PADDRINFOEXW* result) {
        Call call;
        call.returns(provider().WskGetAddressInfo(client(),
                                                  node.get(),
                                                  nullptr,
                                                  name_space,
                                                  id,
                                                  nullptr,
                                                  result,
                                                  nullptr,
                                                  nullptr,
                                                  call.irp()));
        return call.wait();
    };
    EXPECT_EQ(with(NS_NLA, nullptr, &result_), STATUS_NOT_SUPPORTED);
    EXPECT_EQ(with(NS_ALL, &provider_id, &result_), STATUS_NOT_SUPPORTED);
    EXPECT_EQ(with(NS_ALL, nullptr, nullptr), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(with(NS_DNS, nullptr, &result_), STATUS_SUCCESS);
    has_result_ = true;
}

TEST_P(WskGetAddressInfo, C12_WithoutAnIrpOrAClientItIsRefused) {
    Text node(L"192.0.2.1");
    EXPECT_EQ(provider().WskGetAddressInfo(client(),
                                           node.get(),
                                           nullptr,
                                           NS_ALL,
                                           nullptr,
                                           nullptr,
                                           &result_,
                                           nullptr,
                                           nullptr,
                                           nullptr),
              STATUS_INVALID_PARAMETER);
    Call call;
    call.returns(provider().WskGetAddressInfo(nullptr,
                                              node.get(),
                                              nullptr,
                                              NS_ALL,
                                              nullptr,
                                              nullptr,
                                              &result_,
                                              nullptr,
                                              nullptr,
                                              call.irp()));
    EXPECT_THAT(call, CompletesWith(STATUS_INVALID_HANDLE));
}

// What follows needs names that the test gives.
class AddressInfoOfNames : public NameTest {
  protected:
    void SetUp() override {
        if (transport().simulation() == nullptr) {
            GTEST_SKIP() << "the names are the system's own";
        }
    }
    static void set_name(const char* name, const NameRules& rules) {
        transport().simulation()->set_name(name, rules);
    }
};
OWSK_IN_EVERY_MODE(AddressInfoOfNames);

TEST_P(AddressInfoOfNames, N5_ANameIsLookedUp) {
    set_name("www.example", {.addresses = {"192.0.2.5", "2001:db8::5"}, .canonical = "a.example"});
    Call call;
    const ADDRINFOEXW hints = hints_of(AF_UNSPEC, AI_CANONNAME, SOCK_STREAM);
    EXPECT_EQ(start_address_info(call, L"WWW.example", L"http", &hints), STATUS_PENDING);
    EXPECT_FALSE(call.completed());
    ASSERT_THAT(call, CompletesWith(STATUS_SUCCESS));
    has_result_ = true;
    EXPECT_THAT(endpoints(), ElementsAre("192.0.2.5 80", "2001:db8::5 80"));
    UNICODE_STRING name;
    RtlInitUnicodeString(&name, entries().at(0)->ai_canonname);
    EXPECT_EQ(name.Length, sizeof(WCHAR) * 9);
    EXPECT_EQ(entries().at(1)->ai_canonname, nullptr);
}

TEST_P(AddressInfoOfNames, N2_FailuresDiffer) {
    set_name("slow.example", {.failure = NameFailure::no_answer});
    set_name("gone.example", {.addresses = {"192.0.2.5"}, .failure = NameFailure::unknown});
    EXPECT_EQ(look_up(L"slow.example", nullptr), STATUS_IO_TIMEOUT);
    EXPECT_EQ(look_up(L"gone.example", nullptr), STATUS_NO_MATCH);
    set_name("slow.example", {.addresses = {"192.0.2.6"}});
    EXPECT_EQ(look_up(L"slow.example", nullptr), STATUS_SUCCESS);
}

TEST_P(AddressInfoOfNames, P13_ACancelledLookupCompletesAtOnce) {
    set_name("far.example", {.addresses = {"192.0.2.5"}, .delay = std::chrono::hours(1)});
    Call call;
    start_address_info(call, L"far.example", nullptr, nullptr);
    EXPECT_THAT(call, Pends());
    call.cancel();
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
    EXPECT_EQ(result_, nullptr);
}

TEST_P(AddressInfoOfNames, P15_ALookupThatWasCancelledBeforeIsNotMade) {
    set_name("far.example", {.addresses = {"192.0.2.5"}, .delay = std::chrono::hours(1)});
    Call call;
    Text node(L"far.example");
    const PIRP irp = call.irp();
    IoCancelIrp(irp);
    call.returns(provider().WskGetAddressInfo(
        client(), node.get(), nullptr, NS_ALL, nullptr, nullptr, &result_, nullptr, nullptr, irp));
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
}

TEST_P(AddressInfoOfNames, R19_WskDeregisterWaitsForALookup) {
    set_name("near.example", {.addresses = {"192.0.2.5"}, .delay = std::chrono::milliseconds(20)});
    Registration other;
    Call call;
    Text node(L"near.example");
    call.returns(other.functions().WskGetAddressInfo(other.client(),
                                                     node.get(),
                                                     nullptr,
                                                     NS_ALL,
                                                     nullptr,
                                                     nullptr,
                                                     &result_,
                                                     nullptr,
                                                     nullptr,
                                                     call.irp()));
    other.release();
    other.deregister();
    EXPECT_TRUE(call.completed());
    has_result_ = call.status() == STATUS_SUCCESS;
    EXPECT_TRUE(has_result_);
}

class AddressListRules : public NameTest {
  protected:
    void SetUp() override {
        GTEST_FLAG_SET(death_test_style, "threadsafe");
        ASSERT_EQ(look_up(L"localhost", L"80"), STATUS_SUCCESS);
    }
};
INSTANTIATE_TEST_SUITE_P(InMode,
                         AddressListRules,
                         testing::Values(CompletionMode::windows),
                         mode_name);

TEST_P(AddressListRules, AListThatIsFreedTwiceIsNamed) {
    EXPECT_DEATH(
        {
            provider().WskFreeAddressInfo(client(), result_);
            provider().WskFreeAddressInfo(client(), result_);
        },
        "rule: address-list-freed-twice\n.*WskFreeAddressInfo");
}

TEST_P(AddressListRules, WhatIsNoListIsNamed) {
    ADDRINFOEXW own = {};
    EXPECT_DEATH(provider().WskFreeAddressInfo(client(), &own),
                 "rule: address-list-not-recognized\n");
    EXPECT_DEATH(provider().WskFreeAddressInfo(client(), result_ + 1),
                 "rule: address-list-not-recognized\n");
}

TEST_P(AddressListRules, NamesAreForPassiveLevel) {
    const auto at_dispatch_level = [](const auto& function) {
        KIRQL irql;
        KeRaiseIrql(DISPATCH_LEVEL, &irql);
        function();
    };
    const std::string rule = "rule: function-called-above-its-irql\n.*";
    Call call;
    Room room;
    SOCKADDR_STORAGE address = sockaddr_of({"192.0.2.1", 80});
    PADDRINFOEXW list = nullptr;
    EXPECT_DEATH(at_dispatch_level([&] {
                     Text node(L"192.0.2.1");
                     provider().WskGetAddressInfo(client(),
                                                  node.get(),
                                                  nullptr,
                                                  NS_ALL,
                                                  nullptr,
                                                  nullptr,
                                                  &list,
                                                  nullptr,
                                                  nullptr,
                                                  call.irp());
                 }),
                 rule + "WskGetAddressInfo");
    EXPECT_DEATH(at_dispatch_level([&] { provider().WskFreeAddressInfo(client(), result_); }),
                 rule + "WskFreeAddressInfo");
    EXPECT_DEATH(at_dispatch_level([&] {
                     provider().WskGetNameInfo(client(),
                                               generic(address),
                                               sizeof address,
                                               room.get(),
                                               nullptr,
                                               NI_NUMERICHOST,
                                               nullptr,
                                               nullptr,
                                               call.irp());
                 }),
                 rule + "WskGetNameInfo");
}

}  // namespace
}  // namespace owsk::conformance
