// SPDX-License-Identifier: MIT
// Who owns memory until when: what a pending request was given may not be freed before its
// completion, and MDLs must have their pages.
#include "conformance/connection_fixture.h"

namespace owsk::conformance {
namespace {

constexpr ULONG tag = 0x746E654C;  // "Lent"
constexpr SIZE_T block_size = 8192;

class LentMemory : public ConnectionTest {
  protected:
    void SetUp() override {
        ConnectionTest::SetUp();
        GTEST_FLAG_SET(death_test_style, "threadsafe");
        block_ = static_cast<PUCHAR>(ExAllocatePoolWithTag(NonPagedPoolNx, block_size, tag));
    }
    void TearDown() override {
        ExFreePoolWithTag(block_, tag);
        ConnectionTest::TearDown();
    }

    PUCHAR block() { return block_; }
    // An MDL for 100 bytes of the block; prepared unless the test says otherwise.
    PMDL mdl_at(SIZE_T offset, bool prepared = true) {
        const PMDL mdl = IoAllocateMdl(block_ + offset, 100, FALSE, FALSE, nullptr);
        if (prepared) {
            MmBuildMdlForNonPagedPool(mdl);
        }
        return mdl;
    }
    static NTSTATUS receive_into(Call& call, PWSK_SOCKET socket, PMDL mdl) {
        WSK_BUF buffer = {mdl, 0, 100};
        return call.returns(
            connection_functions(socket).WskReceive(socket, &buffer, 0, call.irp()));
    }
    // A receive that waits, with its MDL.
    PMDL pend_receive(Call& call, PWSK_SOCKET socket, SIZE_T offset) {
        const PMDL mdl = mdl_at(offset);
        EXPECT_EQ(receive_into(call, socket, mdl), STATUS_PENDING);
        return mdl;
    }
    static const WSK_PROVIDER_CONNECTION_DISPATCH& connection_functions(PWSK_SOCKET socket) {
        return *static_cast<const WSK_PROVIDER_CONNECTION_DISPATCH*>(socket->Dispatch);
    }
    static const WSK_PROVIDER_LISTEN_DISPATCH& listen_functions(PWSK_SOCKET socket) {
        return *static_cast<const WSK_PROVIDER_LISTEN_DISPATCH*>(socket->Dispatch);
    }

  private:
    PUCHAR block_ = nullptr;
};
OWSK_IN_EVERY_MODE(LentMemory);

TEST_P(LentMemory, TheMdlOfAPendingReceiveMayNotBeFreed) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    Call call;
    const PMDL mdl = pend_receive(call, socket, 0);
    EXPECT_DEATH(IoFreeMdl(mdl),
                 "rule: memory-freed-under-request\n.*IoFreeMdl.*made at .*receive");
    ASSERT_TRUE(peer.send("abc"));
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    IoFreeMdl(mdl);
}

// The buffer begins with the block, or lies anywhere in it.
TEST_P(LentMemory, TheBufferOfAPendingReceiveMayNotBeFreed) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    for (const SIZE_T offset : {SIZE_T{0}, SIZE_T{24}, SIZE_T{1000}, SIZE_T{5001}, SIZE_T{8092}}) {
        Call call;
        const PMDL mdl = pend_receive(call, socket, offset);
        EXPECT_DEATH(ExFreePoolWithTag(block(), tag),
                     "rule: memory-freed-under-request\n.*ExFreePoolWithTag.*tag 'Lent'");
        ASSERT_TRUE(peer.send("abc"));
        EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
        IoFreeMdl(mdl);
    }
}

TEST_P(LentMemory, EveryMdlOfAChainIsLent) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    Call call;
    const PMDL first = mdl_at(0);
    const PMDL second = mdl_at(200);
    first->Next = second;
    WSK_BUF buffer = {first, 50, 150};
    EXPECT_EQ(call.returns(connection_functions(socket).WskReceive(socket, &buffer, 0, call.irp())),
              STATUS_PENDING);
    EXPECT_DEATH(IoFreeMdl(second), "rule: memory-freed-under-request");
    call.cancel();
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
    IoFreeMdl(second);
    IoFreeMdl(first);
}

TEST_P(LentMemory, AnMdlIsLentUntilTheLastOfItsRequestsHasCompleted) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    Call first;
    Call second;
    const PMDL mdl = pend_receive(first, socket, 0);
    EXPECT_EQ(receive_into(second, socket, mdl), STATUS_PENDING);
    ASSERT_TRUE(peer.send("abc"));
    EXPECT_THAT(first, CompletesWith(STATUS_SUCCESS));
    EXPECT_DEATH(IoFreeMdl(mdl), "rule: memory-freed-under-request");
    second.cancel();
    EXPECT_THAT(second, CompletesWith(STATUS_CANCELLED));
    IoFreeMdl(mdl);
}

