// SPDX-License-Identifier: MIT
// Quantity: a number in a script that may depend on what has been sent and seen so far.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace owsk::net::script {

// The variables of RFC 9293 that a script can read. SND and RCV are the script's own side; SEG is
// the last segment that was expected.
enum class Variable : std::uint8_t {
    snd_una,
    snd_nxt,
    rcv_nxt,
    seg_seq,
    seg_ack,
    seg_len,
    seg_wnd
};

// "snd.nxt".
std::string_view to_string(Variable variable) noexcept;
std::optional<Variable> variable_from_text(std::string_view text) noexcept;
// All of them, for messages.
std::string variables_text();

// Where a quantity finds its values. Names are those that a script has given itself.
struct Values {
    std::function<std::int64_t(Variable)> variable;
    std::function<std::int64_t(const std::string&)> name;
};

// A sum. Sequence numbers count from the initial one: a SYN has 0, the first octet 1.
class Quantity {
  public:
    struct Term {
        bool is_subtracted = false;
        std::variant<std::int64_t, Variable, std::string> value = std::int64_t{0};

        bool operator==(const Term&) const = default;
    };

    Quantity(std::int64_t number) : terms_{{.value = number}} {}
    Quantity(Variable variable) : terms_{{.value = variable}} {}
    explicit Quantity(std::string name) : terms_{{.value = std::move(name)}} {}
    // Precondition: there is at least one.
    explicit Quantity(std::vector<Term> terms) : terms_(std::move(terms)) {}

    const std::vector<Term>& terms() const noexcept { return terms_; }
    // What it is if it depends on nothing.
    std::optional<std::int64_t> constant() const noexcept;
    std::int64_t value(const Values& values) const;
    bool operator==(const Quantity&) const = default;

    friend Quantity operator+(Quantity sum, const Quantity& more);
    friend Quantity operator-(Quantity sum, const Quantity& less);

  private:
    std::vector<Term> terms_;
};

// "snd.nxt + 5".
std::string to_string(const Quantity& quantity);

// From one value to another, with both.
struct Range {
    Quantity low;
    Quantity high;

    Range(std::int64_t only) : low(only), high(only) {}
    Range(const Quantity& only) : low(only), high(only) {}
    Range(Quantity from, Quantity to) : low(std::move(from)), high(std::move(to)) {}
    bool operator==(const Range&) const = default;
};

// "1..1460", or the value if there is only one.
std::string to_string(const Range& range);

}  // namespace owsk::net::script
