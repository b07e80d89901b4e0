// SPDX-License-Identifier: MIT
// Every complaint names what was found, what may stand there, and so what to write instead.
#include "net/script/read_step.h"

#include <limits>

#include "net/script/wording.h"

namespace owsk::net::script {

namespace {

constexpr std::string_view step_help =
    "a step is send, expect, await, discard, let or wait, like \"a: send SYN\"";

// As in the header.
constexpr std::uint64_t largest_sequence = 0xffffffff;

class StepReader {
  public:
    StepReader(LineReader& line,
               std::optional<std::size_t> talk,
               const PeerScript& script,
               ScriptNames& names)
        : line_(line), talk_(talk), script_(script), names_(names) {}

    Step read();

  private:
    bool is_udp() const noexcept { return script_.talks()[*talk_].protocol == Protocol::udp; }
    void require_talk(std::string_view verb);
    void require_tcp(std::string_view what);

    Step read_send();
    Step read_send_again();
    Step read_expect(bool passes_over);
    Step read_expect_nothing();
    Step read_let();

    Controls read_controls(Controls with_data);
    bool read_send_clause(step::Send& send);
    bool read_expect_clause(step::Expect& expect);
    bool read_absent_option(step::Expect& expect);
    Payload read_payload();
    ExpectedPayload read_expected_payload();
    Quantity read_quantity(std::string_view what, std::uint64_t largest);
    Quantity::Term read_term(std::string_view what);
    Range read_range(std::string_view what, std::uint64_t largest);
    std::string read_new_name(std::string_view what);

    template <typename T>
    void set(std::optional<T>& field, T value, std::string_view what) {
        if (field) {
            throw Complaint{"\"" + std::string(what) + "\" stands twice; leave one away"};
        }
        field = std::move(value);
    }

