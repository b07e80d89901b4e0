// SPDX-License-Identifier: MIT
// SIO_WSK_REGISTER_EXTENSION with an extension that a program provides.
#include <openwsk/wsk_extension.h>

#include <cstring>

#include "conformance/wsk_fixture.h"

namespace owsk::conformance {
namespace {

constexpr NPIID known = {0x0BADCAFE, 1, 2, {3, 4, 5, 6, 7, 8, 9, 10}};

// The driver's part and the provider's part of an interface: two numbers.
struct Part {
    ULONG number;
};

class Extension final : public WskExtension {
  public:
    const NPIID& npi_id() const noexcept override { return known; }
    NTSTATUS on_register(PWSK_SOCKET socket,
                         const WSK_EXTENSION_CONTROL_IN& client,
                         WSK_EXTENSION_CONTROL_OUT& provider) noexcept override {
        seen.add({socket, client});
        provider = {this, &part};
        return answer;
    }
    void on_closed(PWSK_SOCKET socket) noexcept override { closed.add(socket); }

    struct Seen {
        PWSK_SOCKET socket;
        WSK_EXTENSION_CONTROL_IN client;
    };
    Log<Seen> seen;
    Log<PWSK_SOCKET> closed;
    NTSTATUS answer = STATUS_SUCCESS;
    const Part part = {7};
};

class RegisterExtension : public WskTest {
  protected:
    RegisterExtension() { machine().add_extension(extension_); }

    NTSTATUS register_socket(PWSK_SOCKET socket, const NPIID& id = known) {
        in_.NpiId = &id;
        return issue(socket, sizeof in_, &in_, sizeof out_, &out_);
    }
    static NTSTATUS issue(
        PWSK_SOCKET socket, SIZE_T input_size, PVOID input, SIZE_T output_size, PVOID output) {
        return basic_functions(socket).WskControlSocket(socket,
                                                        WskIoctl,
                                                        SIO_WSK_REGISTER_EXTENSION,
                                                        0,
                                                        input_size,
                                                        input,
                                                        output_size,
                                                        output,
                                                        nullptr,
                                                        nullptr);
    }

    Extension& extension_ = keep<Extension>();
    const Part client_part_ = {5};
    WSK_EXTENSION_CONTROL_IN in_ = {nullptr, this, &client_part_};
    WSK_EXTENSION_CONTROL_OUT out_ = {};
};
OWSK_IN_EVERY_MODE(RegisterExtension);

TEST_P(RegisterExtension, CO14_CO17_BothSidesGetThePartOfTheOther) {
    TcpClient peer;
    const std::vector<PWSK_SOCKET> sockets = {
        make_socket(WSK_FLAG_BASIC_SOCKET),
        make_listener(),
        make_socket(WSK_FLAG_STREAM_SOCKET),
        make_socket(WSK_FLAG_DATAGRAM_SOCKET, {.type = SOCK_DGRAM, .protocol = IPPROTO_UDP}),
        make_connection(peer)};
    for (std::size_t i = 0; i < sockets.size(); ++i) {
        out_ = {};
        EXPECT_EQ(register_socket(sockets[i]), STATUS_SUCCESS);
        EXPECT_EQ(out_.ProviderContext, &extension_);
        EXPECT_EQ(static_cast<const Part*>(out_.ProviderDispatch)->number, 7u);
        const Extension::Seen seen = extension_.seen.at(i);
        EXPECT_EQ(seen.socket, sockets[i]);
        EXPECT_EQ(seen.client.ClientContext, this);
        EXPECT_EQ(static_cast<const Part*>(seen.client.ClientDispatch)->number, 5u);
        // Once for each socket.
        EXPECT_EQ(register_socket(sockets[i]), STATUS_INVALID_DEVICE_STATE);
    }
    EXPECT_EQ(extension_.closed.size(), 0u);
    EXPECT_EQ(close(sockets[1]), STATUS_SUCCESS);
    ASSERT_EQ(extension_.closed.size(), 1u);
    EXPECT_EQ(extension_.closed.at(0), sockets[1]);
}

TEST_P(RegisterExtension, CO14_AnotherInterfaceIsNotSupported) {
    NPIID other = known;
    other.Data1 += 1;
    PWSK_SOCKET listener = make_listener();
    EXPECT_EQ(register_socket(listener, other), STATUS_NOT_SUPPORTED);
    EXPECT_EQ(extension_.seen.size(), 0u);
    EXPECT_EQ(close(listener), STATUS_SUCCESS);
    EXPECT_EQ(extension_.closed.size(), 0u);
}

TEST_P(RegisterExtension, CO14_WhatTheExtensionRefusesIsNotRegistered) {
    PWSK_SOCKET listener = make_listener();
    extension_.answer = STATUS_INSUFFICIENT_RESOURCES;
    EXPECT_EQ(register_socket(listener), STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_EQ(out_.ProviderDispatch, nullptr);
    extension_.answer = STATUS_SUCCESS;
    EXPECT_EQ(register_socket(listener), STATUS_SUCCESS);
}

TEST_P(RegisterExtension, CO14_ItNeedsBothBuffersAndNoIrp) {
    PWSK_SOCKET listener = make_listener();
    in_.NpiId = &known;
    EXPECT_EQ(issue(listener, sizeof in_, nullptr, sizeof out_, &out_), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(issue(listener, sizeof in_, &in_, sizeof out_, nullptr), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(issue(listener, sizeof in_ - 1, &in_, sizeof out_, &out_), STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQ(issue(listener, sizeof in_, &in_, sizeof out_ - 1, &out_), STATUS_BUFFER_TOO_SMALL);
    in_.NpiId = nullptr;
    EXPECT_EQ(issue(listener, sizeof in_, &in_, sizeof out_, &out_), STATUS_INVALID_PARAMETER);
    in_.NpiId = &known;
    Call call;
    call.returns(basic_functions(listener).WskControlSocket(listener,
                                                            WskIoctl,
                                                            SIO_WSK_REGISTER_EXTENSION,
                                                            0,
                                                            sizeof in_,
                                                            &in_,
                                                            sizeof out_,
                                                            &out_,
                                                            nullptr,
                                                            call.irp()));
    EXPECT_THAT(call, CompletesWith(STATUS_INVALID_PARAMETER));
    EXPECT_EQ(extension_.seen.size(), 0u);
}

}  // namespace
}  // namespace owsk::conformance
