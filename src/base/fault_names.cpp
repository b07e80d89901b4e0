// SPDX-License-Identifier: MIT
// Faults by name, and settings of faults as command lines and scenario files write them.
#include <openwsk/faults.h>

#include <charconv>
#include <iterator>
#include <stdexcept>

namespace owsk {

namespace {

struct Named {
    const char* name;
    const char* text;
    bool of_network;
};

constexpr Named named_faults[] = {
#define OWSK_FAULT(name, text) {#name, text, false},
#define OWSK_NETWORK_FAULT(name, text) {#name, text, true},
#include <openwsk/faults.def>
#undef OWSK_NETWORK_FAULT
#undef OWSK_FAULT
};
static_assert(std::size(named_faults) == fault_count);

constexpr std::string_view nth_prefix = "nth:";
constexpr std::string_view percent_prefix = "percent:";

// All of `text`, or nothing.
template <typename Number>
std::optional<Number> parse(std::string_view text) noexcept {
    Number number = {};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return number;
}

}  // namespace

const char* fault_name(Fault fault) noexcept {
    return named_faults[static_cast<std::size_t>(fault)].name;
}

const char* fault_text(Fault fault) noexcept {
    return named_faults[static_cast<std::size_t>(fault)].text;
}

bool is_network_fault(Fault fault) noexcept {
    return named_faults[static_cast<std::size_t>(fault)].of_network;
}

std::optional<Fault> fault_of(std::string_view name) noexcept {
    if (name == "drop_request") {
        return Fault::drop_inspected;  // its former name
    }
    for (std::size_t i = 0; i < fault_count; ++i) {
        if (name == named_faults[i].name) {
            return static_cast<Fault>(i);
        }
    }
    return std::nullopt;
}

std::string all_fault_names() {
    std::string names;
    for (const Named& named : named_faults) {
        names += (names.empty() ? "" : ", ") + std::string(named.name);
    }
    return names;
}

FaultSetting parse_fault_setting(const std::string& text) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
        throw std::invalid_argument('"' + text +
                                    "\" is not of the form NAME=nth:NUMBER or NAME=percent:NUMBER, "
                                    "such as irp_allocation=nth:3");
    }
    const std::string name = text.substr(0, equals);
    const std::optional<Fault> fault = fault_of(name);
    if (!fault.has_value()) {
        throw std::invalid_argument(text + ": there is no fault \"" + name + "\"; there is " +
                                    all_fault_names());
    }
    FaultSetting setting;
    setting.fault = *fault;
    const std::string_view when = std::string_view(text).substr(equals + 1);
    if (when.starts_with(nth_prefix)) {
        const auto nth = parse<std::uint64_t>(when.substr(nth_prefix.size()));
        if (nth.has_value() && *nth > 0) {
            setting.nth = *nth;
            return setting;
        }
    } else if (when.starts_with(percent_prefix)) {
        const auto percent = parse<double>(when.substr(percent_prefix.size()));
        if (percent.has_value() && *percent >= 0 && *percent <= 100) {
            setting.probability = *percent / 100;
            return setting;
        }
    }
    throw std::invalid_argument(text + ": \"" + std::string(when) +
                                "\" is neither nth:NUMBER, a whole number from 1 on, nor "
                                "percent:NUMBER, a number from 0 to 100; such as " +
                                name + "=nth:3");
}

}  // namespace owsk
