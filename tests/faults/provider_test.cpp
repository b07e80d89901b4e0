// SPDX-License-Identifier: MIT
// What a driver sees of each fault of the provider and of the network, on real connections.
#include <algorithm>
#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "faults/peer.h"
#include "net/faulty/faulty_network.h"
#include "net/linux/linux_network.h"
#include "unit/wsk/provider_fixture.h"
#include "wsk/socket/socket.h"

namespace owsk::wsk {
namespace {

bool is_signalled(KEVENT& event) {
    LARGE_INTEGER timeout;
    timeout.QuadPart = -20LL * 10'000'000;
    return KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &timeout) == STATUS_SUCCESS;
}

// What the callbacks of a connection have seen.
struct Seen {
    Seen() {
        KeInitializeEvent(&data, SynchronizationEvent, FALSE);
        KeInitializeEvent(&disconnected, NotificationEvent, FALSE);
    }
    // False if the events do not show that many bytes in time.
    bool wait_for(std::size_t length) {
        while (received < length) {
            if (!is_signalled(data)) {
                return false;
            }
        }
        return true;
    }

    KEVENT data;
    KEVENT disconnected;
    std::string text;
    std::atomic<std::size_t> received = 0;  // bytes of `text`, written after them
    PWSK_DATA_INDICATION list = nullptr;
    ULONG disconnect_flags = 0;
    NTSTATUS answer = STATUS_SUCCESS;
    SIZE_T accept = MAXSIZE_T;  // of the first event
};

std::string text_of(const WSK_DATA_INDICATION* list) {
    std::string text;
    for (; list != nullptr; list = list->Next) {
        SIZE_T offset = list->Buffer.Offset;
        SIZE_T left = list->Buffer.Length;
        for (PMDL mdl = list->Buffer.Mdl; left > 0; mdl = mdl->Next) {
            const SIZE_T length = std::min<SIZE_T>(MmGetMdlByteCount(mdl) - offset, left);
            text.append(
                static_cast<const char*>(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority)) +
                    offset,
                length);
            left -= length;
            offset = 0;
        }
    }
    return text;
}

const WSK_CLIENT_CONNECTION_DISPATCH connection_callbacks = {
    .WskReceiveEvent =
        [](PVOID context, ULONG, PWSK_DATA_INDICATION list, SIZE_T indicated, SIZE_T* accepted)
            NTAPI -> NTSTATUS {
        Seen& seen = *static_cast<Seen*>(context);
        const std::string text = text_of(list);
        EXPECT_EQ(text.size(), indicated);
        seen.list = list;
        seen.text += text;
        seen.received = seen.text.size();
        const NTSTATUS answer = seen.answer;
        if (seen.accept < indicated) {
            *accepted = seen.accept;
        }
        KeSetEvent(&seen.data, IO_NO_INCREMENT, FALSE);
        return answer;
    },
    .WskDisconnectEvent = [](PVOID context, ULONG flags) NTAPI -> NTSTATUS {
        Seen& seen = *static_cast<Seen*>(context);
        seen.disconnect_flags = flags;
        KeSetEvent(&seen.disconnected, IO_NO_INCREMENT, FALSE);
        return STATUS_SUCCESS;
    },
    .WskSendBacklogEvent = nullptr,
};

// A buffer on nonpaged pool.
class Memory {
  public:
    explicit Memory(SIZE_T length) : bytes_(length, '.') {
        mdl_ = IoAllocateMdl(bytes_.data(), static_cast<ULONG>(length), FALSE, FALSE, nullptr);
        MmBuildMdlForNonPagedPool(mdl_);
    }
    explicit Memory(const std::string& text) : Memory(text.size()) {
        std::copy(text.begin(), text.end(), bytes_.begin());
    }
    ~Memory() { IoFreeMdl(mdl_); }
    Memory(const Memory&) = delete;
    Memory& operator=(const Memory&) = delete;

