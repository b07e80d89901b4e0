// SPDX-License-Identifier: MIT
// Connection: an accepted socket of a scenario's driver, with the things that drivers do with one.
#pragma once

#include <wsk.h>

#include <functional>
#include <memory>

#include "simulation/checkers/streams.h"
#include "simulation/driver/buffer.h"
#include "simulation/driver/socket.h"

namespace owsk::scenarios {

class Connection final : public DriverSocket {
  public:
    explicit Connection(Server& server);
    ~Connection();

    // The handlers, set before the socket is there. Without one the answer is STATUS_SUCCESS.
    std::function<NTSTATUS(Connection&, ULONG flags, PWSK_DATA_INDICATION, SIZE_T, SIZE_T*)>
        on_receive;
    std::function<void(Connection&, ULONG flags)> on_disconnect;
    std::function<void(Connection&)> after_close;

    static const WSK_CLIENT_CONNECTION_DISPATCH dispatch;

    // WskAccept or WskAcceptEvent has brought the socket.
    void adopt(PWSK_SOCKET api, const SOCKADDR* remote);

    // What the peer sends is this stream: a visitor's.
    StreamId stream() const { return remote_port_; }
    std::uint16_t remote_port() const { return remote_port_; }
    std::uint64_t received() const { return received_; }

    // Null if the socket is being closed. The buffers live until the completion.
    CallRef receive(const BufferRef& buffer, ULONG flags = 0, Call::Then then = {});
    CallRef send(const BufferRef& buffer, Call::Then then = {}, ULONG flags = 0);
    CallRef disconnect(ULONG flags = 0, const BufferRef& last = nullptr, Call::Then then = {});
    NTSTATUS release(PWSK_DATA_INDICATION indication);
    bool query_inspect_id(WSK_INSPECT_ID& id);

    // Bytes that the driver has got: the stream checker looks at them.
    void take(std::string_view data);
    void note_end_of_stream();

    // Echoes with IRPs, one receive and one send after the other, until the peer has finished; then
    // disconnects and closes. Any failure closes.
    void echo(SIZE_T piece = 512);
    // The same by events; they still have to be enabled, unless they are inherited.
    void echo_by_events();
    // Sends bytes back; a failure closes.
    void send_back(std::string_view data);
    // After the peer's end: WskDisconnect, then the close.
    void say_goodbye();

  private:
    static NTAPI NTSTATUS receive_event(
        PVOID context, ULONG flags, PWSK_DATA_INDICATION data, SIZE_T bytes, SIZE_T* accepted);
    static NTAPI NTSTATUS disconnect_event(PVOID context, ULONG flags);

    const WSK_PROVIDER_CONNECTION_DISPATCH& functions() const {
        return *static_cast<const WSK_PROVIDER_CONNECTION_DISPATCH*>(api()->Dispatch);
    }
    void on_closed() override;
    void echo_received(const BufferRef& buffer, NTSTATUS status, ULONG_PTR count);

    std::uint16_t remote_port_ = 0;
    std::uint64_t received_ = 0;
    // In which ways bytes come. A completion and an event may run at once where the roles of a
    // socket are not serial, and then nobody knows which bytes come first, or after the end.
    bool is_in_order() const;
    bool by_requests_ = false;
    bool by_events_ = false;
    bool has_ended_ = false;  // to be looked at when all has come
    bool said_goodbye_ = false;
};

// The port of a SOCKADDR_IN or SOCKADDR_IN6.
std::uint16_t port_of(const SOCKADDR* address);

}  // namespace owsk::scenarios
