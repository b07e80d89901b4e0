// SPDX-License-Identifier: MIT
// ConnectionSocket: a connection-oriented socket. Sending is in send.cpp, receiving by IRP in
// receive.cpp, by callback in receive_event.cpp, both ends in disconnect.cpp, what waits for its
// acknowledgment in acknowledged.cpp.
#pragma once

#include <memory>
#include <optional>

#include "net/network.h"
#include "wsk/connection/block.h"
#include "wsk/connection/linger.h"
#include "wsk/connection/state.h"
#include "wsk/connection/transfer.h"
#include "wsk/socket/callback_table.h"
#include "wsk/socket/options.h"
#include "wsk/socket/socket.h"

namespace owsk::wsk {

// What an accepted socket is made of.
struct AcceptedConnection {
    std::unique_ptr<net::Connection> connection;
    std::optional<InspectId> inspect_id;
    net::OptionValues options;
    PVOID context;
    const WSK_CLIENT_CONNECTION_DISPATCH* dispatch;
};

class ConnectionSocket final : public Socket, private net::ConnectionEvents, private host::Timer {
  public:
    // By WskSocket: not connected.
    ConnectionSocket(Client& client,
                     PVOID context,
                     const VOID* dispatch,
                     host::Processor& processor) noexcept;
    // By WskAccept or WskAcceptEvent.
    ConnectionSocket(Client& client,
                     AcceptedConnection accepted,
                     host::Processor& processor) noexcept;
    ~ConnectionSocket() override;

    // Starts the transport of an accepted socket. With the turn held. If it cannot be started, the
    // socket is dead, the driver is told, and the peer is reset when the driver closes it.
    void start() noexcept OWSK_EXCLUDES(mu_);
    // The socket is shown to WskAcceptEvent, with the events that the listener hands on. The table
    // of callbacks is not known, and none is called, before adopt().
    void introduce(ULONG events) noexcept OWSK_EXCLUDES(mu_);
    // WskAcceptEvent has taken the socket, and named its context and table.
    void adopt(PVOID context, const WSK_CLIENT_CONNECTION_DISPATCH* dispatch) noexcept
        OWSK_EXCLUDES(mu_);
    // WskAcceptEvent has refused the socket.
    void decline() noexcept { close_unowned(); }

    std::string description() const override;
    NTSTATUS set_option(ULONG level, ULONG option, ULONG value) noexcept override
        OWSK_EXCLUDES(mu_);
    Result<ULONG> get_option(ULONG level, ULONG option) noexcept override OWSK_EXCLUDES(mu_);
    Result<InspectId> inspect_id() const noexcept override;
    Result<Address> local_address() noexcept override;
    Result<Address> remote_address() noexcept override;

    NTSTATUS send(const WSK_BUF* buffer, ULONG flags, PIRP irp) noexcept OWSK_EXCLUDES(mu_);
    NTSTATUS receive(const WSK_BUF* buffer, ULONG flags, PIRP irp) noexcept OWSK_EXCLUDES(mu_);
    NTSTATUS disconnect(const WSK_BUF* buffer, ULONG flags, PIRP irp) noexcept OWSK_EXCLUDES(mu_);
    NTSTATUS release(PWSK_DATA_INDICATION indication) noexcept OWSK_EXCLUDES(mu_);

  private:
    void on_ready(net::Readiness readiness) noexcept override;

    bool step_locked() noexcept override OWSK_REQUIRES(mu_);
    void cancel_all_locked() noexcept override OWSK_REQUIRES(mu_);
    bool close_transport(host::Task& closed) noexcept override;
    bool can_have_events_locked() const noexcept override OWSK_REQUIRES(mu_);
    bool has_callbacks_locked(ULONG mask) const noexcept override OWSK_REQUIRES(mu_);
    ULONG_PTR progress_of(Request request) const noexcept override;
    void on_cancelled_locked(Request request) noexcept override OWSK_REQUIRES(mu_);
    bool event_is_on_locked(ULONG event) const noexcept OWSK_REQUIRES(mu_);

