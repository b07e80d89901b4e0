// SPDX-License-Identifier: MIT
// ProgramVoice: what a program hears that has no TextTrace, on standard error: the drivers' own
// messages, and what they have left behind.
#pragma once

#include <openwsk/observer.h>
#include <openwsk/text_trace.h>

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace owsk {

class ProgramVoice final : public Observer {
  public:
    static bool is_needed(const std::vector<Observer*>& observers) {
        return std::none_of(observers.begin(), observers.end(), [](Observer* observer) {
            return dynamic_cast<trace::TextTrace*>(observer) != nullptr;
        });
    }

    void debug_print(const probe::DebugPrint& record) noexcept override {
        std::fwrite(record.text.data(), 1, record.text.size(), stderr);
    }
    void leak(const probe::Leak& record) noexcept override {
        const std::string line =
            "leak: " + std::string(record.kind) + ": " + record.description + '\n';
        std::fputs(line.c_str(), stderr);
    }
};

}  // namespace owsk
