// SPDX-License-Identifier: MIT
// Lines with time and name. TextTrace writes to a stream; ours hands each line back to the journal.
#include "simulation/journal.h"

namespace owsk::scenarios {

struct Journal::Source {
    Source(Journal& owner, std::string machine) : journal(owner), name(std::move(machine)) {}

    static ssize_t on_text(void* cookie, const char* text, std::size_t length) {
        auto& source = *static_cast<Source*>(cookie);
        source.line.append(text, length);
        for (;;) {
            const std::size_t end = source.line.find('\n');
            if (end == std::string::npos) {
                return static_cast<ssize_t>(length);
            }
            source.journal.write(source.name, source.line.substr(0, end));
            source.line.erase(0, end + 1);
        }
    }

    Journal& journal;
    const std::string name;
    std::string line;
    std::FILE* const stream = fopencookie(this, "w", {nullptr, on_text, nullptr, nullptr});
    trace::TextTrace trace{stream, trace::Detail::everything};
};

Journal::Journal(std::FILE* out) : out_(out) {}

Journal::~Journal() {
    for (const auto& source : sources_) {
        std::fclose(source->stream);
    }
}

Observer& Journal::observer_of(const std::string& machine) {
    sources_.push_back(std::make_unique<Source>(*this, machine));
    return sources_.back()->trace;
}

void Journal::write(const std::string& who, const std::string& line) {
    const long long time = clock ? clock().count() : 0;
    char stamp[40];
    std::snprintf(stamp, sizeof stamp, "%5lld.%09lld ", time / 1'000'000'000, time % 1'000'000'000);
    const std::string text = stamp + who + ": " + line + '\n';
    for (const char byte : text) {
        digest_ = (digest_ ^ static_cast<unsigned char>(byte)) * 1099511628211U;
    }
    if (out_ != nullptr) {
        std::fwrite(text.data(), 1, text.size(), out_);
    }
}

}  // namespace owsk::scenarios
