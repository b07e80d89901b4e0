// SPDX-License-Identifier: MIT
// What every port of datagrams owes to its user. A network takes part by a Scene:
//
//   network(), processor()
//   change(what)         runs `what`, which changes what wait_for() looks at
//   wait_for(condition)  waits until it holds; false if it does not
//   close(port)          closes a port that was started, and waits until it is closed
#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/address_text.h"
#include "net/flow.h"
#include "net/network.h"

namespace owsk::net {

template <typename Scene>
class DatagramLog final : public DatagramEvents {
  public:
    explicit DatagramLog(Scene& scene) : scene_(scene) {}

    void on_datagrams(bool readable, bool writable) noexcept override {
        scene_.change([&] {
            readable_ = readable_ || readable;
            writable_ = writable_ || writable;
        });
    }
    bool wait_readable() { return take(readable_); }
    bool wait_writable() { return take(writable_); }

  private:
    bool take(bool& news) {
        const bool came = scene_.wait_for([&] { return news; });
        scene_.change([&] { news = false; });
        return came;
    }

    Scene& scene_;
    bool readable_ = false;
    bool writable_ = false;
};

inline Address address_at(const std::string& ip, std::uint16_t port = 0) {
    Address address = ip_from_text(ip).value();
    address.port = port;
    return address;
}

// A port in use.
template <typename Scene>
class UsedPort {
  public:
    UsedPort(Scene& scene, const Address& address, const DatagramPortOptions& options = {})
        : scene_(scene), log_(scene) {
        Result<std::unique_ptr<DatagramPort>> made =
            scene.network().bind_datagrams(address, options);
        EXPECT_TRUE(made.has_value()) << std::hex << made.status();
        port_ = std::move(*made);
        EXPECT_EQ(port_->start(scene.processor(), log_), STATUS_SUCCESS);
    }
    ~UsedPort() { scene_.close(*port_); }
    UsedPort(const UsedPort&) = delete;
    UsedPort& operator=(const UsedPort&) = delete;

    DatagramPort* operator->() { return port_.get(); }
    DatagramLog<Scene>& log() { return log_; }
    // Its port at another address of the computer.
    Address at(const std::string& ip) { return address_at(ip, port_->local_address().port); }

    Transfer send(const Address& to, std::string text, const DatagramHeader& header = {}) {
        const Slice slice = {text.data(), text.size()};
        return port_->send({&slice, 1}, to, header);
    }
    // The next outcome that is not "nothing has come yet".
    Transfer receive(std::size_t room = 1024) {
        text_.assign(room, '.');
        const Slice slices[] = {{text_.data(), room / 2},
                                {text_.data() + room / 2, room - room / 2}};
        for (;;) {
            const Transfer transfer = port_->receive(slices, datagram_);
            if (transfer.outcome != Outcome::would_block) {
                text_.resize(transfer.bytes);
                return transfer;
            }
            if (!log_.wait_readable()) {
                ADD_FAILURE() << "nothing came";
                return transfer;
            }
        }
    }
    std::string text(std::size_t room = 1024) {
        EXPECT_EQ(receive(room).outcome, Outcome::done);
        return text_;
    }
    const std::string& last_text() const { return text_; }
    // About the last one.
    const ReceivedDatagram& datagram() const { return datagram_; }

