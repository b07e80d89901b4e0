// SPDX-License-Identifier: MIT
// What datagram sockets make of a network that has no room, and of datagrams of every kind.
#include <gmock/gmock.h>
#include <wsk.h>

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "../provider_fixture.h"

namespace owsk::wsk {
namespace {

SOCKADDR_IN at(USHORT port) {
    SOCKADDR_IN address = {};
    address.sin_family = AF_INET;
    address.sin_port = RtlUshortByteSwap(port);
    address.sin_addr.S_un.S_addr = RtlUlongByteSwap(0x7F000001);
    return address;
}

// A WSK_BUF on memory of its own.
class Text {
  public:
    explicit Text(std::string text) : text_(std::move(text)) {
        mdl_ = IoAllocateMdl(text_.data(), static_cast<ULONG>(text_.size()), FALSE, FALSE, nullptr);
        MmBuildMdlForNonPagedPool(mdl_);
    }
    ~Text() { IoFreeMdl(mdl_); }
    Text(const Text&) = delete;
    Text& operator=(const Text&) = delete;

    WSK_BUF wsk() const { return {mdl_, 0, text_.size()}; }

  private:
    std::string text_;
    PMDL mdl_;
};

class DatagramSocketTest : public ProviderTest {
  protected:
    DatagramSocketTest() {
        WSK_CLIENT_NPI client = {nullptr, &client_dispatch_};
        EXPECT_EQ(WskRegister(&client, &registration_), STATUS_SUCCESS);
        provider().start();
        EXPECT_EQ(WskCaptureProviderNPI(&registration_, WSK_NO_WAIT, &npi_), STATUS_SUCCESS);
        TestIrp made;
        npi_.Dispatch->WskSocket(npi_.Client,
                                 AF_INET,
                                 SOCK_DGRAM,
                                 IPPROTO_UDP,
                                 WSK_FLAG_DATAGRAM_SOCKET,
                                 this,
                                 &dispatch_,
                                 nullptr,
                                 nullptr,
                                 nullptr,
                                 made.get());
        EXPECT_EQ(made.wait(), STATUS_SUCCESS);
        socket_ = reinterpret_cast<PWSK_SOCKET>(made.information());
    }
    ~DatagramSocketTest() override {
        TestIrp irp;
        functions().Basic.WskCloseSocket(socket_, irp.get());
        EXPECT_EQ(irp.wait(), STATUS_SUCCESS);
        WskReleaseProviderNPI(&registration_);
        WskDeregister(&registration_);
    }

    NTSTATUS bind() {
        SOCKADDR_IN local = at(5000);
        TestIrp irp;
        functions().WskBind(socket_, reinterpret_cast<PSOCKADDR>(&local), 0, irp.get());
        return irp.wait();
    }
    NTSTATUS enable_event() {
        WSK_EVENT_CALLBACK_CONTROL control = {&NPI_WSK_INTERFACE_ID, WSK_EVENT_RECEIVE_FROM};
        return functions().Basic.WskControlSocket(socket_,
                                                  WskSetOption,
                                                  SO_WSK_EVENT_CALLBACK,
                                                  SOL_SOCKET,
                                                  sizeof control,
                                                  &control,
                                                  0,
                                                  nullptr,
                                                  nullptr,
                                                  nullptr);
    }
    NTSTATUS send(TestIrp& irp, const Text& text) {
        SOCKADDR_IN remote = at(80);
        WSK_BUF buffer = text.wsk();
        return functions().WskSendTo(
            socket_, &buffer, 0, reinterpret_cast<PSOCKADDR>(&remote), 0, nullptr, irp.get());
    }
    NTSTATUS send(TestIrp& irp, PWSK_BUF_LIST list) {
        SOCKADDR_IN remote = at(80);
        return functions().WskSendMessages(
            socket_, list, 0, reinterpret_cast<PSOCKADDR>(&remote), 0, nullptr, irp.get());
    }
    std::vector<std::string> sent() {
        std::vector<std::string> texts;
        for (const FakeDatagramPort::Sent& one : port().sent()) {
            texts.push_back(one.text);
        }
        return texts;
    }
    const WSK_PROVIDER_DATAGRAM_DISPATCH& functions() const {
        return *static_cast<const WSK_PROVIDER_DATAGRAM_DISPATCH*>(socket_->Dispatch);
    }
    PWSK_SOCKET socket() const noexcept { return socket_; }
    FakeDatagramPort& port() { return network().newest_port(); }

    struct Event {
        std::vector<PWSK_DATAGRAM_INDICATION> list;
        ULONG kind;
    };
    std::vector<Event> events() {
        const std::lock_guard guard(mutex_);
        return events_;
    }
    std::atomic<NTSTATUS> answer = STATUS_SUCCESS;