    WSK_BUF wsk() const { return {mdl_, 0, bytes_.size()}; }
    std::string text(SIZE_T length) const { return bytes_.substr(0, length); }

  private:
    std::string bytes_;
    PMDL mdl_;
};

class ProviderFaults : public testing::Test {
  protected:
    ProviderFaults() {
        host_.start([this] { system_.enter_processor(); });
        system_.start();
        provider_.start();
        scope_.emplace(system_);
        WSK_CLIENT_NPI client = {nullptr, &client_dispatch_};
        EXPECT_EQ(WskRegister(&client, &registration_), STATUS_SUCCESS);
        EXPECT_EQ(WskCaptureProviderNPI(&registration_, WSK_NO_WAIT, &npi_), STATUS_SUCCESS);
    }
    ~ProviderFaults() override {
        faults_.clear();
        for (PWSK_SOCKET socket : sockets_) {
            TestIrp irp;
            basic(socket).WskCloseSocket(socket, irp.get());
            EXPECT_EQ(irp.wait(), STATUS_SUCCESS);
        }
        WskReleaseProviderNPI(&registration_);
        WskDeregister(&registration_);
        provider_.stop();
        scope_.reset();
        system_.stop();
        host_.stop();
        EXPECT_EQ(provider_.report_leaks() + system_.report_leaks(), 0U);
    }

    Faults& faults() { return faults_; }
    Seen& seen() { return seen_; }

    static const WSK_PROVIDER_BASIC_DISPATCH& basic(PWSK_SOCKET socket) {
        return *static_cast<const WSK_PROVIDER_BASIC_DISPATCH*>(socket->Dispatch);
    }
    static const WSK_PROVIDER_LISTEN_DISPATCH& listening(PWSK_SOCKET socket) {
        return *static_cast<const WSK_PROVIDER_LISTEN_DISPATCH*>(socket->Dispatch);
    }
    static const WSK_PROVIDER_CONNECTION_DISPATCH& connected(PWSK_SOCKET socket) {
        return *static_cast<const WSK_PROVIDER_CONNECTION_DISPATCH*>(socket->Dispatch);
    }

    NTSTATUS start_socket(TestIrp& irp) {
        return npi_.Dispatch->WskSocket(npi_.Client,
                                        AF_INET,
                                        SOCK_STREAM,
                                        IPPROTO_TCP,
                                        WSK_FLAG_LISTEN_SOCKET,
                                        nullptr,
                                        nullptr,
                                        nullptr,
                                        nullptr,
                                        nullptr,
                                        irp.get());
    }
    PWSK_SOCKET keep(const TestIrp& irp) {
        auto* socket = reinterpret_cast<PWSK_SOCKET>(irp.information());
        sockets_.push_back(socket);
        return socket;
    }
    NTSTATUS bind(PWSK_SOCKET listener) {
        SOCKADDR_IN address = {};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = RtlUlongByteSwap(0x7F000001);
        TestIrp irp;
        listening(listener).WskBind(listener, reinterpret_cast<PSOCKADDR>(&address), 0, irp.get());
        return irp.wait();
    }
    PWSK_SOCKET make_listener() {
        TestIrp irp;
        start_socket(irp);
        EXPECT_EQ(irp.wait(), STATUS_SUCCESS);
        PWSK_SOCKET listener = keep(irp);
        EXPECT_EQ(bind(listener), STATUS_SUCCESS);
        return listener;
    }
    static std::uint16_t port_of(PWSK_SOCKET listener) {
        return Socket::of(listener).local_address()->port;
    }
    void start_accept(PWSK_SOCKET listener, TestIrp& irp) {
        listening(listener).WskAccept(
            listener, 0, &seen_, &connection_callbacks, nullptr, nullptr, irp.get());
    }
    PWSK_SOCKET accept(PWSK_SOCKET listener) {
        TestIrp irp;
        start_accept(listener, irp);
        EXPECT_EQ(irp.wait(), STATUS_SUCCESS);
        return keep(irp);
    }
    // A connection with these events.
    PWSK_SOCKET connect(std::optional<Peer>& client, ULONG events) {
        PWSK_SOCKET listener = make_listener();
        client.emplace(port_of(listener));
        PWSK_SOCKET socket = accept(listener);
        if (events == 0) {
            return socket;
        }
        WSK_EVENT_CALLBACK_CONTROL control = {const_cast<PNPIID>(&NPI_WSK_INTERFACE_ID), events};
        EXPECT_EQ(basic(socket).WskControlSocket(socket,
                                                 WskSetOption,
                                                 SO_WSK_EVENT_CALLBACK,
                                                 SOL_SOCKET,
                                                 sizeof control,
                                                 &control,
                                                 0,
                                                 nullptr,
                                                 nullptr,
                                                 nullptr),
                  STATUS_SUCCESS);
        return socket;
    }
    // What one WskReceive gets.
    std::string receive(PWSK_SOCKET socket, ULONG flags = 0, SIZE_T length = 64) {
        const Memory memory(length);
        WSK_BUF buffer = memory.wsk();
        TestIrp irp;
        connected(socket).WskReceive(socket, &buffer, flags, irp.get());
        EXPECT_EQ(irp.wait(), STATUS_SUCCESS);
        return memory.text(irp.information());
    }