  private:
    Scene& scene_;
    DatagramLog<Scene> log_;
    std::unique_ptr<DatagramPort> port_;
    std::string text_;
    ReceivedDatagram datagram_;
};

// A member hears its group on the interface, and nobody else does.
template <typename Scene>
void expect_group(Scene& scene, const Address& any, const Address& group, std::uint32_t interface) {
    UsedPort<Scene> member(scene, any);
    UsedPort<Scene> other(scene, any);
    UsedPort<Scene> sender(scene, any);
    Address to = group;
    to.port = member->local_address().port;
    ASSERT_EQ(member->join_group(group, interface), STATUS_SUCCESS);
    EXPECT_EQ(member->join_group(group, interface), STATUS_ADDRESS_ALREADY_EXISTS);
    EXPECT_EQ(other->leave_group(group, interface), STATUS_INVALID_ADDRESS_COMPONENT);
    ASSERT_EQ(sender->set_option(DatagramOption::multicast_interface, interface), STATUS_SUCCESS);
    EXPECT_EQ(*sender->get_option(DatagramOption::multicast_interface), interface);
    ASSERT_EQ(member->set_option(DatagramOption::report_hop_limit, 1), STATUS_SUCCESS);
    ASSERT_EQ(sender.send(to, "to all").outcome, Outcome::done);
    EXPECT_EQ(member.text(), "to all");
    EXPECT_TRUE(member.datagram().is_multicast);
    EXPECT_FALSE(member.datagram().is_broadcast);
    EXPECT_EQ(member.datagram().header.hop_limit, 1);
    ASSERT_EQ(member->leave_group(group, interface), STATUS_SUCCESS);
    sender.send(to, "to nobody");
    sender.send(member.at(any.family == Family::ipv4 ? "127.0.0.1" : "::1"), "to one");
    EXPECT_EQ(member.text(), "to one");
    EXPECT_FALSE(member.datagram().is_multicast);
}

template <typename Scene>
class DatagramContract : public testing::Test {
  protected:
    using Port = UsedPort<Scene>;
    Scene scene;

