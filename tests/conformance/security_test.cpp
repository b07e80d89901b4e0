// SPDX-License-Identifier: MIT
// Security descriptors: WSK_CACHE_SD and WSK_RELEASE_SD, SO_WSK_SECURITY, the parameters of
// WskSocket and WskSocketConnect, and what they mean for the sharing of an address.
#include <cstring>

#include "conformance/wsk_fixture.h"

namespace owsk::conformance {
namespace {

class WskSecurity : public WskTest {
  protected:
    // Everybody may do everything, and nobody anything.
    static SECURITY_DESCRIPTOR open_to_all() { return descriptor_with(nullptr); }
    static SECURITY_DESCRIPTOR closed_to_all() {
        static ACL nobody = {ACL_REVISION, 0, sizeof nobody, 0, 0};
        return descriptor_with(&nobody);
    }
    static SECURITY_DESCRIPTOR descriptor_with(PACL list) {
        SECURITY_DESCRIPTOR descriptor;
        EXPECT_EQ(RtlCreateSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION),
                  STATUS_SUCCESS);
        EXPECT_EQ(RtlSetDaclSecurityDescriptor(&descriptor, TRUE, list, FALSE), STATUS_SUCCESS);
        return descriptor;
    }

    NTSTATUS control(ULONG code, PSECURITY_DESCRIPTOR* in, PSECURITY_DESCRIPTOR* out) {
        return provider().WskControlClient(client(),
                                           code,
                                           in != nullptr ? sizeof *in : 0,
                                           in,
                                           out != nullptr ? sizeof *out : 0,
                                           out,
                                           nullptr,
                                           nullptr);
    }
    PSECURITY_DESCRIPTOR cache(SECURITY_DESCRIPTOR descriptor) {
        PSECURITY_DESCRIPTOR uncached = &descriptor;
        PSECURITY_DESCRIPTOR cached = nullptr;
        EXPECT_EQ(control(WSK_CACHE_SD, &uncached, &cached), STATUS_SUCCESS);
        EXPECT_NE(cached, nullptr);
        return cached;
    }
    NTSTATUS release(PSECURITY_DESCRIPTOR cached) {
        return control(WSK_RELEASE_SD, &cached, nullptr);
    }