    WSK_REGISTRATION second_registration = {};
    const WSK_CLIENT_DISPATCH client_dispatch_ = {MAKE_WSK_VERSION(1, 0), 0, nullptr};

  private:
    probe::Probes probes_;
    Faults faults_{7, true};
    host::LinuxHost host_;
    net::LinuxNetwork real_network_{host_, GateMode::accepted};
    net::FaultyNetwork network_{real_network_, faults_};
    nt::System system_{host_, probes_, faults_};
    Provider provider_{system_, network_, {.completion = CompletionMode::immediate}};
    std::optional<nt::ThreadScope> scope_;
    WSK_REGISTRATION registration_ = {};
    WSK_PROVIDER_NPI npi_ = {};
    Seen seen_;
    std::vector<PWSK_SOCKET> sockets_;
};

TEST_F(ProviderFaults, WskRegisterFailsAndMayBeTriedAgain) {
    WSK_CLIENT_NPI client = {nullptr, &client_dispatch_};
    faults().fail_nth(Fault::registration, 1);
    EXPECT_EQ(WskRegister(&client, &second_registration), STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_EQ(WskRegister(&client, &second_registration), STATUS_SUCCESS);
    WskDeregister(&second_registration);
}

TEST_F(ProviderFaults, WskSocketFails) {
    faults().fail_nth(Fault::socket_allocation, 1);
    TestIrp irp;
    EXPECT_EQ(irp.wait_after(start_socket(irp)), STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_EQ(irp.information(), 0U);
}

TEST_F(ProviderFaults, WskBindFailsAndMayBeTriedAgain) {
    TestIrp irp;
    start_socket(irp);
    ASSERT_EQ(irp.wait(), STATUS_SUCCESS);
    PWSK_SOCKET listener = keep(irp);
    faults().fail_nth(Fault::listen, 1);
    EXPECT_EQ(bind(listener), STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_EQ(bind(listener), STATUS_SUCCESS);
}

TEST_F(ProviderFaults, WskAcceptFailsAndItsClientIsReset) {
    PWSK_SOCKET listener = make_listener();
    faults().fail_nth(Fault::socket_allocation, 1);
    Peer client(port_of(listener));
    TestIrp irp;
    start_accept(listener, irp);
    EXPECT_EQ(irp.wait(), STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_EQ(irp.information(), 0U);
    EXPECT_TRUE(client.is_reset());
    Peer next(port_of(listener));
    accept(listener);
}

TEST_F(ProviderFaults, WithoutADescriptorAConnectionWaits) {
    PWSK_SOCKET listener = make_listener();
    faults().fail_nth(Fault::accept, 1);
    Peer client(port_of(listener));
    PWSK_SOCKET socket = accept(listener);
    EXPECT_EQ(faults().injected(Fault::accept), 1U);
    client.send("hello");
    EXPECT_EQ(receive(socket), "hello");
}

TEST_F(ProviderFaults, WhatHadToWaitForMemoryIsIndicatedLater) {
    faults().fail_with(Fault::receive_memory, 1);
    std::optional<Peer> client;
    connect(client, WSK_EVENT_RECEIVE);
    client->send("hello");
    while (faults().injected(Fault::receive_memory) < 3) {
        std::this_thread::yield();
    }
    EXPECT_EQ(seen().received, 0U);
    faults().clear();
    ASSERT_TRUE(seen().wait_for(5));
    EXPECT_EQ(seen().text, "hello");
}

TEST_F(ProviderFaults, ASocketMayBeClosedWhileItWaitsForMemory) {
    faults().fail_with(Fault::receive_memory, 1);
    std::optional<Peer> client;
    connect(client, WSK_EVENT_RECEIVE);
    client->send("hello");
    while (faults().injected(Fault::receive_memory) == 0) {
        std::this_thread::yield();
    }
}

TEST_F(ProviderFaults, ARetainedListIsReleasedByItsHeadAlone) {
    faults().fail_with(Fault::indication_list, 1);
    faults().fail_with(Fault::indication_chain, 1);
    seen().answer = STATUS_PENDING;
    std::optional<Peer> client;
    PWSK_SOCKET socket = connect(client, WSK_EVENT_RECEIVE);
    client->send("hello");
    ASSERT_TRUE(seen().wait_for(5));
    PWSK_DATA_INDICATION list = seen().list;
    ASSERT_NE(list->Next, nullptr);
    EXPECT_GT(list->Buffer.Offset, 0U);
    EXPECT_EQ(text_of(list), "hello");
    EXPECT_EQ(connected(socket).WskRelease(socket, list->Next), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(connected(socket).WskRelease(socket, list), STATUS_SUCCESS);
    EXPECT_EQ(connected(socket).WskRelease(socket, list), STATUS_INVALID_PARAMETER);
}

TEST_F(ProviderFaults, OfAListAPartIsAcceptedAndTheRestIsReceived) {
    faults().fail_with(Fault::indication_list, 1);
    faults().fail_with(Fault::indication_chain, 1);
    seen().accept = 2;
    std::optional<Peer> client;
    PWSK_SOCKET socket = connect(client, WSK_EVENT_RECEIVE);
    client->send("hello");
    ASSERT_TRUE(seen().wait_for(5));
    EXPECT_EQ(receive(socket), "llo");
}

TEST_F(ProviderFaults, ACallThatCouldFinishAtOnceFinishesLater) {
    faults().fail_nth(Fault::late_completion, 1);
    TestIrp irp;
    EXPECT_EQ(start_socket(irp), STATUS_PENDING);
    ASSERT_EQ(irp.wait(), STATUS_SUCCESS);
    keep(irp);
    TestIrp next;
    EXPECT_EQ(start_socket(next), STATUS_SUCCESS);
    keep(next);
}

TEST_F(ProviderFaults, TurnsThatAreAlwaysLateStillCome) {
    faults().fail_with(Fault::late_turn, 1);
    std::optional<Peer> client;
    connect(client, WSK_EVENT_RECEIVE);
    for (std::size_t i = 1; i <= 20; ++i) {
        client->send("x");
        ASSERT_TRUE(seen().wait_for(i));
    }
    EXPECT_GE(faults().injected(Fault::late_turn), 20U);
}

TEST_F(ProviderFaults, NothingIsLostInShortTransfers) {
    std::optional<Peer> client;
    PWSK_SOCKET socket = connect(client, 0);
    faults().fail_with(Fault::short_receive, 0.9);
    faults().fail_with(Fault::short_send, 0.9);
    client->send("what is received in parts is one text");
    EXPECT_EQ(receive(socket, WSK_FLAG_WAITALL, 37), "what is received in parts is one text");
    const Memory memory("what is sent in parts is one text too");
    WSK_BUF buffer = memory.wsk();
    TestIrp irp;
    connected(socket).WskSend(socket, &buffer, 0, irp.get());
    EXPECT_EQ(irp.wait(), STATUS_SUCCESS);
    EXPECT_EQ(irp.information(), 37U);
    EXPECT_EQ(client->receive(37), "what is sent in parts is one text too");
}

TEST_F(ProviderFaults, NothingIsLostInShortReceivesByEvent) {
    faults().fail_with(Fault::short_receive, 0.9);
    std::optional<Peer> client;
    connect(client, WSK_EVENT_RECEIVE);
    std::string sent;
    for (int i = 0; i < 50; ++i) {
        sent += std::to_string(i) + ' ';
    }
    client->send(sent);
    ASSERT_TRUE(seen().wait_for(sent.size()));
    EXPECT_EQ(seen().text, sent);
}

TEST_F(ProviderFaults, AResetEndsAWaitingReceive) {
    std::optional<Peer> client;
    PWSK_SOCKET socket = connect(client, WSK_EVENT_DISCONNECT);
    faults().fail_nth(Fault::drop_receiving, 1);
    const Memory memory(16);
    WSK_BUF buffer = memory.wsk();
    TestIrp irp;
    EXPECT_EQ(connected(socket).WskReceive(socket, &buffer, 0, irp.get()), STATUS_PENDING);
    EXPECT_EQ(irp.wait(), STATUS_CONNECTION_RESET);
    ASSERT_TRUE(is_signalled(seen().disconnected));
    EXPECT_TRUE((seen().disconnect_flags & WSK_FLAG_ABORTIVE) != 0);
    EXPECT_TRUE(client->is_reset());
}

TEST_F(ProviderFaults, AResetEndsAWaitingSend) {
    std::optional<Peer> client;
    PWSK_SOCKET socket = connect(client, WSK_EVENT_DISCONNECT);
    faults().fail_nth(Fault::drop_sending, 1);
    const Memory memory("hello");
    WSK_BUF buffer = memory.wsk();
    TestIrp irp;
    EXPECT_EQ(connected(socket).WskSend(socket, &buffer, 0, irp.get()), STATUS_PENDING);
    EXPECT_EQ(irp.wait(), STATUS_CONNECTION_RESET);
    ASSERT_TRUE(is_signalled(seen().disconnected));
}

TEST_F(ProviderFaults, AResetEndsAWaitingDisconnect) {
    std::optional<Peer> client;
    PWSK_SOCKET socket = connect(client, WSK_EVENT_DISCONNECT);
    faults().fail_nth(Fault::drop_disconnecting, 1);
    TestIrp irp;
    EXPECT_EQ(connected(socket).WskDisconnect(socket, nullptr, 0, irp.get()), STATUS_PENDING);
    EXPECT_EQ(irp.wait(), STATUS_CONNECTION_RESET);
    ASSERT_TRUE(is_signalled(seen().disconnected));
}

TEST_F(ProviderFaults, AConnectionMayBeDeadOnArrival) {
    faults().fail_nth(Fault::drop_established, 1);
    std::optional<Peer> client;
    PWSK_SOCKET socket = connect(client, WSK_EVENT_DISCONNECT);
    ASSERT_TRUE(is_signalled(seen().disconnected));
    const Memory memory("hello");
    WSK_BUF buffer = memory.wsk();
    TestIrp irp;
    connected(socket).WskSend(socket, &buffer, 0, irp.get());
    EXPECT_EQ(irp.wait(), STATUS_CONNECTION_RESET);
}

}  // namespace
}  // namespace owsk::wsk
