// SPDX-License-Identifier: MIT
// Who runs on behalf of which socket.
#include "simulation/checkers/callbacks.h"

#include <algorithm>
#include <utility>

namespace owsk::scenarios {

CallbackChecker::Id CallbackChecker::opened(std::string what) {
    sockets_.push_back({});
    sockets_.back().what = std::move(what);
    return sockets_.size() - 1;
}

void CallbackChecker::complain(const Socket& socket, const std::string& what) {
    complaints_.complain(name, what + " (" + socket.what + ')');
}

const CallbackChecker::Routine* CallbackChecker::running_callback(const Socket& socket,
                                                                  ULONG event) {
    const auto routine = std::ranges::find_if(
        socket.running, [&](const Routine& running) { return (running.event & event) != 0; });
    return routine == socket.running.end() ? nullptr : &*routine;
}

void CallbackChecker::begin(Id id, const char* routine, ULONG event, bool in_own_call) {
    Socket& socket = sockets_[id];
    if (socket.closed) {
        complain(socket, std::string(routine) + " was called after the close had completed");
    }
    if (!socket.running.empty() &&
        !(in_own_call && socket.running.back().thread == std::this_thread::get_id())) {
        complain(socket,
                 std::string(routine) + " was called while " + socket.running.back().name + " ran");
    }
    if ((socket.off & event) != 0) {
        const auto last = socket.last_one.find(event);
        if (last == socket.last_one.end() || last->second == 0) {
            complain(socket, std::string(routine) + " was called after it had been disabled");
        } else {
            --last->second;
        }
    }
    socket.running.push_back({routine, event, std::this_thread::get_id()});
}

void CallbackChecker::end(Id id) {
    sockets_[id].running.pop_back();
}

void CallbackChecker::request_issued(Id id) {
    ++sockets_[id].requests;
}

void CallbackChecker::request_completed(Id id) {
    Socket& socket = sockets_[id];
    --socket.requests;
    if (socket.closed) {
        complain(socket, "a request completed after the close");
    }
}

void CallbackChecker::close_completed(Id id) {
    Socket& socket = sockets_[id];
    if (!socket.running.empty()) {
        complain(socket,
                 std::string("the close completed while ") + socket.running.back().name + " ran");
    }
    if (socket.requests != 0) {
        complain(socket,
                 "the close completed before " + std::to_string(socket.requests) + " request(s)");
    }
    if (socket.closed) {
        complain(socket, "the close completed twice");
    }
    socket.closed = true;
}

void CallbackChecker::disabled(Id id, ULONG event) {
    Socket& socket = sockets_[id];
    if (const Routine* const callback = running_callback(socket, event)) {
        complain(socket, std::string("disabling it completed while ") + callback->name + " ran");
    }
    socket.off |= event;
    socket.last_one.erase(event);
}

void CallbackChecker::disable_pending(Id id, ULONG event) {
    Socket& socket = sockets_[id];
    socket.off |= event;
    socket.last_one[event] = running_callback(socket, event) != nullptr ? 0 : 1;
}

void CallbackChecker::enabling(Id id, ULONG event) {
    sockets_[id].off &= ~event;
}

void CallbackChecker::check_end() {
    for (const Socket& socket : sockets_) {
        if (!socket.running.empty()) {
            complain(socket, std::string(socket.running.back().name) + " has never returned");
        }
    }
}

}  // namespace owsk::scenarios