    // Pieces of work of the turn; false when there is nothing to do.
    bool notice_failure_locked() noexcept OWSK_REQUIRES(mu_);
    bool serve_sends_locked() noexcept OWSK_REQUIRES(mu_);
    bool serve_receives_locked() noexcept OWSK_REQUIRES(mu_);
    bool indicate_locked() noexcept OWSK_REQUIRES(mu_);
    bool announce_disconnect_locked() noexcept OWSK_REQUIRES(mu_);
    bool announce_failed_start_locked() noexcept OWSK_REQUIRES(mu_);
    bool linger_locked() noexcept OWSK_REQUIRES(mu_);

    // Sends as much as the network takes now. True when the request is done with.
    bool transmit_locked(Request request) noexcept OWSK_REQUIRES(mu_);
    void finish_sending_locked(Request request) noexcept OWSK_REQUIRES(mu_);
    // True when disconnects are done with.
    bool notice_finish_acknowledged_locked() noexcept OWSK_REQUIRES(mu_);
    // Whether a send that is on its way is not complete yet.
    bool waits_for_acknowledgment_locked(const TransferParameters& transfer) const noexcept
        OWSK_REQUIRES(mu_);
    // All of the request was sent; it belongs into unacknowledged_.
    void note_on_its_way_locked(Request request) noexcept OWSK_REQUIRES(mu_);
    bool notice_acknowledgments_locked() noexcept OWSK_REQUIRES(mu_);
    bool complete_acknowledged_locked() noexcept OWSK_REQUIRES(mu_);
    // Looks for acknowledgments later, in case that none is announced.
    void ask_later_locked() noexcept OWSK_REQUIRES(mu_);
    // For what nobody announces: memory for received bytes, an acknowledgment.
    void expire() noexcept override OWSK_EXCLUDES(mu_);
    // Up to where in the stream the peer has acknowledged it.
    std::uint64_t acknowledged_locked() const noexcept OWSK_REQUIRES(mu_);
    // Sends that have not completed are taken back: they will report no more than what is
    // acknowledged. Returns up to where the stream is that, or was reported as sent by others.
    std::uint64_t withdraw_locked(std::uint64_t acknowledged) noexcept OWSK_REQUIRES(mu_);
    NTSTATUS send_check_locked() const noexcept OWSK_REQUIRES(mu_);
    NTSTATUS abort(Request request) noexcept OWSK_EXCLUDES(mu_);
    // The connection is about to be reset, and nothing is sent any more.
    void begin_to_linger_locked() noexcept OWSK_REQUIRES(mu_);
    // Leaves a connection whose socket closes to the provider.
    void leave_behind(const Linger& linger) noexcept;
    void want_turn_at(Instant due) noexcept OWSK_REQUIRES(mu_);

    NTSTATUS receive_check_locked(Request request,
                                  const WSK_BUF* buffer,
                                  ULONG flags) const noexcept OWSK_REQUIRES(mu_);
    // Moves received bytes into a request. True when it has its result.
    bool fill_locked(Request request) noexcept OWSK_REQUIRES(mu_);
    bool drain_locked(Request request) noexcept OWSK_REQUIRES(mu_);
    // True when the connection has failed, and the request with it.
    bool fails_locked(Request request) noexcept OWSK_REQUIRES(mu_);
    bool take_outcome_locked(Request request, const net::Transfer& transfer, SIZE_T asked) noexcept
        OWSK_REQUIRES(mu_);
    SIZE_T copy_leftover_locked(Request request) noexcept OWSK_REQUIRES(mu_);
    void drop_leftover_locked() noexcept OWSK_REQUIRES(mu_);

