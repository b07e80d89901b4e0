// SPDX-License-Identifier: MIT
// Which sockets are open.
#include "wsk/socket/socket_list.h"

#include <vector>

#include "wsk/socket/socket.h"

namespace owsk::wsk {

namespace {

// A report that names thousands of sockets helps nobody.
constexpr std::uint64_t named_max = 16;

}  // namespace

void SocketList::add(Socket& socket) noexcept {
    Lock lock(mu_);
    InsertTailList(&head_, &socket.sockets_entry_);
    ++count_;
}

void SocketList::remove(Socket& socket) noexcept {
    Lock lock(mu_);
    RemoveEntryList(&socket.sockets_entry_);
    --count_;
}

std::string SocketList::describe() {
    Lock lock(mu_);
    if (count_ == 0) {
        return "";
    }
    std::string text =
        std::to_string(count_) + (count_ == 1 ? " socket open: " : " sockets open: ");
    std::uint64_t named = 0;
    for (LIST_ENTRY* entry = head_.Flink; entry != &head_ && named < named_max;
         entry = entry->Flink) {
        text += (named++ == 0 ? "" : ", ") + Socket::of_list_entry(entry).description();
    }
    return named < count_ ? text + ", ..." : text;
}

std::uint64_t SocketList::report_leaks(probe::Probes& probes) {
    std::vector<std::string> descriptions;
    std::uint64_t count = 0;
    {
        Lock lock(mu_);
        count = count_;
        for (LIST_ENTRY* entry = head_.Flink; entry != &head_; entry = entry->Flink) {
            descriptions.push_back(Socket::of_list_entry(entry).description());
        }
    }
    for (const std::string& description : descriptions) {
        probes.leak({"socket", description});
    }
    return count;
}

}  // namespace owsk::wsk