    LineReader& line_;
    std::optional<std::size_t> talk_;
    const PeerScript& script_;
    ScriptNames& names_;
    bool has_payload_ = false;
    std::optional<Duration> within_;
    std::optional<Duration> after_;
};

void StepReader::require_talk(std::string_view verb) {
    if (!talk_ && script_.talks().size() == 1) {
        talk_ = 0;
    }
    if (talk_) {
        return;
    }
    std::vector<std::string> talks;
    for (const Talk& talk : script_.talks()) {
        talks.push_back(talk.name);
    }
    if (talks.empty()) {
        throw Complaint{"\"" + std::string(verb) +
                        "\" has nobody to talk to; begin the script with a line like "
                        "\"connection a to 192.0.2.1:7\""};
    }
    throw Complaint{"\"" + std::string(verb) + "\" does not say where; write one of " +
                    list_text(talks) + " and a colon in front of it"};
}

void StepReader::require_tcp(std::string_view what) {
    if (is_udp()) {
        throw Complaint{"\"" + std::string(what) + "\" is for connections, and " +
                        script_.talks()[*talk_].name +
                        " has datagrams; those have nothing but data"};
    }
}

// Flags; or none of them, where data is next.
Controls StepReader::read_controls(Controls with_data) {
    if (is_udp()) {
        if (line_.peek_word() != "data") {
            throw Complaint{"a datagram needs \"data\" and what it carries, but " + line_.found()};
        }
        return {};
    }
    if (line_.peek_word() == "data") {
        return with_data;
    }
    const std::string found = line_.found();
    const std::optional<Controls> controls = controls_from_text(line_.token());
    if (!controls) {
        throw Complaint{"flags are " + std::string(control_names) +
                        ", joined by commas without spaces, or none, but " + found};
    }
    return *controls;
}

Payload StepReader::read_payload() {
    if (line_.text_is_next()) {
        std::string text = line_.text();
        if (text.size() > largest_payload) {
            throw Complaint{"a text has at most " + std::to_string(largest_payload) + " octets"};
        }
        return text;
    }
    if (!line_.number_is_next()) {
        throw Complaint{"data is \"text\" in quotes or a number of bytes, like 1000 bytes, but " +
                        line_.found()};
    }
    const std::uint64_t count = line_.number("data", largest_payload);
    if (!line_.take_word("bytes")) {
        throw Complaint{"write \"bytes\" behind the number, like 1000 bytes, but " + line_.found()};
    }
    return static_cast<std::size_t>(count);
}

ExpectedPayload StepReader::read_expected_payload() {
    if (line_.text_is_next()) {
        return line_.text();
    }
    Range range = read_range("data", largest_window);
    if (!line_.take_word("bytes")) {
        throw Complaint{
            "data is \"text\" in quotes or a number of bytes, like 1..1460 bytes, but " +
            line_.found()};
    }
    return range;
}

Quantity::Term StepReader::read_term(std::string_view what) {
    if (line_.number_is_next()) {
        return {.value = static_cast<std::int64_t>(line_.number(what, largest_sequence))};
    }
    const std::string word(line_.peek_word());
    if (const std::optional<Variable> variable = variable_from_text(word)) {
        line_.word();
        return {.value = *variable};
    }
    if (names_.words.contains(word)) {
        line_.word();
        return {.value = word};
    }
    throw Complaint{std::string(what) + " needs a number, or a variable (" + variables_text() +
                    "), or a word of \"let\" (so far: " +
                    list_text({names_.words.begin(), names_.words.end()}) + "), but " +
                    line_.found()};
}

Quantity StepReader::read_quantity(std::string_view what, std::uint64_t largest) {
    std::vector<Quantity::Term> terms;
    bool is_subtracted = line_.take("-");
    for (bool more = true; more;) {
        terms.push_back(read_term(what));
        terms.back().is_subtracted = is_subtracted;
        is_subtracted = line_.take("-");
        more = is_subtracted || line_.take("+");
    }
    Quantity quantity(std::move(terms));
    const std::optional<std::int64_t> constant = quantity.constant();
    const bool may_be_negative = largest == largest_sequence;
    if (constant &&
        ((*constant < 0 && !may_be_negative) || *constant > static_cast<std::int64_t>(largest))) {
        throw Complaint{std::string(what) + " is from 0 to " + std::to_string(largest) + ", not " +
                        std::to_string(*constant)};
    }
    return quantity;
}

Range StepReader::read_range(std::string_view what, std::uint64_t largest) {
    Quantity low = read_quantity(what, largest);
    if (!line_.take("..")) {
        return low;
    }
    Quantity high = read_quantity(what, largest);
    if (low.constant() && high.constant() && *low.constant() > *high.constant()) {
        throw Complaint{std::string(what) + " goes from " + to_string(low) + " down to " +
                        to_string(high) + "; write the smaller value first"};
    }
    return {std::move(low), std::move(high)};
}

std::string StepReader::read_new_name(std::string_view what) {
    const std::string found = line_.found();
    std::string name(line_.word());
    if (name.empty() || name.find('.') != std::string::npos) {
        throw Complaint{"a " + std::string(what) +
                        " is a word of letters, digits and \"_\" that begins with a letter, but " +
                        found};
    }
    return name;
}

bool StepReader::read_send_clause(step::Send& send) {
    if (line_.take_word("data")) {
        if (has_payload_) {
            throw Complaint{"\"data\" stands twice; leave one away"};
        }
        has_payload_ = true;
        send.payload = read_payload();
        return true;
    }
    const std::string word(line_.peek_word());
    if (word == "seq") {
        line_.word();
        set(send.sequence, read_quantity(word, largest_sequence), word);
    } else if (word == "ack") {
        line_.word();
        set(send.acknowledgment, read_quantity(word, largest_sequence), word);
    } else if (word == "window") {
        line_.word();
        set(send.window, read_quantity(word, largest_window), word);
    } else if (word == "mss") {
        line_.word();
        set(send.maximum_segment_size, read_quantity(word, largest_window), word);
    } else if (word == "scale") {
        line_.word();
        set(send.window_scale, read_quantity(word, largest_scale), word);
    } else {
        return false;
    }
    require_tcp(word);
    return true;
}

Step StepReader::read_send() {
    require_talk("send");
    if (line_.take_word("again")) {
        return read_send_again();
    }
    step::Send send;
    send.controls = read_controls(Control::psh | Control::ack);
    while (!line_.at_end()) {
        if (read_send_clause(send)) {
            continue;
        }
        if (!line_.take_word("as")) {
            throw Complaint{
                "behind the flags of \"send\" may stand data, seq, ack, window, mss, scale and as, "
                "but " +
                line_.found()};
        }
        send.label = read_new_name("label");
        if (!names_.labels[*talk_].insert(send.label).second) {
            throw Complaint{"the label " + send.label + " exists already; take another one"};
        }
    }
    names_.has_sent[*talk_] = true;
    return {.talk = talk_, .action = std::move(send)};
}

Step StepReader::read_send_again() {
    const std::set<std::string>& labels = names_.labels[*talk_];
    if (!names_.has_sent[*talk_]) {
        throw Complaint{"nothing was sent before that could be sent again; write a \"send\" first"};
    }
    if (line_.at_end()) {
        return {.talk = talk_, .action = step::SendAgain{}};
    }
    const std::string label(line_.peek_word());
    if (!labels.contains(label)) {
        throw Complaint{"there is no label " + line_.next_quoted() +
                        "; so far: " + list_text({labels.begin(), labels.end()}) +
                        "; \"send ... as LABEL\" makes one"};
    }
    line_.word();
    return {.talk = talk_, .action = step::SendAgain{label}};
}

bool StepReader::read_absent_option(step::Expect& expect) {
    const std::string word(line_.peek_word());
    if (word != "mss" && word != "scale") {
        throw Complaint{"behind \"no\" may stand mss or scale, but " + line_.found()};
    }
    line_.word();
    set(word == "mss" ? expect.maximum_segment_size : expect.window_scale,
        step::ExpectedOption{},
        word);
    require_tcp(word);
    return true;
}

bool StepReader::read_expect_clause(step::Expect& expect) {
    const std::string word(line_.peek_word());
    line_.take_word(word);
    if (word == "data") {
        if (has_payload_) {
            throw Complaint{"\"data\" stands twice; leave one away"};
        }
        has_payload_ = true;
        expect.payload = read_expected_payload();
        return true;
    }
    if (word == "after" || word == "within") {
        set(word == "after" ? after_ : within_, line_.duration(word), word);
        return true;
    }
    if (word == "no") {
        return read_absent_option(expect);
    }
    if (word == "seq") {
        set(expect.sequence, read_range(word, largest_sequence), word);
    } else if (word == "ack") {
        set(expect.acknowledgment, read_range(word, largest_sequence), word);
    } else if (word == "window") {
        set(expect.window, read_range(word, largest_window), word);
    } else if (word == "mss") {
        set(expect.maximum_segment_size, {read_range(word, largest_window)}, word);
    } else if (word == "scale") {
        set(expect.window_scale, {read_range(word, largest_scale)}, word);
    } else {
        return false;
    }
    require_tcp(word);
    return true;
}

Step StepReader::read_expect(bool passes_over) {
    if (!passes_over && line_.take_word("nothing")) {
        return read_expect_nothing();
    }
    require_talk(passes_over ? "await" : "expect");
    step::Expect expect;
    expect.passes_over = passes_over;
    expect.controls = read_controls(Control::ack);
    while (!line_.at_end()) {
        const std::string found = line_.found();
        if (!read_expect_clause(expect)) {
            throw Complaint{
                "behind the flags of \"expect\" may stand data, seq, ack, window, mss, scale, no, "
                "after and within, but " +
                found};
        }
    }
    expect.after = after_.value_or(expect.after);
    // A later beginning moves the end that nobody has named.
    expect.within = within_.value_or(expect.after + expect.within);
    if (expect.within < expect.after) {
        throw Complaint{"within " + duration_text(expect.within) + " ends before after " +
                        duration_text(expect.after) +
                        "; both count from the beginning of the step"};
    }
    return {.talk = talk_, .action = std::move(expect)};
}

Step StepReader::read_expect_nothing() {
    if (!line_.take_word("for")) {
        throw Complaint{"write for how long, like \"expect nothing for 1s\", but " + line_.found()};
    }
    return {.talk = talk_, .action = step::ExpectNothing{line_.duration("for")}};
}

Step StepReader::read_let() {
    if (!talk_ && script_.talks().size() == 1) {
        talk_ = 0;
    }
    std::string name = read_new_name("name");
    if (!line_.take("=")) {
        throw Complaint{"write = and a value behind the name, like \"let start = snd.nxt\", but " +
                        line_.found()};
    }
    Quantity value = read_quantity("let", largest_sequence);
    for (const Quantity::Term& term : value.terms()) {
        if (std::holds_alternative<Variable>(term.value)) {
            require_talk("let");
        }
    }
    names_.words.insert(name);
    return {.talk = talk_, .action = step::Let{std::move(name), std::move(value)}};
}

Step StepReader::read() {
    const std::string found = line_.next_quoted();
    const std::string verb(line_.word());
    if (verb == "send") {
        return read_send();
    }
    if (verb == "expect" || verb == "await") {
        return read_expect(verb == "await");
    }
    if (verb == "discard") {
        return {.talk = talk_, .action = step::Discard{}};
    }
    if (verb == "let") {
        return read_let();
    }
    if (verb == "wait") {
        return {.action = step::Wait{line_.duration("wait")}};
    }
    throw Complaint{found + " is no step; " + std::string(step_help)};
}

}  // namespace

Step read_step(LineReader& line,
               std::optional<std::size_t> talk,
               const PeerScript& script,
               ScriptNames& names) {
    Step step = StepReader(line, talk, script, names).read();
    if (!line.at_end()) {
        throw Complaint{line.next_quoted() + " is too much; the step is complete before it"};
    }
    return step;
}

std::string list_text(const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        text += (i == 0 ? "" : i + 1 == names.size() ? " and " : ", ") + names[i];
    }
    return text.empty() ? "none" : text;
}

}  // namespace owsk::net::script