    void show_locked(Indication& indication, SIZE_T offset, SIZE_T count) noexcept
        OWSK_REQUIRES(mu_);
    // The next bytes for WskReceiveEvent; null when there are none now.
    Indication* next_indication_locked() noexcept OWSK_REQUIRES(mu_);
    void settle_indication_locked(Indication& indication, NTSTATUS answer, SIZE_T accepted) noexcept
        OWSK_REQUIRES(mu_);
    void note_read_locked(SIZE_T bytes, SIZE_T asked) noexcept OWSK_REQUIRES(mu_);
    void end_of_stream_locked() noexcept OWSK_REQUIRES(mu_);
    // The connection is gone: everything queued ends with `status`.
    void die_locked(NTSTATUS status, NTSTATUS status_of_sends) noexcept OWSK_REQUIRES(mu_);

    // Both change once, through SocketList::change, when the connection is left behind.
    std::unique_ptr<net::Connection> connection_;
    std::unique_ptr<const std::string> former_description_;
    const InspectId inspect_id_;

    PVOID context_ OWSK_GUARDED_BY(mu_);
    CallbackTable<WSK_CLIENT_CONNECTION_DISPATCH> dispatch_ OWSK_GUARDED_BY(mu_);
    net::OptionValues options_ OWSK_GUARDED_BY(mu_);
    bool started_ OWSK_GUARDED_BY(mu_) = false;
    SendState send_state_ OWSK_GUARDED_BY(mu_) = SendState::unconnected;
    ReceiveState receive_state_ OWSK_GUARDED_BY(mu_) = ReceiveState::unconnected;
    NTSTATUS death_ OWSK_GUARDED_BY(mu_) = STATUS_SUCCESS;
    bool dispatch_is_known_ OWSK_GUARDED_BY(mu_) = true;

    // What the network has announced and nobody has used up yet.
    bool readable_ OWSK_GUARDED_BY(mu_) = false;
    bool writable_ OWSK_GUARDED_BY(mu_) = true;
    bool peer_finished_ OWSK_GUARDED_BY(mu_) = false;
    bool failed_ OWSK_GUARDED_BY(mu_) = false;
    bool has_news_of_sends_ OWSK_GUARDED_BY(mu_) = false;  // more may be acknowledged

    bool later_turn_is_set_ OWSK_GUARDED_BY(mu_) = false;
    bool later_turn_was_set_ OWSK_GUARDED_BY(mu_) = false;

    // No more events until the driver calls WskReceive.
    bool suspended_ OWSK_GUARDED_BY(mu_) = false;
    // WskReceive was called while WskReceiveEvent was running: what that refuses does not suspend.
    bool resumed_in_callback_ OWSK_GUARDED_BY(mu_) = false;
    bool graceful_announced_ OWSK_GUARDED_BY(mu_) = false;
    bool abort_due_ OWSK_GUARDED_BY(mu_) = false;

    RequestQueue sends_ OWSK_GUARDED_BY(mu_);  // and graceful disconnects, which wait their turn
    // On their way: sends, if they complete when acknowledged; then a disconnect, with its FIN.
    RequestQueue unacknowledged_ OWSK_GUARDED_BY(mu_);
    RequestQueue receives_ OWSK_GUARDED_BY(mu_);

    // Received bytes that WskReceiveEvent did not take: indicated again, or received, later.
    Indication* leftover_ OWSK_GUARDED_BY(mu_) = nullptr;
    SIZE_T leftover_offset_ OWSK_GUARDED_BY(mu_) = 0;
    LIST_ENTRY retained_ OWSK_GUARDED_BY(mu_);
    SIZE_T retained_bytes_ OWSK_GUARDED_BY(mu_) = 0;

    // Set while the reset waits for the arrival of what was reported as sent.
    std::unique_ptr<Linger> linger_ OWSK_GUARDED_BY(mu_);

    std::uint64_t bytes_received_ OWSK_GUARDED_BY(mu_) = 0;
    std::uint64_t bytes_sent_ OWSK_GUARDED_BY(mu_) = 0;
};

}  // namespace owsk::wsk
