// SPDX-License-Identifier: MIT
// SocketList: the open sockets of a machine, for reports and for whoever holds a driver's pointer;
// and those that were closed last.
#pragma once

#include <wdm.h>
#include <wsk.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "base/mutex.h"
#include "base/pointer_set.h"
#include "nt/ke/call_place.h"
#include "probe/probes.h"

namespace owsk::wsk {

class Socket;
class SocketClient;

class SocketList {
  public:
    SocketList() noexcept { InitializeListHead(&head_); }
    ~SocketList();
    SocketList(const SocketList&) = delete;
    SocketList& operator=(const SocketList&) = delete;

    void add(Socket& socket) noexcept OWSK_EXCLUDES(mu_);
    // The end of a socket. Its memory is kept for a while, so that its address is not that of
    // another socket at once: a pointer to it would be taken for one to the other.
    void destroy(Socket& socket) noexcept OWSK_EXCLUDES(mu_);

    // Whether that is an open socket. Does not look behind the pointer, which may be any.
    bool is_open(const WSK_SOCKET* socket) noexcept OWSK_EXCLUDES(mu_) {
        return open_.seems_to_hold(socket) || is_open_indeed(socket);
    }
    // Bug checks, with all that is known of a pointer that is not an open socket.
    [[noreturn]] void refuse(const WSK_SOCKET* socket) noexcept OWSK_EXCLUDES(mu_);

    // Changes something that Socket::description() tells.
    template <typename Change>
    void change(Change&& apply) noexcept OWSK_EXCLUDES(mu_) {
        Lock lock(mu_);
        apply();
    }

    // "2 sockets open: listening socket on ..., connection ..."; empty if there is none.
    // With `client`, only that client's.
    std::string describe(const SocketClient* client = nullptr) OWSK_EXCLUDES(mu_);
    std::uint64_t report_leaks(probe::Probes& probes) OWSK_EXCLUDES(mu_);

  private:
    // What is left of a closed socket.
    struct Closed {
        const WSK_SOCKET* socket = nullptr;
        const char* kind = nullptr;
        std::unique_ptr<const nt::ke::CallPlace> closed_at;  // null: the driver never had it
        void* memory = nullptr;
    };

    bool is_open_indeed(const WSK_SOCKET* socket) noexcept OWSK_EXCLUDES(mu_);
    struct Stories;
    // Of `client`, or of all if it is null. The first `told_max` are told, the others counted.
    Stories stories(const SocketClient* client, std::size_t told_max) OWSK_EXCLUDES(mu_);
    // What a report can say of a socket that is closed.
    struct ClosedStory {
        const char* kind = nullptr;  // null: it is not known
        nt::ke::CallPlace closed_at;
    };
    ClosedStory find_closed(const WSK_SOCKET* socket) noexcept OWSK_EXCLUDES(mu_);

    Mutex mu_{Rank::sockets};
    LIST_ENTRY head_ OWSK_GUARDED_BY(mu_);
    PointerSet open_;  // changed under mu_
    std::array<Closed, 64> closed_ OWSK_GUARDED_BY(mu_);
    std::size_t oldest_closed_ OWSK_GUARDED_BY(mu_) = 0;
};

}  // namespace owsk::wsk
