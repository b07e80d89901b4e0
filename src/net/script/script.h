// SPDX-License-Identifier: MIT
// PeerScript: what a bare computer does, step by step. Made by read_script() from text, or by the
// functions below; a ScriptedPeer plays it.
#pragma once

#include <openwsk/address.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "net/script/quantity.h"
#include "net/sim/packet.h"

namespace owsk::net::script {

enum class Protocol : std::uint8_t { tcp, udp };

// One connection, or datagrams between two ports. Nothing goes on in it but what the steps say.
struct Talk {
    std::string name;
    Protocol protocol = Protocol::tcp;
    // Where it is on this computer. Without an IP address: the computer's first one of the family;
    // without a port: 49152 for the script's first talk, 49153 for its second...
    std::optional<Address> local_ip = {};
    std::optional<std::uint16_t> local_port = {};
    // None: whoever sends the first SYN, or the first datagram, to the local port.
    std::optional<Address> remote = {};
    std::optional<std::uint32_t> initial_sequence = {};  // none: by the seed

    bool operator==(const Talk&) const = default;
};

// What a segment or datagram carries: a text, or so many octets "abc...zabc...".
using Payload = std::variant<std::string, std::size_t>;
// The largest values of fields of the header: octets and windows, and the option of a scale.
constexpr std::uint16_t largest_window = 0xffff;
constexpr std::uint8_t largest_scale = 0xff;
constexpr std::size_t largest_payload = 65000;  // what IPv4 and IPv6 can carry beside headers

// What of it is expected: a text, or how long it is.
using ExpectedPayload = std::variant<std::string, Range>;

namespace step {

struct Send {
    Controls controls = {};
    Payload payload = {};
    std::optional<Quantity> sequence = {};        // none: snd.nxt, which then moves on
    std::optional<Quantity> acknowledgment = {};  // none: rcv.nxt with ACK, else nothing
    std::optional<Quantity> window = {};          // as in the header; none: 65535
    std::optional<Quantity> maximum_segment_size = {};
    std::optional<Quantity> window_scale = {};
    std::string label = {};  // for SendAgain

    bool operator==(const Send&) const = default;
};

// The same once more, octet for octet.
struct SendAgain {
    std::string label = {};  // empty: the last one

    bool operator==(const SendAgain&) const = default;
};

// An option that the segment has, within a range, or has not.
struct ExpectedOption {
    std::optional<Range> range = {};  // none: it is absent

    bool operator==(const ExpectedOption&) const = default;
};

// The next one that came, or comes in time. Controls and payload always count, except PSH, which
// counts if it is named; the rest counts if it is there.
struct Expect {
    bool passes_over = false;  // what does not fit; else that is a failure
    Controls controls = {};
    ExpectedPayload payload = {};
    std::optional<Range> sequence = {};
    std::optional<Range> acknowledgment = {};
    std::optional<Range> window = {};
    std::optional<ExpectedOption> maximum_segment_size = {};
    std::optional<ExpectedOption> window_scale = {};
    Duration after{0};  // both since the step began
    Duration within = std::chrono::seconds(10);

    bool operator==(const Expect&) const = default;
};

struct ExpectNothing {
    Duration duration;

    bool operator==(const ExpectNothing&) const = default;
};

struct Wait {
    Duration duration;

    bool operator==(const Wait&) const = default;
};

// What has come and was not expected does not matter.
struct Discard {
    bool operator==(const Discard&) const = default;
};

struct Let {
    std::string name;
    Quantity value;

    bool operator==(const Let&) const = default;
};

}  // namespace step

struct Step {
    // None: ExpectNothing and Discard mean all talks, and Wait and Let mean none.
    std::optional<std::size_t> talk = {};
    std::variant<step::Send,
                 step::SendAgain,
                 step::Expect,
                 step::ExpectNothing,
                 step::Wait,
                 step::Discard,
                 step::Let>
        action;
    int line = 0;  // of its text, beginning with 1; 0 if it comes from a program

    // Without the line.
    bool operator==(const Step& other) const {
        return talk == other.talk && action == other.action;
    }
};

class PeerScript {
  public:
    const std::vector<Talk>& talks() const noexcept { return talks_; }
    const std::vector<Step>& steps() const noexcept { return steps_; }
    bool operator==(const PeerScript&) const = default;

    // The number that steps name it by. Precondition: no other one has its name.
    std::size_t add(Talk talk);
    // Precondition: the talk is there, and names and labels were given by steps before.
    void add(Step step);

    // The same for programs:
    //     PeerScript script;
    //     const auto a = script.connect("a", server);
    //     script.send(a, {.controls = Control::syn});
    //     script.expect(a, {.controls = Control::syn | Control::ack, .within = 1s});
    std::size_t connect(std::string name, const Address& remote);
    std::size_t accept(std::string name, std::uint16_t local_port);
    std::size_t datagrams(std::string name, const Address& remote);
    void send(std::size_t talk, step::Send what) { add({.talk = talk, .action = what}); }
    void send_again(std::size_t talk, std::string label = {});
    void expect(std::size_t talk, step::Expect what) { add({.talk = talk, .action = what}); }
    void expect_nothing(std::optional<std::size_t> talk, Duration duration);
    void discard(std::optional<std::size_t> talk);
    void wait(Duration duration);
    void let(std::size_t talk, std::string name, Quantity value);

  private:
    std::vector<Talk> talks_;
    std::vector<Step> steps_;
};

// As it would stand in a text: reading it gives the same script.
std::string to_string(const PeerScript& script);
std::string to_string(const Step& step, const PeerScript& script);

}  // namespace owsk::net::script