  private:
    static NTAPI NTSTATUS on_receive(PVOID context, ULONG flags, PWSK_DATAGRAM_INDICATION list) {
        auto& self = *static_cast<DatagramSocketTest*>(context);
        Event event = {{}, flags & (MSG_BCAST | MSG_MCAST)};
        for (; list != nullptr; list = list->Next) {
            event.list.push_back(list);
        }
        const std::lock_guard guard(self.mutex_);
        self.events_.push_back(event);
        return self.answer;
    }

    const WSK_CLIENT_DISPATCH client_dispatch_ = {MAKE_WSK_VERSION(1, 0), 0, nullptr};
    const WSK_CLIENT_DATAGRAM_DISPATCH dispatch_ = {on_receive};
    WSK_REGISTRATION registration_ = {};
    WSK_PROVIDER_NPI npi_ = {};
    PWSK_SOCKET socket_ = nullptr;
    std::mutex mutex_;
    std::vector<Event> events_;
};

using testing::ElementsAre;

TEST_F(DatagramSocketTest, APortThatDoesNotStartIsABindThatFails) {
    network().fail_next_start(STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_EQ(bind(), STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_EQ(bind(), STATUS_SUCCESS);
}

TEST_F(DatagramSocketTest, WithoutRoomDatagramsWaitAndGoOutInOrder) {
    ASSERT_EQ(bind(), STATUS_SUCCESS);
    const Text one("one"), two("two");
    TestIrp first, second;
    ASSERT_EQ(send(first, one), STATUS_PENDING);
    ASSERT_EQ(send(second, two), STATUS_PENDING);
    port().make_room(1);
    EXPECT_EQ(first.wait(), STATUS_SUCCESS);
    EXPECT_EQ(first.information(), 3U);
    EXPECT_FALSE(second.is_done());
    port().make_room(1);
    EXPECT_EQ(second.wait(), STATUS_SUCCESS);
    EXPECT_THAT(sent(), ElementsAre("one", "two"));
    EXPECT_EQ(port().sent()[0].remote.port, 80);
}

TEST_F(DatagramSocketTest, AListGoesOnWhereItHadNoRoomAndReportsWhatWasSent) {
    ASSERT_EQ(bind(), STATUS_SUCCESS);
    const Text one("one"), two("two"), three("three");
    WSK_BUF_LIST last = {nullptr, three.wsk()};
    WSK_BUF_LIST middle = {&last, two.wsk()};
    WSK_BUF_LIST list = {&middle, one.wsk()};
    TestIrp irp;
    ASSERT_EQ(send(irp, &list), STATUS_PENDING);
    port().make_room(2);
    EXPECT_FALSE(irp.is_done());
    EXPECT_THAT(sent(), ElementsAre("one", "two"));
    IoCancelIrp(irp.get());
    EXPECT_EQ(irp.wait(), STATUS_CANCELLED);
    EXPECT_EQ(irp.information(), 6U);
    port().make_room(9);
    EXPECT_THAT(sent(), ElementsAre("one", "two"));
}

TEST_F(DatagramSocketTest, AFailureEndsOneSendAndNoOther) {
    ASSERT_EQ(bind(), STATUS_SUCCESS);
    const Text one("one"), two("two");
    TestIrp first, second;
    ASSERT_EQ(send(first, one), STATUS_PENDING);
    ASSERT_EQ(send(second, two), STATUS_PENDING);
    port().fail_next_send(STATUS_NETWORK_UNREACHABLE);
    port().make_room(1);
    EXPECT_EQ(first.wait(), STATUS_NETWORK_UNREACHABLE);
    EXPECT_EQ(second.wait(), STATUS_SUCCESS);
    EXPECT_THAT(sent(), ElementsAre("two"));
}

TEST_F(DatagramSocketTest, WithoutMemoryForWhatHasToWaitASendFails) {
    ASSERT_EQ(bind(), STATUS_SUCCESS);
    faults().fail_nth(Fault::send_memory, 1);
    const Text text("x");
    TestIrp irp;
    EXPECT_EQ(irp.wait_after(send(irp, text)), STATUS_INSUFFICIENT_RESOURCES);
}

TEST_F(DatagramSocketTest, ACancelledSendAndRoomForItAgreeOnOneEnd) {
    ASSERT_EQ(bind(), STATUS_SUCCESS);
    const Text text("x");
    std::size_t gone_out = 0;
    for (int round = 0; round < 200; ++round) {
        TestIrp irp;
        ASSERT_EQ(send(irp, text), STATUS_PENDING);
        std::thread canceller([&] {
            const nt::ThreadScope scope(system());
            IoCancelIrp(irp.get());
        });
        port().make_room(1);
        canceller.join();
        const NTSTATUS status = irp.wait();
        gone_out += status == STATUS_SUCCESS ? 1 : 0;
        ASSERT_TRUE(status == STATUS_SUCCESS || status == STATUS_CANCELLED);
        EXPECT_EQ(irp.information(), status == STATUS_SUCCESS ? 1U : 0U);
        port().make_room(0);
        EXPECT_EQ(sent().size(), gone_out);
    }
}

TEST_F(DatagramSocketTest, AListNeverMixesKinds) {
    ASSERT_EQ(bind(), STATUS_SUCCESS);
    faults().fail_with(Fault::indication_list, 1);
    const bool broadcasts[] = {false, true, true, false, false, false, true, false};
    for (const bool is_broadcast : broadcasts) {
        net::ReceivedDatagram datagram;
        datagram.is_broadcast = is_broadcast;
        datagram.is_multicast = false;
        port().bring(datagram, is_broadcast ? "broadcast" : "one");
    }
    ASSERT_EQ(enable_event(), STATUS_SUCCESS);
    port().announce(true, false);
    std::size_t shown = 0;
    std::size_t longest = 0;
    for (const Event& event : events()) {
        for (std::size_t i = 0; i < event.list.size(); ++i) {
            EXPECT_EQ(event.kind, broadcasts[shown++] ? ULONG{MSG_BCAST} : 0U);
        }
        longest = std::max(longest, event.list.size());
    }
    EXPECT_EQ(shown, std::size(broadcasts));
    EXPECT_GT(longest, 1U);
}

TEST_F(DatagramSocketTest, ThousandsOfStrangersDoNotHideTheFixedRemoteAddress) {
    ASSERT_EQ(bind(), STATUS_SUCCESS);
    SOCKADDR_IN remote = at(80);
    TestIrp fixed;
    functions().Basic.WskControlSocket(socket(),
                                       WskIoctl,
                                       SIO_WSK_SET_REMOTE_ADDRESS,
                                       0,
                                       sizeof remote,
                                       &remote,
                                       0,
                                       nullptr,
                                       nullptr,
                                       fixed.get());
    ASSERT_EQ(fixed.wait(), STATUS_SUCCESS);
    net::ReceivedDatagram datagram;
    datagram.remote.ip = {127, 0, 0, 1};
    datagram.remote.port = 81;
    for (int i = 0; i < 5000; ++i) {
        port().bring(datagram, "a stranger");
    }
    datagram.remote.port = 80;
    port().bring(datagram, "a friend");
    std::string room(20, ' ');
    const PMDL mdl = IoAllocateMdl(room.data(), 20, FALSE, FALSE, nullptr);
    MmBuildMdlForNonPagedPool(mdl);
    WSK_BUF buffer = {mdl, 0, 20};
    TestIrp irp;
    functions().WskReceiveFrom(socket(), &buffer, 0, nullptr, nullptr, nullptr, nullptr, irp.get());
    EXPECT_EQ(irp.wait(), STATUS_SUCCESS);
    EXPECT_EQ(room.substr(0, irp.information()), "a friend");
    IoFreeMdl(mdl);
}

TEST_F(DatagramSocketTest, WithoutMemoryTheEventComesLater) {
    ASSERT_EQ(bind(), STATUS_SUCCESS);
    ASSERT_EQ(enable_event(), STATUS_SUCCESS);
    faults().fail_nth(Fault::receive_memory, 1);
    port().bring({}, "late");
    port().announce(true, false);
    for (int i = 0; i < 2000 && events().empty(); ++i) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT_EQ(events().size(), 1U);
}

TEST_F(DatagramSocketTest, RetainedDatagramsEndReception) {
    answer = STATUS_PENDING;
    ASSERT_EQ(bind(), STATUS_SUCCESS);
    ASSERT_EQ(enable_event(), STATUS_SUCCESS);
    // Empty ones take memory as well.
    constexpr std::size_t many = 20'000;
    for (std::size_t i = 0; i < many; ++i) {
        port().bring({}, "");
    }
    while (port().waiting() != 0) {
        const std::size_t before = port().waiting();
        port().announce(true, false);
        if (port().waiting() == before) {
            break;
        }
    }
    EXPECT_GT(port().waiting(), 0U);
    EXPECT_LT(port().waiting(), many - 1000);
    answer = STATUS_SUCCESS;
    for (const Event& event : events()) {
        functions().WskRelease(socket(), event.list[0]);
    }
    for (int i = 0; i < 2000 && port().waiting() != 0; ++i) {
        port().announce(true, false);
    }
    EXPECT_EQ(port().waiting(), 0U);
}

}  // namespace
}  // namespace owsk::wsk