    NTSTATUS set_security(PWSK_SOCKET socket, PSECURITY_DESCRIPTOR descriptor) {
        Call call;
        call.returns(basic_functions(socket).WskControlSocket(socket,
                                                              WskSetOption,
                                                              SO_WSK_SECURITY,
                                                              SOL_SOCKET,
                                                              sizeof descriptor,
                                                              &descriptor,
                                                              0,
                                                              nullptr,
                                                              nullptr,
                                                              call.irp()));
        return call.wait();
    }
    NTSTATUS get_security(PWSK_SOCKET socket,
                          PSECURITY_DESCRIPTOR& descriptor,
                          SIZE_T size = sizeof(PSECURITY_DESCRIPTOR)) {
        Call call;
        call.returns(basic_functions(socket).WskControlSocket(socket,
                                                              WskGetOption,
                                                              SO_WSK_SECURITY,
                                                              SOL_SOCKET,
                                                              0,
                                                              nullptr,
                                                              size,
                                                              &descriptor,
                                                              nullptr,
                                                              call.irp()));
        const NTSTATUS status = call.wait();
        EXPECT_EQ(call.information(), NT_SUCCESS(status) ? sizeof descriptor : 0u);
        return status;
    }
    PWSK_SOCKET make_secured(ULONG flags,
                             PSECURITY_DESCRIPTOR descriptor,
                             PEPROCESS process = nullptr,
                             PETHREAD thread = nullptr) {
        const bool is_datagram = flags == WSK_FLAG_DATAGRAM_SOCKET;
        Call call;
        call.returns(provider().WskSocket(client(),
                                          AF_INET,
                                          is_datagram ? SOCK_DGRAM : SOCK_STREAM,
                                          is_datagram ? IPPROTO_UDP : IPPROTO_TCP,
                                          flags,
                                          nullptr,
                                          nullptr,
                                          process,
                                          thread,
                                          descriptor,
                                          call.irp()));
        EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
        return socket_of(call, flags);
    }
    static constexpr ULONG with_address[] = {WSK_FLAG_LISTEN_SOCKET,
                                             WSK_FLAG_CONNECTION_SOCKET,
                                             WSK_FLAG_STREAM_SOCKET,
                                             WSK_FLAG_DATAGRAM_SOCKET};
};
OWSK_IN_EVERY_MODE(WskSecurity);

TEST_P(WskSecurity, CO4_ACachedDescriptorIsAWellFormedCopy) {
    const PSECURITY_DESCRIPTOR cached = cache(closed_to_all());
    EXPECT_TRUE(RtlValidSecurityDescriptor(cached));
    const auto& copy = *static_cast<const SECURITY_DESCRIPTOR_RELATIVE*>(cached);
    EXPECT_EQ(copy.Control, SE_DACL_PRESENT | SE_SELF_RELATIVE);
    // A copy of the copy is another one.
    PSECURITY_DESCRIPTOR first = cached;
    PSECURITY_DESCRIPTOR second = nullptr;
    EXPECT_EQ(control(WSK_CACHE_SD, &first, &second), STATUS_SUCCESS);
    EXPECT_EQ(std::memcmp(first, second, RtlLengthSecurityDescriptor(first)), 0);
    EXPECT_EQ(release(second), STATUS_SUCCESS);
    EXPECT_EQ(release(cached), STATUS_SUCCESS);
}

TEST_P(WskSecurity, CO4_WhatIsNoDescriptorIsNotCached) {
    SECURITY_DESCRIPTOR descriptor = {};
    PSECURITY_DESCRIPTOR uncached = &descriptor;
    PSECURITY_DESCRIPTOR cached = nullptr;
    EXPECT_EQ(control(WSK_CACHE_SD, &uncached, &cached), STATUS_INVALID_SECURITY_DESCR);
    EXPECT_EQ(control(WSK_CACHE_SD, nullptr, &cached), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(control(WSK_CACHE_SD, &uncached, nullptr), STATUS_INVALID_PARAMETER);
    uncached = nullptr;
    EXPECT_EQ(control(WSK_CACHE_SD, &uncached, &cached), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(control(WSK_RELEASE_SD, &uncached, nullptr), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(control(WSK_RELEASE_SD, nullptr, nullptr), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(cached, nullptr);
}

TEST_P(WskSecurity, CO4_AnIrpWhereNoneMayBeFails) {
    SECURITY_DESCRIPTOR descriptor = open_to_all();
    PSECURITY_DESCRIPTOR uncached = &descriptor;
    PSECURITY_DESCRIPTOR cached = nullptr;
    Call call;
    call.returns(provider().WskControlClient(client(),
                                             WSK_CACHE_SD,
                                             sizeof uncached,
                                             &uncached,
                                             sizeof cached,
                                             &cached,
                                             nullptr,
                                             call.irp()));
    EXPECT_THAT(call, CompletesWith(STATUS_INVALID_PARAMETER));
    EXPECT_EQ(cached, nullptr);
}

TEST_P(WskSecurity, CO5_ASocketKeepsTheDescriptorThatItGets) {
    const PSECURITY_DESCRIPTOR cached = cache(open_to_all());
    for (const ULONG flags : with_address) {
        PWSK_SOCKET socket = make_secured(flags, nullptr);
        EXPECT_EQ(set_security(socket, cached), STATUS_SUCCESS);
        PSECURITY_DESCRIPTOR shown = nullptr;
        EXPECT_EQ(get_security(socket, shown), STATUS_SUCCESS);
        EXPECT_EQ(shown, cached);
        EXPECT_EQ(release(shown), STATUS_SUCCESS);
        // Made with it, a socket has it at once.
        PWSK_SOCKET other = make_secured(flags, cached);
        EXPECT_EQ(get_security(other, shown), STATUS_SUCCESS);
        EXPECT_EQ(shown, cached);
        EXPECT_EQ(release(shown), STATUS_SUCCESS);
    }
    EXPECT_EQ(release(cached), STATUS_SUCCESS);
}

TEST_P(WskSecurity, CO5_ASocketHasADescriptorThatAllowsNobodyToShare) {
    for (const ULONG flags : with_address) {
        PWSK_SOCKET socket = make_secured(flags, nullptr);
        PSECURITY_DESCRIPTOR shown = nullptr;
        ASSERT_EQ(get_security(socket, shown), STATUS_SUCCESS);
        EXPECT_TRUE(RtlValidSecurityDescriptor(shown));
        EXPECT_EQ(release(shown), STATUS_SUCCESS);
    }
}

TEST_P(WskSecurity, CO5_ADescriptorComesBeforeTheBind) {
    const PSECURITY_DESCRIPTOR cached = cache(open_to_all());
    TcpClient peer;
    PWSK_SOCKET listener = make_listener();
    EXPECT_EQ(set_security(listener, cached), STATUS_INVALID_DEVICE_STATE);
    PWSK_SOCKET connection = make_connection(peer);
    EXPECT_EQ(set_security(connection, cached), STATUS_INVALID_DEVICE_STATE);
    PWSK_SOCKET datagrams = make_secured(WSK_FLAG_DATAGRAM_SOCKET, nullptr);
    ASSERT_EQ(bind(datagrams, {"127.0.0.1", 0}), STATUS_SUCCESS);
    EXPECT_EQ(set_security(datagrams, cached), STATUS_INVALID_DEVICE_STATE);
    // A socket without an address has nothing to share.
    PWSK_SOCKET basic = make_socket(WSK_FLAG_BASIC_SOCKET);
    EXPECT_EQ(set_security(basic, cached), STATUS_NOT_SUPPORTED);
    PSECURITY_DESCRIPTOR shown = nullptr;
    EXPECT_EQ(get_security(basic, shown), STATUS_NOT_SUPPORTED);
    EXPECT_EQ(get_security(listener, shown, 4), STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQ(release(cached), STATUS_SUCCESS);
}

TEST_P(WskSecurity, CL9_ADescriptorOutlivesItsSockets) {
    const PSECURITY_DESCRIPTOR cached = cache(open_to_all());
    PWSK_SOCKET first = make_secured(WSK_FLAG_LISTEN_SOCKET, cached);
    ASSERT_EQ(close(first), STATUS_SUCCESS);
    PWSK_SOCKET second = make_secured(WSK_FLAG_LISTEN_SOCKET, cached);
    // And a socket outlives the driver's claim to it.
    EXPECT_EQ(release(cached), STATUS_SUCCESS);
    PSECURITY_DESCRIPTOR shown = nullptr;
    ASSERT_EQ(get_security(second, shown), STATUS_SUCCESS);
    EXPECT_EQ(shown, cached);
    EXPECT_TRUE(RtlValidSecurityDescriptor(shown));
    EXPECT_EQ(release(shown), STATUS_SUCCESS);
}

TEST_P(WskSecurity, B15_WhereTheDescriptorIsAskedItDecides) {
    const PSECURITY_DESCRIPTOR open = cache(open_to_all());
    const PSECURITY_DESCRIPTOR closed = cache(closed_to_all());
    for (const ULONG flags : with_address) {
        for (const PSECURITY_DESCRIPTOR descriptor : {open, closed}) {
            PWSK_SOCKET first = make_secured(flags, descriptor);
            ASSERT_EQ(bind(first, {"0.0.0.0", 0}), STATUS_SUCCESS);
            const std::uint16_t port = local_address(first).port;
            // A specific address beside the wildcard is for the first socket to allow.
            PWSK_SOCKET second = make_secured(flags, nullptr);
            EXPECT_EQ(bind(second, {"127.0.0.1", port}),
                      descriptor == open ? STATUS_SUCCESS : STATUS_ACCESS_DENIED);
            // What is not the descriptor's to decide stays as it is.
            PWSK_SOCKET third = make_secured(flags, nullptr);
            EXPECT_EQ(bind(third, {"0.0.0.0", port}), STATUS_ADDRESS_ALREADY_EXISTS);
            EXPECT_EQ(close(second), STATUS_SUCCESS);
            EXPECT_EQ(close(first), STATUS_SUCCESS);
        }
    }
    EXPECT_EQ(release(open), STATUS_SUCCESS);
    EXPECT_EQ(release(closed), STATUS_SUCCESS);
}

TEST_P(WskSecurity, CO4_WithoutMemoryNothingIsCached) {
    SECURITY_DESCRIPTOR descriptor = open_to_all();
    PSECURITY_DESCRIPTOR uncached = &descriptor;
    PSECURITY_DESCRIPTOR cached = nullptr;
    machine().faults().fail_nth(Fault::descriptor_memory, 1);
    EXPECT_EQ(control(WSK_CACHE_SD, &uncached, &cached), STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_EQ(cached, nullptr);
    PWSK_SOCKET listener = make_listener();
    machine().faults().fail_nth(Fault::descriptor_memory, 1);
    PSECURITY_DESCRIPTOR shown = nullptr;
    EXPECT_EQ(get_security(listener, shown), STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_EQ(get_security(listener, shown), STATUS_SUCCESS);
    EXPECT_EQ(release(shown), STATUS_SUCCESS);
}

TEST_P(WskSecurity, SK15_ASocketMayBeMadeForAProcessAndAThread) {
    PWSK_SOCKET socket =
        make_secured(WSK_FLAG_LISTEN_SOCKET, nullptr, PsGetCurrentProcess(), PsGetCurrentThread());
    EXPECT_EQ(bind(socket, {"127.0.0.1", 0}), STATUS_SUCCESS);
}

class SecurityRules : public WskSecurity {
  protected:
    void SetUp() override {
        WskSecurity::SetUp();
        GTEST_FLAG_SET(death_test_style, "threadsafe");
    }
};
INSTANTIATE_TEST_SUITE_P(InMode,
                         SecurityRules,
                         testing::Values(CompletionMode::windows),
                         mode_name);

TEST_P(SecurityRules, ADescriptorThatIsNotCachedIsNamed) {
    SECURITY_DESCRIPTOR descriptor = open_to_all();
    EXPECT_DEATH(release(&descriptor), "rule: security-descriptor-not-cached\n.*WskControlClient");
    EXPECT_DEATH(make_secured(WSK_FLAG_LISTEN_SOCKET, &descriptor),
                 "rule: security-descriptor-not-cached\n.*WskSocket");
    PWSK_SOCKET listener = make_socket(WSK_FLAG_LISTEN_SOCKET);
    EXPECT_DEATH(set_security(listener, &descriptor),
                 "rule: security-descriptor-not-cached\n.*SO_WSK_SECURITY");
}

TEST_P(SecurityRules, ADescriptorThatWasReleasedIsNamed) {
    const PSECURITY_DESCRIPTOR cached = cache(open_to_all());
    ASSERT_EQ(release(cached), STATUS_SUCCESS);
    const std::string rule = "rule: security-descriptor-used-after-release\n";
    EXPECT_DEATH(release(cached), rule);
    EXPECT_DEATH(make_secured(WSK_FLAG_LISTEN_SOCKET, cached), rule);
}

TEST_P(SecurityRules, AProcessThatIsNoneIsNamed) {
    EXPECT_DEATH(
        make_secured(
            WSK_FLAG_LISTEN_SOCKET, nullptr, reinterpret_cast<PEPROCESS>(PsGetCurrentThread())),
        "rule: object-of-wrong-type-passed\n.*WskSocket");
}

}  // namespace
}  // namespace owsk::conformance
