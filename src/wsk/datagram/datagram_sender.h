// SPDX-License-Identifier: MIT
// DatagramSender: WskSendTo and WskSendMessages - in the caller's thread if the network takes all
// of it, else when there is room, in order.
#pragma once

#include <optional>

#include "wsk/datagram/datagram_core.h"

namespace owsk::wsk {

// Where a send goes, as the driver has said it.
struct SendTarget {
    const SOCKADDR* remote;  // may be NULL
    ULONG control_length;
    const CMSGHDR* control;
    ULONG flags;
};

class DatagramSender final : private RequestOwner {
  public:
    explicit DatagramSender(DatagramCore& core) noexcept : core_(core) {}

    // One datagram.
    NTSTATUS send_to(const WSK_BUF* buffer, const SendTarget& target, PIRP irp) noexcept
        OWSK_EXCLUDES(socket_mutex);
    // One for each buffer of the list, in order.
    NTSTATUS send_messages(const WSK_BUF_LIST* list, const SendTarget& target, PIRP irp) noexcept
        OWSK_EXCLUDES(socket_mutex);

    // Where sends go that name no address: to the destination if there is one, else to the remote
    // address. Nothing takes it away.
    void fix_remote_locked(const std::optional<Address>& remote) noexcept
        OWSK_REQUIRES(socket_mutex) {
        fixed_remote_ = remote;
    }
    void fix_destination_locked(const std::optional<Address>& destination) noexcept
        OWSK_REQUIRES(socket_mutex) {
        fixed_destination_ = destination;
    }

    void note_writable_locked() noexcept OWSK_REQUIRES(socket_mutex) { writable_ = true; }
    // Sends what waits. False when there is nothing to do.
    bool step_locked() noexcept OWSK_REQUIRES(socket_mutex) {
        return !sends_.empty() && writable_ && serve_locked();
    }
    void cancel_all_locked() noexcept OWSK_REQUIRES(socket_mutex);

  private:
    // What is left of a call.
    struct Outgoing;
    struct SendParameters;

    void cancel(Request request) noexcept override OWSK_EXCLUDES(socket_mutex);
    void withdraw_locked(Request request) noexcept override OWSK_REQUIRES(socket_mutex);
    void visit_memory(Request request, MemoryVisitor& visitor) const noexcept override;
    Ends ends() noexcept override { return core_.ends(); }
    std::string description() const override { return core_.description(); }

    NTSTATUS send(Operation operation,
                  const WSK_BUF* first,
                  const WSK_BUF_LIST* rest,
                  const SendTarget& target,
                  PIRP irp) noexcept OWSK_EXCLUDES(socket_mutex);
    NTSTATUS prepare_locked(Outgoing& outgoing, const SendTarget& target) const noexcept
        OWSK_REQUIRES(socket_mutex);
    Result<Address> destination_locked(const SOCKADDR* remote) const noexcept
        OWSK_REQUIRES(socket_mutex);
    // Sends as much as the network takes now. STATUS_PENDING: the rest has to wait.
    NTSTATUS transmit_locked(Outgoing& outgoing) noexcept OWSK_REQUIRES(socket_mutex);
    // Sends those at the front of a list of which each is one piece of memory and one datagram,
    // with few calls of the network. Nothing: the rest is for others.
    std::optional<NTSTATUS> transmit_pieces_locked(Outgoing& outgoing) noexcept
        OWSK_REQUIRES(socket_mutex);
    // Keeps what is left for later, and queues the request.
    NTSTATUS wait_locked(Request request, const Outgoing& outgoing) noexcept
        OWSK_REQUIRES(socket_mutex);
    bool serve_locked() noexcept OWSK_REQUIRES(socket_mutex);
    // What the request has sent; nothing is left of it afterwards.
    static SIZE_T drop_rest(Request request) noexcept;

    DatagramCore& core_;
    RequestQueue sends_ OWSK_GUARDED_BY(socket_mutex);
    bool writable_ OWSK_GUARDED_BY(socket_mutex) = true;
    std::optional<Address> fixed_remote_ OWSK_GUARDED_BY(socket_mutex);
    std::optional<Address> fixed_destination_ OWSK_GUARDED_BY(socket_mutex);
};

}  // namespace owsk::wsk
