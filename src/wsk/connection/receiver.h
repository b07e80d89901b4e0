// SPDX-License-Identifier: MIT
// Receiver: WskReceive - received bytes into the driver's buffers, in the order of the requests.
#pragma once

#include "wsk/connection/incoming_stream.h"

namespace owsk::wsk {

class Receiver final : private RequestOwner {
  public:
    explicit Receiver(IncomingStream& incoming) noexcept : incoming_(incoming) {}

    NTSTATUS receive(const WSK_BUF* buffer, ULONG flags, PIRP irp) noexcept
        OWSK_EXCLUDES(socket_mutex);
    // Serves the oldest request. False when there is nothing to do.
    bool step_locked() noexcept OWSK_REQUIRES(socket_mutex) {
        return !receives_.empty() && serve_locked();
    }
    // Ends all that wait.
    void decide_all_locked(NTSTATUS status) noexcept OWSK_REQUIRES(socket_mutex);
    bool is_waited_for_locked() const noexcept OWSK_REQUIRES(socket_mutex) {
        return !receives_.empty();
    }

  private:
    void cancel(Request request) noexcept override OWSK_EXCLUDES(socket_mutex);
    void withdraw_locked(Request request) noexcept override OWSK_REQUIRES(socket_mutex);
    ULONG_PTR progress_of(Request request) const noexcept override;
    void visit_memory(Request request, MemoryVisitor& visitor) const noexcept override;
    Ends ends() noexcept override { return core().ends(); }
    std::string description() const override { return core().description(); }

    // The oldest request. False when it has to go on waiting.
    bool serve_locked() noexcept OWSK_REQUIRES(socket_mutex);
    NTSTATUS check_locked(Request request, const WSK_BUF* buffer, ULONG flags) const noexcept
        OWSK_REQUIRES(socket_mutex);
    // Moves received bytes into a request. True when it has its result.
    bool fill_locked(Request request) noexcept OWSK_REQUIRES(socket_mutex);
    bool drain_locked(Request request) noexcept OWSK_REQUIRES(socket_mutex);
    // True when the connection has failed, and the request with it.
    bool fails_locked(Request request) noexcept OWSK_REQUIRES(socket_mutex);

    ConnectionCore& core() const noexcept { return incoming_.core(); }

    IncomingStream& incoming_;
    RequestQueue receives_ OWSK_GUARDED_BY(socket_mutex);
};

}  // namespace owsk::wsk
