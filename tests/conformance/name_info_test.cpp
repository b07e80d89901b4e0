// SPDX-License-Identifier: MIT
// Name resolution, rules N6-N9: WskGetNameInfo.
#include "conformance/name_fixture.h"

namespace owsk::conformance {
namespace {

class WskGetNameInfo : public NameTest {};
OWSK_IN_EVERY_MODE(WskGetNameInfo);

constexpr ULONG numeric = NI_NUMERICHOST | NI_NUMERICSERV;

TEST_P(WskGetNameInfo, N6_NumbersEndWithANul) {
    Room node;
    Room service;
    ASSERT_EQ(name_info({"192.0.2.1", 80}, &node, &service, numeric), STATUS_SUCCESS);
    EXPECT_EQ(node.text(), "192.0.2.1");
    EXPECT_EQ(service.text(), "80");
    Room exact(sizeof L"2001:db8::1");
    ASSERT_EQ(name_info({"2001:db8::1", 0}, &exact, nullptr, numeric), STATUS_SUCCESS);
    EXPECT_EQ(exact.text(), "2001:db8::1");
}

TEST_P(WskGetNameInfo, N6_RoomThatIsTooSmallIsLeftAlone) {
    Room node(sizeof L"192.0.2.1" - 1);
    Room service;
    EXPECT_EQ(name_info({"192.0.2.1", 80}, &node, &service, numeric), STATUS_BUFFER_TOO_SMALL);
    EXPECT_TRUE(node.is_untouched());
    EXPECT_TRUE(service.is_untouched());
    Room none(0);
    EXPECT_EQ(name_info({"192.0.2.1", 80}, &none, nullptr, numeric), STATUS_BUFFER_TOO_SMALL);
}

TEST_P(WskGetNameInfo, N6_ALinkLocalAddressHasItsScope) {
    SOCKADDR_IN6 address = {};
    address.sin6_family = AF_INET6;
    address.sin6_addr.s6_addr[0] = 0xFE;
    address.sin6_addr.s6_addr[1] = 0x80;
    address.sin6_scope_id = 3;
    Room node;
    Call call;
    call.returns(provider().WskGetNameInfo(client(),
                                           reinterpret_cast<PSOCKADDR>(&address),
                                           sizeof address,
                                           node.get(),
                                           nullptr,
                                           numeric,
                                           nullptr,
                                           nullptr,
                                           call.irp()));
    ASSERT_THAT(call, CompletesWith(STATUS_SUCCESS));
    EXPECT_EQ(call.information(), 0u);
    EXPECT_EQ(node.text(), "fe80::%3");
}

TEST_P(WskGetNameInfo, N7_OneOfTheStringsIsNeeded) {
    EXPECT_EQ(name_info({"192.0.2.1", 80}, nullptr, nullptr, numeric), STATUS_INVALID_PARAMETER);
    Room node;
    node.string().Buffer = nullptr;
    EXPECT_EQ(name_info({"192.0.2.1", 80}, &node, nullptr, numeric), STATUS_INVALID_PARAMETER);
}

TEST_P(WskGetNameInfo, N8_ANameThatIsRequiredIsMissed) {
    Room node;
    EXPECT_EQ(name_info({unnamed_address, 80}, &node, nullptr, NI_NAMEREQD),
              transport().statuses_of_unknown().address);
    EXPECT_TRUE(node.is_untouched());
}

TEST_P(WskGetNameInfo, N9_WithoutANameThereIsItsNumber) {
    Room node;
    Room service;
    ASSERT_EQ(name_info({unnamed_address, 64999}, &node, &service, 0), STATUS_SUCCESS);
    EXPECT_EQ(node.text(), unnamed_address);
    EXPECT_EQ(service.text(), "64999");
}

TEST_P(WskGetNameInfo, ServicesHaveNames) {
    Room service;
    ASSERT_EQ(name_info({"192.0.2.1", 80}, nullptr, &service, 0), STATUS_SUCCESS);
    EXPECT_EQ(service.text(), "http");
    Room datagram;
    ASSERT_EQ(name_info({"192.0.2.1", 53}, nullptr, &datagram, NI_DGRAM), STATUS_SUCCESS);
    EXPECT_EQ(datagram.text(), "domain");
}

TEST_P(WskGetNameInfo, ThisComputerIsLocalhost) {
    Room node;
    ASSERT_EQ(name_info({"127.0.0.1", 80}, &node, nullptr, NI_NAMEREQD), STATUS_SUCCESS);
    EXPECT_EQ(node.text(), "localhost");
}

TEST_P(WskGetNameInfo, NamesAndTheirShortForms) {
    Simulation* const simulation = transport().simulation();
    if (simulation == nullptr) {
        GTEST_SKIP() << "the names are the system's own";
    }
    simulation->set_name("server.example", {.addresses = {"198.51.100.1"}});
    simulation->set_name("mail.example", {.addresses = {"192.0.2.25"}});
    Room full;
    ASSERT_EQ(name_info({"198.51.100.1", 80}, &full, nullptr, 0), STATUS_SUCCESS);
    EXPECT_EQ(full.text(), "server.example");
    Room own;
    ASSERT_EQ(name_info({"198.51.100.1", 80}, &own, nullptr, NI_NOFQDN), STATUS_SUCCESS);
    EXPECT_EQ(own.text(), "server");
    Room other;
    ASSERT_EQ(name_info({"192.0.2.25", 80}, &other, nullptr, NI_NOFQDN), STATUS_SUCCESS);
    EXPECT_EQ(other.text(), "mail.example");
}

TEST_P(WskGetNameInfo, WhatIsWrongIsRefused) {
    SOCKADDR_STORAGE address = sockaddr_of({"192.0.2.1", 80});
    Room node;
    const auto with = [&](PSOCKADDR given, ULONG length, ULONG flags) {
        Call call;
        call.returns(provider().WskGetNameInfo(
            client(), given, length, node.get(), nullptr, flags, nullptr, nullptr, call.irp()));
        return call.wait();
    };
    EXPECT_EQ(with(nullptr, 0, numeric), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(with(generic(address), sizeof(SOCKADDR_IN) - 1, numeric), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(with(generic(address), sizeof address + 1, numeric), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(with(generic(address), sizeof address, 1 << 20), STATUS_INVALID_PARAMETER);
    address.ss_family = AF_INET + 1;
    EXPECT_EQ(with(generic(address), sizeof address, numeric), STATUS_NOT_SUPPORTED);
    EXPECT_TRUE(node.is_untouched());
}

TEST_P(WskGetNameInfo, C12_WithoutAnIrpItIsRefused) {
    SOCKADDR_STORAGE address = sockaddr_of({"192.0.2.1", 80});
    Room node;
    EXPECT_EQ(provider().WskGetNameInfo(client(),
                                        generic(address),
                                        sizeof address,
                                        node.get(),
                                        nullptr,
                                        numeric,
                                        nullptr,
                                        nullptr,
                                        nullptr),
              STATUS_INVALID_PARAMETER);
    Call call;
    call.returns(provider().WskGetNameInfo(client(),
                                           generic(address),
                                           sizeof address,
                                           node.get(),
                                           nullptr,
                                           numeric,
                                           nullptr,
                                           PsGetCurrentThread(),
                                           call.irp()));
    EXPECT_THAT(call, CompletesWith(STATUS_INVALID_PARAMETER));
}

}  // namespace
}  // namespace owsk::conformance
