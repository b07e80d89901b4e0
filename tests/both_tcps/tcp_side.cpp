// SPDX-License-Identifier: MIT
// The script, and the network between it and what it is played against.
#include "both_tcps/tcp_side.h"

#include <gtest/gtest.h>

#include "base/address_text.h"
#include "net/script/read_script.h"

namespace owsk::both_tcps {

namespace {

std::string next_script_ip() {
    static int last = 1;
    return "192.0.2." + std::to_string(++last);
}

Address with_port(const std::string& ip, std::uint16_t port) {
    Address address = *ip_from_text(ip);
    address.port = port;
    return address;
}

}  // namespace

TcpSide::TcpSide()
    : computer_(internet_, "server", {*ip_from_text("192.0.2.1")}),
      script_ip_(next_script_ip()),
      script_address_(with_port(script_ip_, 7)) {
    internet_.set_default_link(LinkRules{.latency = std::chrono::microseconds(100)});
}

void TcpSide::begin(const std::string& text) {
    net::script::ReadScript read = net::script::read_script(text);
    ASSERT_EQ(to_string(read.errors), "");
    peer_.reset();
    played_.reset();
    played_ = std::make_unique<net::Computer>(
        internet_, "played", std::vector{*ip_from_text(script_ip_)});
    peer_ = std::make_unique<net::script::ScriptedPeer>(
        *played_, std::move(read.script), internet_.split_random());
    peer_->start();
}

}  // namespace owsk::both_tcps
