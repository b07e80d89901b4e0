// SPDX-License-Identifier: MIT
#include "net/faulty/faulty_datagram_port.h"

#include <gtest/gtest.h>

#include <deque>
#include <string>

#include "unit/net/faulty/hand_processor.h"

namespace owsk::net {
namespace {

// Everything that is sent, and what the test lets arrive.
class PlainPort final : public DatagramPort {
  public:
    std::vector<std::string> sent;
    std::deque<std::size_t> arriving;

    const Address& local_address() const noexcept override { return address_; }
    void allow_port_sharing(bool) noexcept override {}
    NTSTATUS start(host::Processor&, DatagramEvents&) noexcept override { return STATUS_SUCCESS; }
    Transfer receive(std::span<const Slice>, ReceivedDatagram& datagram) noexcept override {
        if (arriving.empty()) {
            return {Outcome::would_block};
        }
        datagram.length = arriving.front();
        arriving.pop_front();
        return {Outcome::done, datagram.length};
    }
    Transfer send(std::span<const Slice> slices,
                  const Address&,
                  const DatagramHeader&) noexcept override {
        sent.emplace_back(static_cast<const char*>(slices[0].base), slices[0].length);
        return {Outcome::done, slices[0].length};
    }
    NTSTATUS set_option(DatagramOption, std::uint32_t) noexcept override { return STATUS_SUCCESS; }
    Result<std::uint32_t> get_option(DatagramOption) noexcept override { return std::uint32_t{0}; }
    NTSTATUS join_group(const Address&, std::uint32_t) noexcept override { return STATUS_SUCCESS; }
    NTSTATUS leave_group(const Address&, std::uint32_t) noexcept override { return STATUS_SUCCESS; }
    void close(host::Task& closed) noexcept override { closed.run(); }

  private:
    const Address address_ = {};
};

class FaultyDatagramPortTest : public testing::Test, protected DatagramEvents {
  protected:
    FaultyDatagramPortTest() {
        auto plain = std::make_unique<PlainPort>();
        inner = plain.get();
        port = std::make_unique<FaultyDatagramPort>(std::move(plain), faults);
        EXPECT_EQ(port->start(processor, *this), STATUS_SUCCESS);
    }
    void on_datagrams(bool is_readable, bool is_writable) noexcept override {
        readable += is_readable ? 1 : 0;
        writable += is_writable ? 1 : 0;
    }
    Transfer send(std::string text) {
        const Slice slice = {text.data(), text.size()};
        return port->send({&slice, 1}, {}, {});
    }
    Transfer receive() {
        ReceivedDatagram datagram;
        return port->receive({}, datagram);
    }

    Faults faults{7, true};
    HandProcessor processor;
    PlainPort* inner;
    std::unique_ptr<FaultyDatagramPort> port;
    int readable = 0;
    int writable = 0;
};

TEST_F(FaultyDatagramPortTest, WithoutFaultsEverythingPasses) {
    EXPECT_EQ(send("hello").bytes, 5U);
    inner->arriving = {3};
    EXPECT_EQ(receive().bytes, 3U);
    EXPECT_EQ(inner->sent, std::vector<std::string>{"hello"});
}

TEST_F(FaultyDatagramPortTest, ASendFailsAndTheNextDoesNot) {
    faults.fail_nth(Fault::send_datagram, 1);
    EXPECT_EQ(send("first").status, STATUS_INSUFFICIENT_RESOURCES);
    EXPECT_EQ(send("second").outcome, Outcome::done);
    EXPECT_EQ(inner->sent, std::vector<std::string>{"second"});
}

TEST_F(FaultyDatagramPortTest, ALostDatagramLooksSent) {
    faults.fail_nth(Fault::lose_datagram, 1);
    const Transfer lost = send("first");
    EXPECT_EQ(lost.outcome, Outcome::done);
    EXPECT_EQ(lost.bytes, 5U);
    send("second");
    EXPECT_EQ(inner->sent, std::vector<std::string>{"second"});
}

TEST_F(FaultyDatagramPortTest, WhatIsLateIsAnnounced) {
    inner->arriving = {3};
    faults.fail_nth(Fault::late_datagram, 1);
    EXPECT_EQ(receive().outcome, Outcome::would_block);
    EXPECT_EQ(readable, 0);
    processor.run();
    EXPECT_EQ(readable, 1);
    EXPECT_EQ(writable, 0);
    EXPECT_EQ(receive().bytes, 3U);
    faults.fail_nth(Fault::late_datagram, 1);
    EXPECT_EQ(send("later").outcome, Outcome::would_block);
    processor.run();
    EXPECT_EQ(writable, 1);
    EXPECT_EQ(send("later").outcome, Outcome::done);
}

}  // namespace
}  // namespace owsk::net
