// SPDX-License-Identifier: MIT
// Who runs on behalf of which socket.
#include "simulation/checkers/callbacks.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

namespace owsk::scenarios {

namespace {

// Routines of one role are serial in every mode. Those of no role may run beside all others: an
// IRP of WskControlSocket waits for the callback that it disables.
enum class Role { none, sender, receiver, events, acceptor, inspections };

Role role_of(std::string_view routine) {
    using enum Role;
    static const std::map<std::string_view, Role> roles = {{"WskSend", sender},
                                                           {"WskDisconnect", sender},
                                                           {"WskReceive", receiver},
                                                           {"WskReceiveEvent", events},
                                                           {"WskDisconnectEvent", events},
                                                           {"WskAccept", acceptor},
                                                           {"WskAcceptEvent", acceptor},
                                                           {"WskInspectEvent", inspections},
                                                           {"WskAbortEvent", inspections}};
    const auto role = roles.find(routine);
    return role == roles.end() ? none : role->second;
}

}  // namespace

CallbackChecker::Id CallbackChecker::opened(std::string what, bool roles_are_serial) {
    sockets_.push_back({});
    sockets_.back().what = std::move(what);
    sockets_.back().roles_are_serial = roles_are_serial;
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

const CallbackChecker::Routine* CallbackChecker::obstacle(const Socket& socket,
                                                          const char* routine,
                                                          bool in_own_call) {
    const Role role = role_of(routine);
    const auto thread = std::this_thread::get_id();
    const auto running = std::ranges::find_if(socket.running, [&](const Routine& other) {
        const bool is_around = in_own_call && other.thread == thread;
        return !is_around &&
               (socket.roles_are_serial || (role != Role::none && role == role_of(other.name)));
    });
    return running == socket.running.end() ? nullptr : &*running;
}

void CallbackChecker::begin(Id id, const char* routine, ULONG event, bool in_own_call) {
    Socket& socket = sockets_[id];
    if (socket.closed) {
        complain(socket, std::string(routine) + " was called after the close had completed");
    }
    if (const Routine* const running = obstacle(socket, routine, in_own_call)) {
        complain(socket, std::string(routine) + " was called while " + running->name + " ran");
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
    std::vector<Routine>& running = sockets_[id].running;
    const auto thread = std::this_thread::get_id();
    const auto ended = std::find_if(running.rbegin(), running.rend(), [&](const Routine& routine) {
        return routine.thread == thread;
    });
    running.erase(std::next(ended).base());
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