    void expect_loopback(const char* ip) {
        Port here(scene, address_at(ip));
        Port there(scene, address_at(ip));
        ASSERT_NE(here->local_address().port, 0);
        EXPECT_TRUE(here.log().wait_writable());
        const Transfer sent = there.send(here->local_address(), "question");
        EXPECT_EQ(sent.outcome, Outcome::done);
        EXPECT_EQ(sent.bytes, 8U);
        EXPECT_EQ(here.text(), "question");
        EXPECT_EQ(here.datagram().remote, there->local_address());
        EXPECT_EQ(here.datagram().length, 8U);
        EXPECT_FALSE(here.datagram().is_broadcast);
        EXPECT_FALSE(here.datagram().is_multicast);
        EXPECT_EQ(here.datagram().header, DatagramHeader{});
    }
    void expect_reports(const char* ip) {
        Port here(scene, address_at(ip));
        Port there(scene, address_at(ip));
        for (const DatagramOption option : {DatagramOption::report_packet_info,
                                            DatagramOption::report_hop_limit,
                                            DatagramOption::report_traffic_class}) {
            EXPECT_EQ(*here->get_option(option), 0U);
            EXPECT_EQ(here->set_option(option, 1), STATUS_SUCCESS);
            EXPECT_EQ(*here->get_option(option), 1U);
        }
        ASSERT_EQ(there->set_option(DatagramOption::hop_limit, 7), STATUS_SUCCESS);
        ASSERT_EQ(there->set_option(DatagramOption::traffic_class, 0xB8), STATUS_SUCCESS);
        there.send(here->local_address(), "x");
        here.text();
        const DatagramHeader expected = {
            .packet_info = PacketInfo{.ip = address_at(ip).ip, .interface_index = 1},
            .hop_limit = 7,
            .traffic_class = 0xB8};
        EXPECT_EQ(here.datagram().header, expected);
        const DatagramHeader own = {
            .packet_info = expected.packet_info, .hop_limit = 3, .traffic_class = 0x02};
        EXPECT_EQ(there.send(here->local_address(), "x", own).outcome, Outcome::done);
        here.text();
        EXPECT_EQ(here.datagram().header, own);
    }
    void expect_several(const char* ip) {
        Port here(scene, address_at(ip));
        Port there(scene, address_at(ip));
        std::array<std::string, 3> texts = {"one", "", "number three"};
        std::array<Slice, 3> pieces;
        for (std::size_t i = 0; i < texts.size(); ++i) {
            pieces[i] = {texts[i].data(), texts[i].size()};
        }
        const DatagramBatch sent = there->send_each(pieces, here->local_address(), {});
        EXPECT_EQ(sent.count, 3U);
        EXPECT_EQ(sent.last.outcome, Outcome::done);
        EXPECT_EQ(there.send(here->local_address(), "number four").outcome, Outcome::done);
        std::array<std::array<char, 8>, 3> memory = {};
        std::array<ReceivedDatagram, 3> datagrams;
        std::vector<DatagramRoom> rooms;
        for (std::size_t i = 0; i < memory.size(); ++i) {
            char* const room = memory[i].data();
            rooms.push_back({{Slice{room, 4}, Slice{room + 4, 4}}, &datagrams[i], 0});
        }
        std::vector<std::string> received;
        while (received.size() < 4) {
            const DatagramBatch got = here->receive_several(rooms);
            for (std::size_t i = 0; i < got.count; ++i) {
                received.push_back({memory[i].data(), rooms[i].bytes});
                EXPECT_EQ(datagrams[i].remote, there->local_address());
            }
            if (got.count < rooms.size()) {
                EXPECT_EQ(got.last.outcome, Outcome::would_block);
                ASSERT_TRUE(received.size() == 4 || here.log().wait_readable());
            }
        }
        EXPECT_EQ(received, (std::vector<std::string>{"one", "", "number t", "number f"}));
        EXPECT_EQ(here->receive_several(rooms).last.outcome, Outcome::would_block);
        // The first that fails ends it, and nothing is sent to port 0.
        EXPECT_EQ(there->send_each(pieces, address_at(ip), {}).last.status,
                  STATUS_INVALID_ADDRESS_COMPONENT);
    }
    // Where nobody has the port.
    Address nobody_at(const char* ip) {
        Port gone(scene, address_at(ip));
        return gone->local_address();
    }
    void expect_unreachable(const char* ip, const IcmpReport& report) {
        Port here(scene, address_at(ip));
        ASSERT_EQ(here->set_option(DatagramOption::report_errors, 1), STATUS_SUCCESS);
        const Address nobody = nobody_at(ip);
        EXPECT_EQ(here.send(nobody, "question").outcome, Outcome::done);
        EXPECT_EQ(here.text(), "question");
        EXPECT_EQ(here.datagram().error, report);
        EXPECT_EQ(here.datagram().remote, nobody);
        EXPECT_EQ(here.datagram().length, 8U);
        EXPECT_EQ(here.datagram().header, DatagramHeader{});
        // The port goes on, also where an error has not been taken yet.
        EXPECT_EQ(here.send(nobody, "another").outcome, Outcome::done);
        EXPECT_TRUE(here.log().wait_readable());
        EXPECT_EQ(here.send(here->local_address(), "to myself").outcome, Outcome::done);
        std::string texts[2];
        for (std::string& text : texts) {
            text = here.text();
            EXPECT_EQ(here.datagram().error.has_value(), text == "another");
        }
        EXPECT_THAT(texts, testing::UnorderedElementsAre("another", "to myself"));
        // What there is no room for is lost.
        EXPECT_EQ(here.send(nobody, "0123456789").outcome, Outcome::done);
        EXPECT_EQ(here.text(7), "0123456");
        EXPECT_GT(here.datagram().length, 7U);
        EXPECT_EQ(here.datagram().error, report);
    }
};

TYPED_TEST_SUITE_P(DatagramContract);

TYPED_TEST_P(DatagramContract, CarriesADatagramOfIpv4) {
    this->expect_loopback("127.0.0.1");
}

TYPED_TEST_P(DatagramContract, CarriesADatagramOfIpv6) {
    this->expect_loopback("::1");
}

TYPED_TEST_P(DatagramContract, KeepsTheBoundsOfDatagrams) {
    UsedPort<TypeParam> here(this->scene, address_at("127.0.0.1"));
    const Address self = here->local_address();
    here.send(self, "first");
    EXPECT_EQ(here.send(self, "").outcome, Outcome::done);
    here.send(self, "0123456789");
    here.send(self, "last");
    EXPECT_EQ(here.text(), "first");
    EXPECT_EQ(here.text(), "");
    EXPECT_EQ(here.datagram().length, 0U);
    EXPECT_EQ(here.datagram().remote, self);
    // What there is no room for is lost, and what comes after it is not.
    EXPECT_EQ(here.text(7), "0123456");
    EXPECT_EQ(here.datagram().length, 10U);
    EXPECT_EQ(here.text(), "last");
}

TYPED_TEST_P(DatagramContract, SendsSeveralDatagramsOfOneSize) {
    UsedPort<TypeParam> here(this->scene, address_at("127.0.0.1"));
    UsedPort<TypeParam> there(this->scene, address_at("127.0.0.1"));
    const auto send = [&](const std::string& text, const DatagramHeader& header = {}) {
        const Transfer sent = there.send(here->local_address(), text, header);
        EXPECT_EQ(sent.outcome, Outcome::done);
        EXPECT_EQ(sent.bytes, text.size());
    };
    ASSERT_EQ(there->set_option(DatagramOption::segment_size, 4), STATUS_SUCCESS);
    send("0123456789");
    EXPECT_EQ(here.text(), "0123");
    EXPECT_EQ(here.datagram().header, DatagramHeader{});
    EXPECT_EQ(here.text(), "4567");
    EXPECT_EQ(here.text(), "89");
    send("0123");
    EXPECT_EQ(here.text(), "0123");
    send("");
    EXPECT_EQ(here.text(), "");
    // What the datagram itself says comes first.
    send("0123456789", {.segment_size = 6});
    EXPECT_EQ(here.text(), "012345");
    EXPECT_EQ(here.text(), "6789");
    send("0123456789", {.segment_size = 0});
    EXPECT_EQ(here.text(), "0123456789");
    send("0123456789", {.segment_size = 0xFFFFFFFF});
    EXPECT_EQ(here.text(), "0123456789");
}

TYPED_TEST_P(DatagramContract, TellsHowLongThoseWereThatCameTogether) {
    for (const char* ip : {"127.0.0.1", "::1"}) {
        UsedPort<TypeParam> here(this->scene, address_at(ip));
        UsedPort<TypeParam> there(this->scene, address_at(ip));
        ASSERT_EQ(here->set_option(DatagramOption::coalesced_max, 65535), STATUS_SUCCESS);
        there.send(here->local_address(), "0123456789", {.segment_size = 4});
        std::string text;
        while (text.size() < 10 && here.receive().outcome == Outcome::done) {
            const ReceivedDatagram& datagram = here.datagram();
            EXPECT_LE(datagram.header.segment_size.value_or(datagram.length), 4U);
            EXPECT_EQ(datagram.header.segment_size.has_value(), datagram.length > 4);
            text += here.last_text();
        }
        EXPECT_EQ(text, "0123456789");
    }
}

TYPED_TEST_P(DatagramContract, CarriesSeveralOfIpv4) {
    this->expect_several("127.0.0.1");
}

TYPED_TEST_P(DatagramContract, CarriesSeveralOfIpv6) {
    this->expect_several("::1");
}

TYPED_TEST_P(DatagramContract, TellsTheHeaderOfIpv4) {
    this->expect_reports("127.0.0.1");
}

TYPED_TEST_P(DatagramContract, TellsTheHeaderOfIpv6) {
    this->expect_reports("::1");
}

TYPED_TEST_P(DatagramContract, HearsItsGroups) {
    expect_group(this->scene, address_at("0.0.0.0"), address_at("239.1.2.3"), 1);
}

TYPED_TEST_P(DatagramContract, JoinsOnlyWhatIsAGroupOfItsFamily) {
    UsedPort<TypeParam> here(this->scene, address_at("0.0.0.0"));
    EXPECT_EQ(here->join_group(address_at("192.0.2.1"), 1), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(here->join_group(address_at("ff01::1234"), 1), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(here->join_group(address_at("239.1.2.3"), 4711), STATUS_INVALID_ADDRESS_COMPONENT);
    EXPECT_EQ(here->set_option(DatagramOption::multicast_interface, 4711),
              STATUS_INVALID_ADDRESS_COMPONENT);
}

TYPED_TEST_P(DatagramContract, ReportsAnIcmpErrorOfIpv4) {
    this->expect_unreachable("127.0.0.1", {.family = Family::ipv4, .type = 3, .code = 3});
}

TYPED_TEST_P(DatagramContract, ReportsAnIcmpErrorOfIpv6) {
    this->expect_unreachable("::1", {.family = Family::ipv6, .type = 1, .code = 4});
}

TYPED_TEST_P(DatagramContract, ReportsAnIcmpErrorOfIpv4ToAPortOfBothFamilies) {
    UsedPort<TypeParam> both(this->scene, address_at("::"), DatagramPortOptions{.v6_only = false});
    ASSERT_EQ(both->set_option(DatagramOption::report_errors, 1), STATUS_SUCCESS);
    const Address nobody = v4_mapped(this->nobody_at("127.0.0.1"));
    EXPECT_EQ(both.send(nobody, "x").outcome, Outcome::done);
    EXPECT_EQ(both.text(), "x");
    EXPECT_EQ(both.datagram().remote, nobody);
    const IcmpReport report = {.family = Family::ipv4, .type = 3, .code = 3};
    EXPECT_EQ(both.datagram().error, report);
}

TYPED_TEST_P(DatagramContract, SaysNothingOfIcmpErrorsUnlessAsked) {
    UsedPort<TypeParam> here(this->scene, address_at("127.0.0.1"));
    EXPECT_EQ(*here->get_option(DatagramOption::report_errors), 0U);
    EXPECT_EQ(here.send(this->nobody_at("127.0.0.1"), "x").outcome, Outcome::done);
    EXPECT_EQ(here.send(here->local_address(), "to myself").outcome, Outcome::done);
    EXPECT_EQ(here.text(), "to myself");
}

TYPED_TEST_P(DatagramContract, RefusesWhatCannotBeSent) {
    UsedPort<TypeParam> here(this->scene, address_at("127.0.0.1"));
    const auto status_of = [&](const Address& to, std::string text = "x", DatagramHeader how = {}) {
        const Transfer transfer = here.send(to, std::move(text), how);
        EXPECT_EQ(transfer.outcome, Outcome::failed);
        return transfer.status;
    };
    const Address self = here->local_address();
    EXPECT_EQ(status_of(self, std::string(65508, 'x')), STATUS_INVALID_BUFFER_SIZE);
    EXPECT_EQ(status_of(address_at("127.0.0.1", 0)), STATUS_INVALID_ADDRESS_COMPONENT);
    EXPECT_EQ(status_of(address_at("0.0.0.0", 7)), STATUS_INVALID_ADDRESS_COMPONENT);
    EXPECT_EQ(status_of(address_at("::1", 7)), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(status_of(self, "x", {.hop_limit = std::uint8_t{0}}), STATUS_INVALID_PARAMETER);
    const PacketInfo foreign = {.ip = address_at("198.51.100.1").ip};
    EXPECT_EQ(status_of(self, "x", {.packet_info = foreign}), STATUS_INVALID_ADDRESS_COMPONENT);
    const PacketInfo group = {.ip = address_at("239.0.0.7").ip};
    EXPECT_EQ(status_of(self, "x", {.packet_info = group}), STATUS_INVALID_ADDRESS_COMPONENT);
    EXPECT_EQ(status_of(address_at("255.255.255.255", 7)), STATUS_ACCESS_DENIED);
}

TYPED_TEST_P(DatagramContract, AnIpv6PortThatTakesBothFamiliesShowsIpv4AsIpv6) {
    UsedPort<TypeParam> both(this->scene, address_at("::"), DatagramPortOptions{.v6_only = false});
    UsedPort<TypeParam> other(this->scene, address_at("127.0.0.1"));
    for (const DatagramOption option :
         {DatagramOption::report_packet_info, DatagramOption::report_hop_limit}) {
        ASSERT_EQ(both->set_option(option, 1), STATUS_SUCCESS);
    }
    other.send(both.at("127.0.0.1"), "x");
    EXPECT_EQ(both.text(), "x");
    EXPECT_EQ(both.datagram().remote, v4_mapped(other->local_address()));
    EXPECT_FALSE(both.datagram().is_broadcast);
    const DatagramHeader header = both.datagram().header;
    ASSERT_TRUE(header.packet_info.has_value());
    EXPECT_EQ(header.packet_info->ip, v4_mapped(address_at("127.0.0.1")).ip);
    EXPECT_TRUE(header.hop_limit.has_value());
    // What has come tells where the answer is to leave from.
    const DatagramHeader how = {.packet_info = header.packet_info, .hop_limit = 9};
    ASSERT_EQ(other->set_option(DatagramOption::report_hop_limit, 1), STATUS_SUCCESS);
    EXPECT_EQ(both.send(both.datagram().remote, "answer", how).outcome, Outcome::done);
    EXPECT_EQ(other.text(), "answer");
    EXPECT_EQ(other.datagram().remote, both.at("127.0.0.1"));
    EXPECT_EQ(other.datagram().header.hop_limit, 9);
}

TYPED_TEST_P(DatagramContract, HoldsItsPortUntilItIsClosed) {
    Network& network = this->scene.network();
    std::optional<UsedPort<TypeParam>> here(std::in_place, this->scene, address_at("127.0.0.1"));
    const Address local = (*here)->local_address();
    EXPECT_EQ(network.bind_datagrams(local, {}).status(), STATUS_ADDRESS_ALREADY_EXISTS);
    EXPECT_EQ(network.bind_datagrams(local, {.share_port = true}).status(),
              STATUS_ADDRESS_ALREADY_EXISTS);
    (*here)->allow_port_sharing(true);
    EXPECT_TRUE(network.bind_datagrams(local, {.share_port = true}).has_value());
    (*here)->allow_port_sharing(false);
    EXPECT_EQ(network.bind_datagrams(local, {.share_port = true}).status(),
              STATUS_ADDRESS_ALREADY_EXISTS);
    here.reset();
    EXPECT_TRUE(network.bind_datagrams(local, {}).has_value());
    EXPECT_EQ(network.bind_datagrams(address_at("198.51.100.1"), {}).status(),
              STATUS_INVALID_ADDRESS_COMPONENT);
}

TYPED_TEST_P(DatagramContract, ItsOptionsReadAsTheyWereWritten) {
    UsedPort<TypeParam> here(this->scene, address_at("127.0.0.1"));
    const std::pair<DatagramOption, std::uint32_t> written[] = {
        {DatagramOption::receive_buffer, 40000},
        {DatagramOption::send_buffer, 50000},
        {DatagramOption::broadcast, 1},
        {DatagramOption::hop_limit, 200},
        {DatagramOption::multicast_hop_limit, 20},
        {DatagramOption::multicast_loopback, 0},
        {DatagramOption::traffic_class, 0x10},
        {DatagramOption::do_not_fragment, 1},
        {DatagramOption::segment_size, 100'000},
        {DatagramOption::coalesced_max, 100'000},
        {DatagramOption::report_errors, 1},
    };
    EXPECT_EQ(*here->get_option(DatagramOption::broadcast), 0U);
    EXPECT_EQ(*here->get_option(DatagramOption::do_not_fragment), 0U);
    EXPECT_EQ(*here->get_option(DatagramOption::multicast_loopback), 1U);
    EXPECT_EQ(*here->get_option(DatagramOption::multicast_hop_limit), 1U);
    for (const auto& [option, value] : written) {
        EXPECT_EQ(here->set_option(option, value), STATUS_SUCCESS);
        EXPECT_EQ(*here->get_option(option), value) << static_cast<int>(option);
    }
    EXPECT_EQ(here->set_option(DatagramOption::hop_limit, 0), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(here->set_option(DatagramOption::hop_limit, 256), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(*here->get_option(DatagramOption::hop_limit), 200U);
}

REGISTER_TYPED_TEST_SUITE_P(DatagramContract,
                            CarriesADatagramOfIpv4,
                            CarriesADatagramOfIpv6,
                            KeepsTheBoundsOfDatagrams,
                            SendsSeveralDatagramsOfOneSize,
                            TellsHowLongThoseWereThatCameTogether,
                            CarriesSeveralOfIpv4,
                            CarriesSeveralOfIpv6,
                            TellsTheHeaderOfIpv4,
                            TellsTheHeaderOfIpv6,
                            HearsItsGroups,
                            JoinsOnlyWhatIsAGroupOfItsFamily,
                            ReportsAnIcmpErrorOfIpv4,
                            ReportsAnIcmpErrorOfIpv6,
                            ReportsAnIcmpErrorOfIpv4ToAPortOfBothFamilies,
                            SaysNothingOfIcmpErrorsUnlessAsked,
                            RefusesWhatCannotBeSent,
                            AnIpv6PortThatTakesBothFamiliesShowsIpv4AsIpv6,
                            HoldsItsPortUntilItIsClosed,
                            ItsOptionsReadAsTheyWereWritten);

}  // namespace owsk::net
