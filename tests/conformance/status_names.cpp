// SPDX-License-Identifier: MIT
// The names of the statuses in a failure.
#include "conformance/status_names.h"

#include <ntstatus.h>

#include <cstdint>
#include <cstdio>
#include <limits>
#include <regex>
#include <set>

#include "base/status_name.h"

namespace owsk::conformance {

namespace {

// Errors and warnings are large negative numbers; of the others only these two come up, and small
// numbers are counts.
bool may_be_status(long long number) {
    return (number < -1'000'000'000 && number >= std::numeric_limits<std::int32_t>::min()) ||
           number == STATUS_PENDING || number == STATUS_EVENT_PENDING;
}

}  // namespace

std::string statuses_in(const std::string& text) {
    static const std::regex number_at("(^|[^0-9A-Za-z_.:-])(-?[0-9]{3,10})(?![0-9A-Za-z_:])");
    std::string lines;
    std::set<long long> told;
    for (auto match = std::sregex_iterator(text.begin(), text.end(), number_at);
         match != std::sregex_iterator();
         ++match) {
        const long long number = std::stoll((*match)[2].str());
        if (may_be_status(number) && told.insert(number).second) {
            lines +=
                std::to_string(number) + " is " + status_name(static_cast<NTSTATUS>(number)) + '\n';
        }
    }
    return lines;
}

void StatusNames::OnTestPartResult(const testing::TestPartResult& result) {
    if (result.failed()) {
        std::fputs(statuses_in(result.message()).c_str(), stdout);
    }
}

}  // namespace owsk::conformance
