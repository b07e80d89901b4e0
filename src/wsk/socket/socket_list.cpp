// SPDX-License-Identifier: MIT
// Which sockets are open, and which were.
#include "wsk/socket/socket_list.h"

#include <limits>
#include <utility>
#include <vector>

#include "base/visible_memory.h"
#include "host/readable.h"
#include "nt/ke/bug_check.h"
#include "wsk/socket/socket.h"

namespace owsk::wsk {

namespace {

// A report that names thousands of sockets helps nobody.
constexpr std::size_t named_max = 16;

}  // namespace

void SocketList::add(Socket& socket) noexcept {
    Lock lock(mu_);
    InsertTailList(&head_, static_cast<SocketLink*>(&socket));
    open_.insert(socket.api());
}

void SocketList::destroy(Socket& socket) noexcept {
    std::unique_ptr<const nt::ke::CallPlace> closed_at;
    {
        SocketLock lock(socket.mutex());
        closed_at = std::move(socket.closed_at_);
    }
    Closed closed = {socket.api(), name_of(socket.category()), std::move(closed_at), nullptr};
    {
        Lock lock(mu_);
        RemoveEntryList(static_cast<SocketLink*>(&socket));
        open_.erase(socket.api());
    }
    closed.memory = dynamic_cast<void*>(&socket);
    socket.~Socket();
    {
        Lock lock(mu_);
        std::swap(closed_[oldest_closed_], closed);
        oldest_closed_ = (oldest_closed_ + 1) % closed_.size();
    }
    free_visible(closed.memory);
}

SocketList::~SocketList() {
    for (const Closed& closed : closed_) {
        free_visible(closed.memory);
    }
}

bool SocketList::is_open_indeed(const WSK_SOCKET* socket) noexcept {
    Lock lock(mu_);
    return open_.seems_to_hold(socket);
}

SocketList::ClosedStory SocketList::find_closed(const WSK_SOCKET* socket) noexcept {
    Lock lock(mu_);
    for (std::size_t age = 1; age <= closed_.size(); ++age) {
        const Closed& closed = closed_[(oldest_closed_ + closed_.size() - age) % closed_.size()];
        if (closed.socket == socket) {
            return {closed.kind,
                    closed.closed_at != nullptr ? *closed.closed_at : nt::ke::CallPlace()};
        }
    }
    return {};
}

void SocketList::refuse(const WSK_SOCKET* socket) noexcept {
    const auto parameter = reinterpret_cast<ULONG_PTR>(socket);
    if (socket == nullptr || parameter % alignof(WSK_SOCKET) != 0 ||
        !host::is_readable_now(socket, sizeof *socket)) {
        nt::ke::broken_rule(Rule::socket_not_recognized,
                            socket == nullptr ? "A WSK function was called with a NULL socket."
                                              : "A WSK function was called with an invalid "
                                                "pointer instead of a socket.",
                            parameter);
    }
    const ClosedStory closed = find_closed(socket);
    if (closed.kind == nullptr) {
        nt::ke::broken_rule(Rule::socket_used_after_close,
                            "A WSK function was called with a pointer that is not an open socket: "
                            "it never was one, or was closed long ago.",
                            parameter);
    }
    const nt::ke::Stack stack = closed.closed_at.stack();
    nt::ke::broken_rule(Rule::socket_used_after_close,
                        std::string("A WSK function was called with a ") + closed.kind +
                            (stack.empty() ? " that WskAcceptEvent has refused."
                                           : " for which WskCloseSocket has completed."),
                        parameter,
                        &stack,
                        "WskCloseSocket was called here");
}

// For a report, without the lock: to name a place in the code takes a while.
struct SocketList::Stories {
    struct Story {
        std::string description;
        nt::ke::CallPlace made_at;

        std::string text() const {
            const std::string place = made_at.stack().driver_place();
            return place.empty() ? description : description + ", made at " + place;
        }
    };

    std::vector<Story> told;
    std::uint64_t count = 0;
};

SocketList::Stories SocketList::stories(const SocketClient* client, std::size_t told_max) {
    Stories stories;
    Lock lock(mu_);
    for (LIST_ENTRY* entry = head_.Flink; entry != &head_; entry = entry->Flink) {
        const Socket& socket = *static_cast<Socket*>(static_cast<SocketLink*>(entry));
        if (client != nullptr && &socket.client() != client) {
            continue;
        }
        ++stories.count;
        if (stories.told.size() < told_max) {
            stories.told.push_back(
                {socket.description(),
                 socket.made_at_ != nullptr ? *socket.made_at_ : nt::ke::CallPlace()});
        }
    }
    return stories;
}

std::string SocketList::describe(const SocketClient* client) {
    const Stories open = stories(client, named_max);
    if (open.count == 0) {
        return "";
    }
    std::string text =
        std::to_string(open.count) + (open.count == 1 ? " socket open: " : " sockets open: ");
    for (const Stories::Story& story : open.told) {
        text += (&story == open.told.data() ? "" : ", ") + story.text();
    }
    return open.count > named_max ? text + ", ..." : text;
}

std::uint64_t SocketList::report_leaks(probe::Probes& probes) {
    const Stories left = stories(nullptr, std::numeric_limits<std::size_t>::max());
    for (const Stories::Story& story : left.told) {
        probes.leak({"socket", story.text()});
    }
    return left.count;
}

}  // namespace owsk::wsk