TEST_P(LentMemory, TheAddressesOfAPendingAcceptMayNotBeFreed) {
    PWSK_SOCKET listener = make_listener();
    Call call;
    auto* address = reinterpret_cast<PSOCKADDR>(block() + 64);
    EXPECT_EQ(call.returns(listen_functions(listener).WskAccept(
                  listener, 0, nullptr, nullptr, nullptr, address, call.irp())),
              STATUS_PENDING);
    EXPECT_DEATH(ExFreePoolWithTag(block(), tag), "rule: memory-freed-under-request");
    call.cancel();
    EXPECT_THAT(call, CompletesWith(STATUS_CANCELLED));
}

TEST_P(LentMemory, AnIrpOnMemoryOfTheDriverMayNotBeFreedWhilePending) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    auto* irp = reinterpret_cast<PIRP>(block());
    IoInitializeIrp(irp, IoSizeOfIrp(1), 1);
    const PMDL mdl = mdl_at(4096);
    WSK_BUF buffer = {mdl, 0, 100};
    EXPECT_EQ(connection_functions(socket).WskReceive(socket, &buffer, 0, irp), STATUS_PENDING);
    EXPECT_DEATH(ExFreePoolWithTag(block(), tag), "rule: memory-freed-under-request");
    EXPECT_EQ(close(socket), STATUS_SUCCESS);
    IoFreeMdl(mdl);
}

TEST_P(LentMemory, AnMdlWithoutPagesIsNamed) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    const PMDL mdl = mdl_at(0, false);
    WSK_BUF buffer = {mdl, 0, 100};
    Call call;
    EXPECT_DEATH(receive_into(call, socket, mdl), "rule: mdl-used-without-lock\n.*WskReceive");
    EXPECT_DEATH(connection_functions(socket).WskSend(socket, &buffer, 0, call.irp()),
                 "rule: mdl-used-without-lock\n.*WskSend");
    EXPECT_DEATH(connection_functions(socket).WskDisconnect(socket, &buffer, 0, call.irp()),
                 "rule: mdl-used-without-lock\n.*WskDisconnect");
    IoFreeMdl(mdl);
}

TEST_P(LentMemory, AWildBufferIsNamed) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    WSK_BUF buffer = {reinterpret_cast<PMDL>(0x1238), 0, 100};
    Call call;
    EXPECT_DEATH(connection_functions(socket).WskSend(
                     socket, reinterpret_cast<PWSK_BUF>(0x10), 0, call.irp()),
                 "rule: wild-pointer-passed\n.*WskSend was given a WSK_BUF");
    EXPECT_DEATH(connection_functions(socket).WskReceive(socket, &buffer, 0, call.irp()),
                 "rule: wild-pointer-passed\n.*WskReceive was given an MDL");
}

// Also after the bytes have been sent, as long as the IRP has not completed.
class SendInARoutine : public LentMemory {};
// In the others a send may complete in its call, also inside a completion routine.
INSTANTIATE_TEST_SUITE_P(InMode,
                         SendInARoutine,
                         testing::Values(CompletionMode::windows, CompletionMode::deferred),
                         mode_name);

TEST_P(SendInARoutine, LendsItsMdlUntilItCompletes) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    EXPECT_DEATH(
        {
            const PMDL mdl = mdl_at(0);
            WSK_BUF buffer;
            buffer.Mdl = mdl;
            buffer.Offset = 0;
            buffer.Length = 100;
            Call call;
            // Inside a completion routine nothing else of the socket completes in this mode.
            Call receiving;
            receiving.on_complete = [&] {
                connection_functions(socket).WskSend(socket, &buffer, 0, call.irp());
                IoFreeMdl(mdl);
            };
            const PMDL room = pend_receive(receiving, socket, 4096);
            peer.send("abc");
            receiving.wait();
            IoFreeMdl(room);
        },
        "rule: memory-freed-under-request");
}

// What lies behind the bytes of a call is not part of it.
TEST_P(LentMemory, WhatFollowsTheNeededMdlsIsNotLookedAt) {
    TcpClient peer;
    PWSK_SOCKET socket = connect(peer);
    const PMDL mdl = mdl_at(0);
    mdl->Next = reinterpret_cast<PMDL>(0x1238);
    Call call;
    EXPECT_EQ(receive_into(call, socket, mdl), STATUS_PENDING);
    ASSERT_TRUE(peer.send("abc"));
    EXPECT_THAT(call, CompletesWith(STATUS_SUCCESS));
    IoFreeMdl(mdl);
}

}  // namespace
}  // namespace owsk::conformance
