// SPDX-License-Identifier: MIT
// Scripts as texts. What read_script() takes for granted is left away.
#include "net/script/script.h"
#include "net/script/wording.h"

namespace owsk::net::script {

namespace {

void add_clause(std::string& text, const char* word, const std::optional<Quantity>& quantity) {
    if (quantity) {
        text += ' ' + std::string(word) + ' ' + to_string(*quantity);
    }
}

void add_clause(std::string& text, const char* word, const std::optional<Range>& range) {
    if (range) {
        text += ' ' + std::string(word) + ' ' + to_string(*range);
    }
}

void add_clause(std::string& text,
                const char* word,
                const std::optional<step::ExpectedOption>& option) {
    if (option && !option->range) {
        text += " no " + std::string(word);
    } else if (option) {
        add_clause(text, word, option->range);
    }
}

bool is_nothing(const Payload& payload) noexcept {
    const auto* text = std::get_if<std::string>(&payload);
    return text != nullptr && text->empty();
}

std::string text_of(const step::Send& send, Protocol protocol) {
    std::string text = "send";
    if (protocol == Protocol::tcp) {
        text += ' ' + controls_text(send.controls);
    }
    if (const auto* count = std::get_if<std::size_t>(&send.payload)) {
        text += " data " + std::to_string(*count) + " bytes";
    } else if (!is_nothing(send.payload) || protocol == Protocol::udp) {
        text += " data " + quoted(*std::get_if<std::string>(&send.payload));
    }
    add_clause(text, "seq", send.sequence);
    add_clause(text, "ack", send.acknowledgment);
    add_clause(text, "window", send.window);
    add_clause(text, "mss", send.maximum_segment_size);
    add_clause(text, "scale", send.window_scale);
    return send.label.empty() ? text : text + " as " + send.label;
}

std::string text_of(const step::Expect& expect, Protocol protocol) {
    std::string text = expect.passes_over ? "await" : "expect";
    if (protocol == Protocol::tcp) {
        text += ' ' + controls_text(expect.controls);
    }
    if (const auto* range = std::get_if<Range>(&expect.payload)) {
        text += " data " + to_string(*range) + " bytes";
    } else if (const auto& exact = *std::get_if<std::string>(&expect.payload);
               !exact.empty() || protocol == Protocol::udp) {
        text += " data " + quoted(exact);
    }
    add_clause(text, "seq", expect.sequence);
    add_clause(text, "ack", expect.acknowledgment);
    add_clause(text, "window", expect.window);
    add_clause(text, "mss", expect.maximum_segment_size);
    add_clause(text, "scale", expect.window_scale);
    if (expect.after != Duration::zero()) {
        text += " after " + duration_text(expect.after);
    }
    return text + " within " + duration_text(expect.within);
}

std::string text_of(const step::SendAgain& again, Protocol) {
    return again.label.empty() ? "send again" : "send again " + again.label;
}

std::string text_of(const step::ExpectNothing& nothing, Protocol) {
    return "expect nothing for " + duration_text(nothing.duration);
}

std::string text_of(const step::Wait& wait, Protocol) {
    return "wait " + duration_text(wait.duration);
}

std::string text_of(const step::Discard&, Protocol) {
    return "discard";
}

std::string text_of(const step::Let& let, Protocol) {
    return "let " + let.name + " = " + to_string(let.value);
}

// "192.0.2.1:7", or ":7".
std::string place_text(const Talk& talk) {
    const std::uint16_t port = talk.local_port.value_or(0);
    if (!talk.local_ip) {
        return ':' + std::to_string(port);
    }
    Address address = *talk.local_ip;
    address.port = port;
    return to_string(address);
}

std::string text_of(const Talk& talk) {
    std::string text = (talk.protocol == Protocol::tcp ? "connection " : "datagrams ") + talk.name;
    if (!talk.remote) {
        text += " at " + place_text(talk);
    } else {
        text +=
            (talk.local_port ? " from " + place_text(talk) : "") + " to " + to_string(*talk.remote);
    }
    return talk.initial_sequence ? text + " iss " + std::to_string(*talk.initial_sequence) : text;
}

}  // namespace

std::string to_string(const Step& step, const PeerScript& script) {
    const Talk* talk = step.talk ? &script.talks()[*step.talk] : nullptr;
    const Protocol protocol = talk != nullptr ? talk->protocol : Protocol::tcp;
    const std::string text = std::visit(
        [protocol](const auto& action) { return text_of(action, protocol); }, step.action);
    return talk != nullptr ? talk->name + ": " + text : text;
}

std::string to_string(const PeerScript& script) {
    std::string text;
    for (const Talk& talk : script.talks()) {
        text += text_of(talk) + '\n';
    }
    for (const Step& step : script.steps()) {
        text += to_string(step, script) + '\n';
    }
    return text;
}

}  // namespace owsk::net::script
