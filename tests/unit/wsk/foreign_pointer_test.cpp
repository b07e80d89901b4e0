// SPDX-License-Identifier: MIT
// Pointers of a driver are looked at before they are followed: what is no socket, client, IRP,
// buffer or table is named in a report instead of ending the process somewhere inside.
#include <cstring>

#include "listener_fixture.h"
#include "wsk/socket/socket.h"

namespace owsk::wsk {
namespace {

constexpr ULONG_PTR nowhere = 0x1238;

template <typename Pointer>
Pointer wild() {
    return reinterpret_cast<Pointer>(nowhere);
}

class ForeignPointer : public ListenerTest {
  protected:
    ForeignPointer() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }

    PSOCKADDR address() { return reinterpret_cast<PSOCKADDR>(&address_); }

  private:
    SOCKADDR_IN6 address_ = {};
};
using ForeignPointerDeathTest = ForeignPointer;

__attribute__((noinline)) void close_it(const WSK_PROVIDER_LISTEN_DISPATCH& functions,
                                        PWSK_SOCKET socket) {
    TestIrp irp;
    functions.Basic.WskCloseSocket(socket, irp.get());
    EXPECT_EQ(irp.wait(), STATUS_SUCCESS);
}

__attribute__((noinline)) void use_it(const WSK_PROVIDER_LISTEN_DISPATCH& functions,
                                      PWSK_SOCKET socket) {
    TestIrp irp;
    functions.WskAccept(socket, 0, nullptr, nullptr, nullptr, nullptr, irp.get());
    irp.wait();
}

TEST_F(ForeignPointerDeathTest, AClosedSocketIsNamedWithBothPlaces) {
    const WSK_PROVIDER_LISTEN_DISPATCH& functions = this->functions();
    EXPECT_DEATH(
        {
            close_it(functions, socket());
            use_it(functions, socket());
        },
        "socket-used-after-close\n.*listening socket for which WskCloseSocket has completed"
        "(.|\n)*use_it(.|\n)*WskCloseSocket was called here(.|\n)*close_it");
}

TEST_F(ForeignPointerDeathTest, ASocketWhoseCloseIsUnderWayIsNamedWithBothPlaces) {
    const WSK_PROVIDER_LISTEN_DISPATCH& functions = this->functions();
    EXPECT_DEATH(
        {
            // Nobody is there to finish the close meanwhile.
            const Introduction turn(Socket::of(socket()));
            TestIrp irp;
            functions.Basic.WskCloseSocket(socket(), irp.get());
            use_it(functions, socket());
        },
        "socket-used-after-close\n.*listening socket after WskCloseSocket"
        "(.|\n)*use_it(.|\n)*WskCloseSocket was called here");
}

TEST_F(ForeignPointerDeathTest, WhatWasNeverASocketIsNamed) {
    TestIrp irp;
    WSK_SOCKET none = {};
    EXPECT_DEATH(functions().WskAccept(nullptr, 0, nullptr, nullptr, nullptr, nullptr, irp.get()),
                 "rule: socket-not-recognized\n.*NULL");
    EXPECT_DEATH(functions().WskAccept(
                     wild<PWSK_SOCKET>(), 0, nullptr, nullptr, nullptr, nullptr, irp.get()),
                 "rule: socket-not-recognized\n.*an invalid pointer");
    EXPECT_DEATH(functions().WskAccept(&none, 0, nullptr, nullptr, nullptr, nullptr, irp.get()),
                 "rule: socket-used-after-close\n.*never was one");
}

TEST_F(ForeignPointer, TheAddressOfAClosedSocketIsNotThatOfTheNext) {
    for (int i = 0; i < 10; ++i) {
        const PWSK_SOCKET first = new_socket(0);
        close_it(functions(), first);
        const PWSK_SOCKET second = new_socket(0);
        EXPECT_NE(second, first);
        close_it(functions(), second);
    }
}

TEST_F(ForeignPointer, WithoutAClientTheIrpFails) {
    TestIrp irp;
    EXPECT_EQ(irp.wait_after(npi().Dispatch->WskSocket(nullptr,
                                                       AF_INET,
                                                       SOCK_STREAM,
                                                       IPPROTO_TCP,
                                                       WSK_FLAG_LISTEN_SOCKET,
                                                       nullptr,
                                                       nullptr,
                                                       nullptr,
                                                       nullptr,
                                                       nullptr,
                                                       irp.get())),
              STATUS_INVALID_HANDLE);
    SIZE_T size = 0;
    EXPECT_EQ(npi().Dispatch->WskControlClient(
                  nullptr, WSK_TRANSPORT_LIST_QUERY, 0, nullptr, 0, nullptr, &size, nullptr),
              STATUS_INVALID_HANDLE);
}

TEST_F(ForeignPointerDeathTest, AClientThatIsNoneIsNamed) {
    SIZE_T size = 0;
    EXPECT_DEATH(
        npi().Dispatch->WskControlClient(
            wild<PWSK_CLIENT>(), WSK_TRANSPORT_LIST_QUERY, 0, nullptr, 0, nullptr, &size, nullptr),
        "rule: client-not-recognized\n.*WskControlClient");
}

TEST_F(ForeignPointerDeathTest, AnIrpThatIsNoneIsNamed) {
    EXPECT_DEATH(
        functions().WskAccept(socket(), 0, nullptr, nullptr, nullptr, nullptr, wild<PIRP>()),
        "rule: wild-pointer-passed\n.*an IRP");
    alignas(16) unsigned char zeroes[sizeof(IRP)] = {};
    EXPECT_DEATH(
        functions().WskAccept(
            socket(), 0, nullptr, nullptr, nullptr, nullptr, reinterpret_cast<PIRP>(zeroes)),
        "rule: irp-not-recognized");
}

TEST_F(ForeignPointerDeathTest, AnAddressThatLeadsNowhereIsNamed) {
    TestIrp irp;
    EXPECT_DEATH(functions().WskBind(socket(), wild<PSOCKADDR>(), 0, irp.get()),
                 "rule: wild-pointer-passed\n.*WskBind was given a SOCKADDR");
    EXPECT_DEATH(functions().WskGetLocalAddress(socket(), wild<PSOCKADDR>(), irp.get()),
                 "rule: wild-pointer-passed\n.*WskGetLocalAddress was given a SOCKADDR");
    EXPECT_DEATH(
        functions().WskAccept(
            socket(), 0, nullptr, nullptr, wild<PSOCKADDR>(), wild<PSOCKADDR>(), irp.get()),
        "rule: wild-pointer-passed\n.*WskAccept was given a SOCKADDR");
}

TEST_F(ForeignPointerDeathTest, ControlBuffersThatLeadNowhereAreNamed) {
    TestIrp irp;
    EXPECT_DEATH(functions().Basic.WskControlSocket(socket(),
                                                    WskSetOption,
                                                    SO_REUSEADDR,
                                                    SOL_SOCKET,
                                                    sizeof(ULONG),
                                                    wild<PVOID>(),
                                                    0,
                                                    nullptr,
                                                    nullptr,
                                                    irp.get()),
                 "rule: wild-pointer-passed\n.*an InputBuffer");
    EXPECT_DEATH(functions().Basic.WskControlSocket(socket(),
                                                    WskGetOption,
                                                    SO_REUSEADDR,
                                                    SOL_SOCKET,
                                                    0,
                                                    nullptr,
                                                    sizeof(ULONG),
                                                    wild<PVOID>(),
                                                    nullptr,
                                                    irp.get()),
                 "rule: wild-pointer-passed\n.*an OutputBuffer");
}

TEST_F(ForeignPointerDeathTest, ATableThatLeadsNowhereIsNamed) {
    EXPECT_DEATH(new_socket(nowhere), "rule: wild-pointer-passed\n.*WskSocket was given a table");
    WSK_CLIENT_LISTEN_DISPATCH table = {};
    table.WskInspectEvent = wild<PFN_WSK_INSPECT_EVENT>();
    EXPECT_DEATH(new_socket(reinterpret_cast<ULONG_PTR>(&table)),
                 "rule: wild-pointer-passed\n.*a table of callbacks with a function");
}

TEST_F(ForeignPointer, ATableMayLieAtAnyAddress) {
    alignas(16) unsigned char room[sizeof listen_callbacks + 1];
    std::memcpy(room + 1, &listen_callbacks, sizeof listen_callbacks);
    close_it(functions(), new_socket(reinterpret_cast<ULONG_PTR>(room + 1)));
}

WSK_CLIENT_LISTEN_DISPATCH changing_table = listen_callbacks;

TEST_F(ForeignPointerDeathTest, ATableThatHasChangedIsNamed) {
    EXPECT_DEATH(
        {
            Heard heard;
            const PWSK_SOCKET other =
                new_socket(reinterpret_cast<ULONG_PTR>(&changing_table), &heard);
            make_conditional(other);
            bind(other);
            changing_table.WskAbortEvent = nullptr;
            ask();
            happens(heard.inspected);
        },
        "rule: callback-table-changed\n.*WskSocket");
}

void capture_with_a_changed_table() {
    WSK_CLIENT_DISPATCH table = {MAKE_WSK_VERSION(1, 0), 0, nullptr};
    WSK_CLIENT_NPI client = {nullptr, &table};
    WSK_REGISTRATION registration;
    WSK_PROVIDER_NPI captured;
    WskRegister(&client, &registration);
    table.Version = 0x7777;
    WskCaptureProviderNPI(&registration, WSK_NO_WAIT, &captured);
}

TEST_F(ForeignPointerDeathTest, AClientTableThatHasChangedIsNamedWithItsPlace) {
    EXPECT_DEATH(capture_with_a_changed_table(),
                 "rule: client-dispatch-changed(.|\n)*WskRegister was called here");
}

const WSK_CLIENT_DISPATCH lasting_table = {MAKE_WSK_VERSION(1, 0), 0, nullptr};

__attribute__((noinline)) void register_it(WSK_REGISTRATION& registration) {
    WSK_CLIENT_NPI client = {nullptr, &lasting_table};
    WskRegister(&client, &registration);
}

__attribute__((noinline)) void deregister_it(WSK_REGISTRATION& registration) {
    WskDeregister(&registration);
    // Not the last thing, so that the call returns here.
    EXPECT_NE(registration.ReservedRegistrationState, 0U);
}

TEST_F(ForeignPointerDeathTest, ABlockThatIsRegisteredTwiceIsNamedWithBothPlaces) {
    WSK_REGISTRATION registration;
    EXPECT_DEATH(
        {
            register_it(registration);
            register_it(registration);
        },
        "registration-used-twice(.|\n)*it was registered here(.|\n)*register_it");
}

TEST_F(ForeignPointerDeathTest, ABlockThatIsDeregisteredTwiceIsNamedWithBothPlaces) {
    WSK_REGISTRATION registration;
    EXPECT_DEATH(
        {
            register_it(registration);
            deregister_it(registration);
            WskDeregister(&registration);
        },
        "registration-withdrawn-twice\n.*The first call was at .*deregister_it");
}

TEST_F(ForeignPointerDeathTest, ARegistrationWithWildPointersIsNamed) {
    WSK_CLIENT_NPI client = {nullptr, wild<const WSK_CLIENT_DISPATCH*>()};
    WSK_REGISTRATION registration;
    EXPECT_DEATH(WskRegister(&client, &registration),
                 "rule: wild-pointer-passed\n.*a WSK_CLIENT_DISPATCH");
    EXPECT_DEATH(WskRegister(wild<PWSK_CLIENT_NPI>(), &registration),
                 "rule: wild-pointer-passed\n.*a WSK_CLIENT_NPI");
}

}  // namespace
}  // namespace owsk::wsk
