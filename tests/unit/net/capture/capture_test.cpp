// SPDX-License-Identifier: MIT
// What computers send is captured, and another program reads it without complaint.
#include "net/capture/capture.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "net/sim/computer.h"

namespace owsk::net {
namespace {

const Address address1{.ip = {192, 0, 2, 1}};
const Address address2{.ip = {192, 0, 2, 2}};
const Address address1_v6{.family = Family::ipv6,
                          .ip = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
const Address address2_v6{.family = Family::ipv6,
                          .ip = {0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2}};

Address at_port(Address address, std::uint16_t port) {
    address.port = port;
    return address;
}

class Silent final : public PacketHandler {
  public:
    void on_packet(const Packet&) noexcept override {}
};

class CaptureTest : public testing::Test {
  protected:
    CaptureTest() {
        internet_.add_tap(capture_);
        server_.set_handler(&silent_);
        laptop_.set_handler(&silent_);
    }
    ~CaptureTest() override { internet_.remove_tap(capture_); }

    // A short connection with options, data in both directions, and FINs.
    void talk(const Address& from, const Address& to) {
        TcpSegment syn{.source = from, .destination = to, .sequence = 999};
        syn.controls = Control::syn;
        syn.window = 65535;
        syn.maximum_segment_size = 1460;
        syn.window_scale = 7;
        TcpSegment answer{.source = to, .destination = from, .sequence = 4999};
        answer.controls = Control::syn | Control::ack;
        answer.acknowledgment = 1000;
        answer.window = 65535;
        answer.maximum_segment_size = 1460;
        laptop_.send(syn);
        pass_time();
        server_.send(answer);
        pass_time();
        tell(laptop_, from, to, 1000, 5000, Control::ack, "");
        tell(laptop_, from, to, 1000, 5000, Control::ack | Control::psh, "hello");
        tell(server_, to, from, 5000, 1005, Control::ack | Control::psh, "odd");
        tell(laptop_, from, to, 1005, 5003, Control::ack | Control::fin, "");
        tell(server_, to, from, 5003, 1006, Control::ack | Control::fin, "");
        tell(laptop_, from, to, 1006, 5004, Control::ack, "");
    }

    void tell(Computer& computer,
              const Address& from,
              const Address& to,
              std::uint32_t sequence,
              std::uint32_t acknowledgment,
              Controls controls,
              const std::string& payload) {
        TcpSegment segment{.source = from, .destination = to, .sequence = sequence};
        segment.acknowledgment = acknowledgment;
        segment.controls = controls;
        segment.window = 512;
        segment.payload = payload;
        computer.send(segment);
        pass_time();
    }

    void pass_time() { events_.run_until(events_.now() + std::chrono::microseconds(1234567)); }

    host::EventQueue events_;
    Internet internet_{events_, Prng(1)};
    Computer server_{internet_, "server", {address1, address1_v6}};
    Computer laptop_{internet_, "laptop", {address2, address2_v6}};
    Silent silent_;
    std::ostringstream file_;
    Capture capture_{file_};
};

// Just enough to walk through the blocks of a file.
std::vector<std::pair<unsigned, std::string>> blocks_of(const std::string& file) {
    std::vector<std::pair<unsigned, std::string>> blocks;
    const auto number = [&file](std::size_t at) {
        unsigned value = 0;
        for (std::size_t i = 4; i-- > 0;) {
            value = value << 8 | static_cast<unsigned char>(file.at(at + i));
        }
        return value;
    };
    for (std::size_t at = 0; at < file.size(); at += number(at + 4)) {
        blocks.emplace_back(number(at), file.substr(at, number(at + 4)));
    }
    return blocks;
}

TEST_F(CaptureTest, AComputerIsAnInterfaceWhenItSendsForTheFirstTime) {
    talk(at_port(address2, 40000), at_port(address1, 7));
    std::vector<unsigned> types;
    for (const auto& [type, block] : blocks_of(file_.str())) {
        types.push_back(type);
    }
    EXPECT_EQ(types, (std::vector<unsigned>{0x0a0d0d0a, 1, 6, 1, 6, 6, 6, 6, 6, 6, 6}));
    EXPECT_EQ(capture_.error(), 0);
}

TEST_F(CaptureTest, WhatGetsLostIsThereWithItsReason) {
    internet_.set_default_link(LinkRules{.down = true});
    laptop_.send(UdpDatagram{at_port(address2, 1), at_port(address1, 2), "x"});
    EXPECT_NE(file_.str().find("lost, the link is down"), std::string::npos);
    internet_.set_default_link(LinkRules{.loss = 1});
    laptop_.send(UdpDatagram{at_port(address2, 1), at_port(address1, 2), "x"});
    EXPECT_NE(file_.str().find("lost on the link"), std::string::npos);
    laptop_.send(UdpDatagram{at_port(address2, 1), Address{.port = 2, .ip = {192, 0, 2, 99}}, "x"});
    EXPECT_NE(file_.str().find("lost, nobody has this address"), std::string::npos);
}

TEST_F(CaptureTest, AFileThatTakesNothingIsNoticed) {
    file_.setstate(std::ios::badbit);
    laptop_.send(UdpDatagram{at_port(address2, 1), at_port(address1, 2), "x"});
    EXPECT_NE(capture_.error(), 0);
}

std::string content_of(const std::filesystem::path& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// What tshark makes of a capture: a line for each packet.
class TsharkTest : public CaptureTest {
  protected:
    void SetUp() override {
        if (std::system("command -v tshark >/dev/null 2>&1") != 0) {
            GTEST_SKIP() << "tshark is not installed";
        }
        std::string name = (std::filesystem::temp_directory_path() / "owsk_capture_XXXXXX");
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override {
        if (!folder_.empty()) {
            std::filesystem::remove_all(folder_);
        }
    }

    // The fields of the packets that a display filter lets through, separated by commas.
    std::string read(const std::string& fields, const std::string& filter = "frame") {
        std::ofstream(folder_ / "a.pcapng", std::ios::binary) << file_.str();
        std::string command = "cd '" + folder_.string() + "' && tshark -r a.pcapng -T fields";
        for (const char* protocol : {"ip", "tcp", "udp"}) {
            command += std::string(" -o ") + protocol + ".check_checksum:TRUE";
        }
        std::istringstream names(fields);
        for (std::string field; names >> field;) {
            command += " -e " + field;
        }
        command += " -E separator=, -Y '" + filter + "' >out 2>err";
        EXPECT_EQ(std::system(command.c_str()), 0) << content_of(folder_ / "err");
        return content_of(folder_ / "out");
    }

  private:
    std::filesystem::path folder_;
};

TEST_F(TsharkTest, HasNothingToComplainAbout) {
    talk(at_port(address2, 50001), at_port(address1, 50000));
    talk(at_port(address2_v6, 50001), at_port(address1_v6, 50000));
    laptop_.send(UdpDatagram{at_port(address2, 50001), at_port(address1, 50000), "datagram"});
    laptop_.send(UdpDatagram{at_port(address2_v6, 50001), at_port(address1_v6, 50000), ""});
    std::string checksums;
    for (int i = 0; i < 8; ++i) {
        checksums += "1,1,\n";
    }
    for (int i = 0; i < 8; ++i) {
        checksums += ",1,\n";
    }
    EXPECT_EQ(read("ip.checksum.status tcp.checksum.status udp.checksum.status"),
              checksums + "1,,1\n,,1\n");
    // A note about a SYN is no complaint; a warning is.
    EXPECT_EQ(read("frame.number _ws.expert.message",
                   "_ws.expert.severity >= 0x600000 || tcp.analysis.flags || _ws.malformed"),
              "");
}

TEST_F(TsharkTest, SeesTimesNamesAndComments) {
    pass_time();
    laptop_.send(UdpDatagram{at_port(address2, 50001), at_port(address1, 50000), "x"});
    internet_.set_default_link(LinkRules{.down = true});
    pass_time();
    server_.send(UdpDatagram{at_port(address1, 50000), at_port(address2, 50001), "y"});
    EXPECT_EQ(read("frame.time_epoch frame.interface_name frame.comment udp.length"),
              "1.234567000,laptop,,9\n"
              "2.469134000,server,lost, the link is down,9\n");
}

TEST_F(TsharkTest, SeesWhatTcpSaid) {
    talk(at_port(address2_v6, 50001), at_port(address1_v6, 50000));
    EXPECT_EQ(read("ipv6.src tcp.flags tcp.seq tcp.ack tcp.len tcp.options.mss_val "
                   "tcp.options.wscale.shift"),
              "2001:db8::2,0x0002,0,0,0,1460,7\n"
              "2001:db8::1,0x0012,0,1,0,1460,\n"
              "2001:db8::2,0x0010,1,1,0,,\n"
              "2001:db8::2,0x0018,1,1,5,,\n"
              "2001:db8::1,0x0018,1,6,3,,\n"
              "2001:db8::2,0x0011,6,4,0,,\n"
              "2001:db8::1,0x0011,4,7,0,,\n"
              "2001:db8::2,0x0010,7,5,0,,\n");
}

}  // namespace
}  // namespace owsk::net
