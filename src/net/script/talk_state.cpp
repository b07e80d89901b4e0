// SPDX-License-Identifier: MIT
// Sequence numbers are kept as they are in the headers, and counted from the initial ones only
// where a script sees them.
#include "net/script/talk_state.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "net/script/wording.h"

namespace owsk::net::script {

namespace {

constexpr std::int64_t default_window = 65535;

std::optional<Address> local_address(const Talk& talk,
                                     const std::vector<Address>& own,
                                     std::uint16_t port) {
    std::optional<Address> address = talk.local_ip;
    if (!address && talk.remote) {
        const auto same_family = std::find_if(own.begin(), own.end(), [&talk](const Address& one) {
            return one.family == talk.remote->family;
        });
        address = same_family != own.end() ? std::optional(*same_family) : std::nullopt;
    }
    if (address) {
        address->port = port;
    }
    return address;
}

std::string payload_of(const Payload& payload) {
    const auto* text = std::get_if<std::string>(&payload);
    return text != nullptr ? *text : sample_octets(*std::get_if<std::size_t>(&payload));
}

std::int64_t word(const Words& words, const std::string& name) {
    const auto found = words.find(name);
    OWSK_ASSERT(found != words.end());
    return found->second;
}

// "window is 5, expected 1..4", or nothing.
std::string out_of_range(const char* what,
                         std::int64_t value,
                         std::int64_t low,
                         std::int64_t high) {
    if (value >= low && value <= high) {
        return {};
    }
    const std::string expected =
        low == high ? std::to_string(low) : std::to_string(low) + ".." + std::to_string(high);
    return std::string(what) + " is " + std::to_string(value) + ", expected " + expected;
}

std::string misfit_of_controls(Controls expected, Controls controls) {
    constexpr auto psh = static_cast<std::uint8_t>(Control::psh);
    const bool psh_counts = expected.has(Control::psh);
    const auto counted = [psh_counts](Controls all) {
        return psh_counts ? all.bits() : static_cast<std::uint8_t>(all.bits() & ~psh);
    };
    if (counted(expected) == counted(controls)) {
        return {};
    }
    return "flags are " + controls_text(controls) + ", expected " + controls_text(expected);
}

}  // namespace

TalkState::TalkState(const Talk& talk,
                     const std::vector<Address>& own_addresses,
                     std::uint16_t default_port,
                     Prng& random)
    : talk_(talk),
      remote_(talk.remote),
      port_(talk.local_port.value_or(default_port)),
      own_addresses_(own_addresses) {
    local_ = local_address(talk, own_addresses, port_);
    const auto by_seed = static_cast<std::uint32_t>(random.next());
    iss_ = talk.initial_sequence.value_or(by_seed);
    snd_una_ = iss_;
    snd_nxt_ = iss_;
}

bool TalkState::takes(const Packet& packet) {
    const auto* segment = std::get_if<TcpSegment>(&packet);
    const bool is_of_protocol = talk_.protocol == Protocol::tcp
                                    ? segment != nullptr
                                    : std::holds_alternative<UdpDatagram>(packet);
    if (!is_of_protocol) {
        return false;
    }
    const Address& to = destination_of(packet);
    const bool is_here = local_ ? to == *local_ : to.port == port_;
    if (!is_here || (remote_ && source_of(packet) != *remote_)) {
        return false;
    }
    if (!remote_) {
        const bool begins =
            segment == nullptr || (segment->has(Control::syn) && !segment->has(Control::ack));
        if (!begins) {
            return false;
        }
        remote_ = source_of(packet);
        local_ = to;
    }
    if (segment != nullptr && segment->has(Control::syn) && !irs_) {
        irs_ = segment->sequence;
        rcv_nxt_ = segment->sequence;
    }
    return true;
}

std::int64_t TalkState::variable(Variable variable) const {
    const std::uint32_t irs = irs_.value_or(0);
    switch (variable) {
        case Variable::snd_una:
            return relative(snd_una_, iss_);
        case Variable::snd_nxt:
            return relative(snd_nxt_, iss_);
        case Variable::rcv_nxt:
            return relative(rcv_nxt_, irs);
        case Variable::seg_seq:
            return seg_ ? relative(seg_->sequence, irs) : 0;
        case Variable::seg_ack:
            return seg_ ? relative(seg_->acknowledgment, iss_) : 0;
        case Variable::seg_len:
            return seg_ ? seg_->length() : 0;
        case Variable::seg_wnd:
            return seg_ ? seg_->window : 0;
    }
    return 0;
}

std::int64_t TalkState::value(const Quantity& quantity, const Words& words) const {
    return quantity.value({
        .variable = [this](Variable one) { return variable(one); },
        .name = [&words](const std::string& name) { return word(words, name); },
    });
}

std::int64_t value_of(const Quantity& quantity, const Words& words) {
    return quantity.value({
        .variable = [](Variable) -> std::int64_t {
            OWSK_ASSERT(false);  // a variable belongs to a talk
            return 0;
        },
        .name = [&words](const std::string& name) { return word(words, name); },
    });
}

std::variant<Packet, std::string> TalkState::make(const step::Send& send,
                                                  const Words& words) const {
    if (!remote_) {
        return "nobody has sent anything to " + talk_.name +
               " yet, so it has no address to send to";
    }
    if (!local_ || local_->family != remote_->family) {
        return "this computer has no address of the family of " + to_string(*remote_);
    }
    if (talk_.protocol == Protocol::tcp) {
        return make_segment(send, words);
    }
    return UdpDatagram{
        .source = *local_, .destination = *remote_, .payload = payload_of(send.payload)};
}

std::variant<Packet, std::string> TalkState::make_segment(const step::Send& send,
                                                          const Words& words) const {
    std::string problem;
    const auto field = [&](const std::optional<Quantity>& quantity,
                           const char* what,
                           std::int64_t otherwise,
                           std::int64_t largest) {
        const std::int64_t number = quantity ? value(*quantity, words) : otherwise;
        if (problem.empty()) {
            problem = out_of_range(what, number, 0, largest);
        }
        return number;
    };
    const auto sequence_number = [&](const std::optional<Quantity>& quantity,
                                     std::uint32_t initial,
                                     std::uint32_t otherwise) {
        return quantity ? initial + static_cast<std::uint32_t>(value(*quantity, words)) : otherwise;
    };
    TcpSegment segment;
    segment.source = *local_;
    segment.destination = *remote_;
    segment.controls = send.controls;
    segment.payload = payload_of(send.payload);
    segment.sequence = sequence_number(send.sequence, iss_, snd_nxt_);
    segment.acknowledgment = sequence_number(
        send.acknowledgment, irs_.value_or(0), send.controls.has(Control::ack) ? rcv_nxt_ : 0);
    segment.window =
        static_cast<std::uint16_t>(field(send.window, "window", default_window, largest_window));
    if (send.maximum_segment_size) {
        segment.maximum_segment_size =
            static_cast<std::uint16_t>(field(send.maximum_segment_size, "mss", 0, largest_window));
    }
    if (send.window_scale) {
        segment.window_scale =
            static_cast<std::uint8_t>(field(send.window_scale, "scale", 0, largest_scale));
    }
    if (!problem.empty()) {
        return problem;
    }
    return segment;
}

void TalkState::was_sent(const step::Send& send, const Packet& packet) {
    last_sent_ = packet;
    if (!send.label.empty()) {
        labelled_.insert_or_assign(send.label, packet);
    }
    const auto* segment = std::get_if<TcpSegment>(&packet);
    if (segment != nullptr && !send.sequence) {
        snd_nxt_ = segment->sequence + segment->length();
    }
}

const Packet* TalkState::sent(const std::string& label) const {
    if (label.empty()) {
        return last_sent_ ? &*last_sent_ : nullptr;
    }
    const auto found = labelled_.find(label);
    return found != labelled_.end() ? &found->second : nullptr;
}

void TalkState::was_seen(const Packet& packet) {
    const auto* segment = std::get_if<TcpSegment>(&packet);
    if (segment == nullptr) {
        return;
    }
    seg_ = *segment;
    const std::uint32_t end = segment->sequence + segment->length();
    const bool in_order = relative(segment->sequence, rcv_nxt_) <= 0 && relative(end, rcv_nxt_) > 0;
    if (in_order) {
        rcv_nxt_ = end;
    }
    if (segment->has(Control::ack) && relative(segment->acknowledgment, snd_una_) > 0) {
        snd_una_ = segment->acknowledgment;
        // What went out with numbers of its own and was taken counts as sent.
        snd_nxt_ = relative(snd_una_, snd_nxt_) > 0 ? snd_una_ : snd_nxt_;
    }
}

std::string TalkState::misfit(const step::Expect& expect,
                              const Packet& packet,
                              const Words& words) const {
    const auto* segment = std::get_if<TcpSegment>(&packet);
    if (segment != nullptr) {
        if (std::string problem = misfit_of_segment(expect, *segment, words); !problem.empty()) {
            return problem;
        }
    }
    const std::string& payload =
        segment != nullptr ? segment->payload : std::get_if<UdpDatagram>(&packet)->payload;
    if (const auto* range = std::get_if<Range>(&expect.payload)) {
        return out_of_range("the length of the data",
                            static_cast<std::int64_t>(payload.size()),
                            value(range->low, words),
                            value(range->high, words));
    }
    const std::string& expected = *std::get_if<std::string>(&expect.payload);
    return payload == expected
               ? ""
               : "data is " + payload_text(payload) + ", expected " + payload_text(expected);
}

std::string TalkState::misfit_of_segment(const step::Expect& expect,
                                         const TcpSegment& segment,
                                         const Words& words) const {
    std::string problem = misfit_of_controls(expect.controls, segment.controls);
    const auto compare =
        [&](const std::optional<Range>& range, const char* what, std::int64_t found) {
            if (range && problem.empty()) {
                problem =
                    out_of_range(what, found, value(range->low, words), value(range->high, words));
            }
        };
    const auto compare_option = [&](const std::optional<step::ExpectedOption>& option,
                                    const char* what,
                                    std::optional<std::int64_t> found) {
        if (!option || !problem.empty()) {
            return;
        }
        if (option->range && found) {
            compare(option->range, what, *found);
        } else if (option->range) {
            problem = std::string(what) + " is not there, expected " + to_string(*option->range);
        } else if (found) {
            problem = std::string(what) + " is " + std::to_string(*found) + ", expected none";
        }
    };
    compare(expect.sequence, "seq", relative(segment.sequence, irs_.value_or(0)));
    compare(expect.acknowledgment, "ack", relative(segment.acknowledgment, iss_));
    compare(expect.window, "window", segment.window);
    compare_option(expect.maximum_segment_size, "mss", segment.maximum_segment_size);
    compare_option(expect.window_scale, "scale", segment.window_scale);
    return problem;
}

std::string TalkState::text(const Packet& packet, bool is_ours) const {
    const std::uint32_t irs = irs_.value_or(0);
    if (const auto* segment = std::get_if<TcpSegment>(&packet)) {
        return is_ours ? segment_text(*segment, iss_, irs) : segment_text(*segment, irs, iss_);
    }
    return "data " + payload_text(std::get_if<UdpDatagram>(&packet)->payload);
}

}  // namespace owsk::net::script
