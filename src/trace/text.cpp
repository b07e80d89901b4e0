// SPDX-License-Identifier: MIT
// One line of text for each thing that happens.
#include <ntstatus.h>
#include <openwsk/text_trace.h>

#include <cerrno>

#include "base/status_name.h"
#include "trace/bind_remedy.h"

namespace owsk::trace {

namespace {

const char* verdict_text(probe::Verdict verdict) noexcept {
    switch (verdict) {
        case probe::Verdict::accepted:
            return "accepted";
        case probe::Verdict::rejected:
            return "rejected";
        case probe::Verdict::pended:
            return "pended";
    }
    return "?";
}

std::string without_full_stop(std::string sentence) {
    if (!sentence.empty() && sentence.back() == '.') {
        sentence.pop_back();
    }
    return sentence;
}

std::string from_to(const Address& remote, const Address& local) {
    return "from " + to_string(remote) + " to " + to_string(local);
}

std::string count_of(std::uint64_t count, const char* unit) {
    return std::to_string(count) + ' ' + unit + (count == 1 ? "" : "s");
}

}  // namespace

void TextTrace::write_line(const std::string& line) noexcept {
    const std::lock_guard guard(mutex_);
    write((at_line_start_ ? "" : "\n") + line + '\n');
    at_line_start_ = true;
}

void TextTrace::write_detail_line(const std::string& line) noexcept {
    write_detail([&] { return line; });
}

void TextTrace::write(std::string_view text) noexcept {
    const bool is_written = std::fwrite(text.data(), 1, text.size(), stream_) == text.size() &&
                            std::fflush(stream_) == 0;
    if (!is_written && error_ == 0) {
        error_ = errno;
    }
}

int TextTrace::error() noexcept {
    const std::lock_guard guard(mutex_);
    return error_;
}

std::string TextTrace::time_text() const {
    if (!now_) {
        return {};
    }
    char text[40];
    const double seconds = std::chrono::duration<double>(now_()).count();
    std::snprintf(text, sizeof text, "[%.6f] ", seconds);
    return text;
}

std::string TextTrace::number_text(const Address& remote, const Address& local, bool ends) {
    if (!now_) {
        return {};
    }
    const std::string client = from_to(remote, local);
    const std::lock_guard guard(mutex_);
    const auto [at, is_new] = numbers_.try_emplace(client, last_number_ + 1);
    const std::uint64_t number = at->second;
    if (is_new) {
        last_number_ = number;
    }
    if (ends) {
        numbers_.erase(at);
    }
    return '#' + std::to_string(number) + ' ';
}

void TextTrace::listener_bound(const probe::ListenerBound& record) noexcept {
    std::string how = "plain";
    if (record.conditional) {
        how = "conditional accept: gate \"" + record.gate + '"';
        if (!record.reason.empty()) {
            how += ": " + without_full_stop(record.reason);
        }
    }
    write_line("listening on " + to_string(record.local) + " (" + how + ')');
}

void TextTrace::bind_failed(const probe::BindFailed& record) noexcept {
    const std::string remedy = bind_remedy(record.status);
    write_line("cannot listen on " + to_string(record.local) + ": " + status_name(record.status) +
               (remedy.empty() ? "" : ": " + remedy));
}

void TextTrace::listener_closed(const probe::ListenerClosed& record) noexcept {
    write_detail([&] { return "no longer listening on " + to_string(record.local); });
}

void TextTrace::accepting_paused(const probe::AcceptingPaused& record) noexcept {
    write_line("accepting on " + to_string(record.local) +
               " pauses, and clients wait: " + bind_remedy(STATUS_INSUFFICIENT_RESOURCES));
}

void TextTrace::accepting_resumed(const probe::AcceptingResumed& record) noexcept {
    write_line("accepting on " + to_string(record.local) + " continues");
}

void TextTrace::attempt_judged(const probe::AttemptJudged& record) noexcept {
    write_about(record.remote, record.local, record.verdict == probe::Verdict::rejected, [&] {
        return "attempt " + from_to(record.remote, record.local) + ": " +
               verdict_text(record.verdict) + (record.late ? " by WskInspectComplete" : "");
    });
}

void TextTrace::attempt_aborted(const probe::AttemptAborted& record) noexcept {
    write_about(record.remote, record.local, true, [&] {
        return "attempt " + from_to(record.remote, record.local) +
               (record.cause == probe::AbortCause::client ? ": given up by the client"
                                                          : ": ended with the listener");
    });
}

void TextTrace::connection_accepted(const probe::ConnectionAccepted& record) noexcept {
    const char* path = record.path == probe::AcceptPath::irp ? "WskAccept" : "WskAcceptEvent";
    write_about(record.remote, record.local, false, [&] {
        return "connection " + from_to(record.remote, record.local) + ": accepted by " + path;
    });
}

void TextTrace::connection_made(const probe::ConnectionMade& record) noexcept {
    write_about(record.local, record.remote, false, [&] {
        return "connection " + from_to(record.local, record.remote) + ": made by the driver";
    });
}

void TextTrace::connection_declined(const probe::ConnectionDeclined& record) noexcept {
    write_about(record.remote, record.local, true, [&] {
        return "connection " + from_to(record.remote, record.local) +
               ": declined by WskAcceptEvent";
    });
}

void TextTrace::connection_closed(const probe::ConnectionClosed& record) noexcept {
    write_about(record.remote, record.local, true, [&] {
        return "connection " + from_to(record.remote, record.local) + ": closed after " +
               count_of(record.bytes_received, "byte") + " in and " +
               count_of(record.bytes_sent, "byte") + " out";
    });
}

void TextTrace::request_failed(const probe::RequestFailed& record) noexcept {
    const auto compose = [&] {
        const std::string where =
            record.remote && record.local
                ? " on the connection " + from_to(*record.remote, *record.local)
            : record.local ? " on " + to_string(*record.local)
                           : "";
        return record.function + where + ": " + status_name(record.status);
    };
    if (record.remote && record.local) {
        write_about(*record.remote, *record.local, false, compose);
    } else {
        write_detail(compose);
    }
}

void TextTrace::debug_print(const probe::DebugPrint& record) noexcept {
    if (record.text.empty()) {
        return;
    }
    const std::lock_guard guard(mutex_);
    write(record.text);
    at_line_start_ = record.text.back() == '\n';
}

void TextTrace::driver_loaded(const probe::DriverLoaded& record) noexcept {
    write_line("driver " + std::string(record.name) + ": started");
}

void TextTrace::driver_unloaded(const probe::DriverUnloaded& record) noexcept {
    write_line("driver " + std::string(record.name) + ": unloaded");
}

void TextTrace::unload_waits(const probe::UnloadWaits& record) noexcept {
    write_line("still unloading after " + count_of(record.seconds, "second") + ", waiting for " +
               std::string(record.waiting_for));
}

void TextTrace::leak(const probe::Leak& record) noexcept {
    write_line("leak: " + std::string(record.kind) + ": " + record.description);
}

}  // namespace owsk::trace
