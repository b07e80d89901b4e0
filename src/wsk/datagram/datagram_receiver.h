// SPDX-License-Identifier: MIT
// DatagramReceiver: WskReceiveFrom - one datagram for each request, in the order of the requests.
#pragma once

#include "wsk/datagram/incoming_datagrams.h"

namespace owsk::wsk {

// Where a WskReceiveFrom puts what it gets besides the bytes; each may be NULL.
struct ReceiveTargets {
    PSOCKADDR remote;
    PULONG control_length;
    PCMSGHDR control;
    PULONG control_flags;
};

class DatagramReceiver final : private RequestOwner {
  public:
    explicit DatagramReceiver(IncomingDatagrams& incoming) noexcept : incoming_(incoming) {}

    NTSTATUS receive(const WSK_BUF* buffer,
                     ULONG flags,
                     const ReceiveTargets& targets,
                     PIRP irp) noexcept OWSK_EXCLUDES(socket_mutex);
    // Serves the oldest request. False when there is nothing to do.
    bool step_locked() noexcept OWSK_REQUIRES(socket_mutex) {
        return !receives_.empty() && serve_locked();
    }
    void cancel_all_locked() noexcept OWSK_REQUIRES(socket_mutex);
    bool is_waited_for_locked() const noexcept OWSK_REQUIRES(socket_mutex) {
        return !receives_.empty();
    }

  private:
    struct ReceiveParameters;

    void cancel(Request request) noexcept override OWSK_EXCLUDES(socket_mutex);
    void withdraw_locked(Request request) noexcept override OWSK_REQUIRES(socket_mutex);
    void visit_memory(Request request, MemoryVisitor& visitor) const noexcept override;
    Ends ends() noexcept override { return core().ends(); }
    std::string description() const override { return core().description(); }

    NTSTATUS check_locked(Request request, const WSK_BUF* buffer, ULONG flags) const noexcept
        OWSK_REQUIRES(socket_mutex);
    bool serve_locked() noexcept OWSK_REQUIRES(socket_mutex);
    // Moves a datagram into a request. True when it has its result.
    bool fill_locked(Request request) noexcept OWSK_REQUIRES(socket_mutex);
    void fill_from_refused_locked(Request request) noexcept OWSK_REQUIRES(socket_mutex);
    // The request has `bytes` of the datagram.
    void decide_locked(Request request,
                       const net::ReceivedDatagram& datagram,
                       SIZE_T bytes) noexcept OWSK_REQUIRES(socket_mutex);

    DatagramCore& core() const noexcept { return incoming_.core(); }

    IncomingDatagrams& incoming_;
    RequestQueue receives_ OWSK_GUARDED_BY(socket_mutex);
};

}  // namespace owsk::wsk
