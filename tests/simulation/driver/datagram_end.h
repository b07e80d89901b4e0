// SPDX-License-Identifier: MIT
// DatagramEnd: a datagram socket of a scenario's driver.
#pragma once

#include <wsk.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "simulation/driver/buffer.h"
#include "simulation/driver/socket.h"

namespace owsk::scenarios {

struct PeerAddress {
    std::string ip;
    std::uint16_t port = 0;

    bool operator==(const PeerAddress&) const = default;
};

class DatagramEnd final : public DriverSocket {
  public:
    explicit DatagramEnd(Server& server);
    ~DatagramEnd();

    struct Datagram {
        std::string text;
        PeerAddress from;
        bool is_multicast;
        bool is_truncated = false;
    };

    // WskReceiveFromEvent, for each datagram of a list. The answer is for the list.
    std::function<NTSTATUS(PWSK_DATAGRAM_INDICATION list, const std::vector<Datagram>& datagrams)>
        on_datagrams;

    // WskSocket, and WskBind to the port. On a thread of the machine, as what follows.
    void open(std::uint16_t port);
    std::uint16_t port() const { return port_; }
    void join(const std::string& group);
    // SIO_WSK_SET_REMOTE_ADDRESS.
    void hear_only(const PeerAddress& remote);

    // Null if the socket is being closed. To nowhere: to the remote address that was set. The
    // buffers live until the completion.
    CallRef send_to(const std::optional<PeerAddress>& to, const BufferRef& buffer, Call::Then then);
    CallRef send_messages(const std::optional<PeerAddress>& to,
                          const std::vector<BufferRef>& buffers,
                          Call::Then then);
    CallRef receive_from(SIZE_T room, std::function<void(NTSTATUS, const Datagram&)> then);
    NTSTATUS release(PWSK_DATAGRAM_INDICATION list);

  private:
    static const WSK_CLIENT_DATAGRAM_DISPATCH dispatch;

    static NTAPI NTSTATUS receive_event(PVOID context, ULONG flags, PWSK_DATAGRAM_INDICATION list);
    const WSK_PROVIDER_DATAGRAM_DISPATCH& functions() const {
        return *static_cast<const WSK_PROVIDER_DATAGRAM_DISPATCH*>(api()->Dispatch);
    }
    void set(const char* what,
             WSK_CONTROL_SOCKET_TYPE type,
             ULONG code,
             ULONG level,
             PVOID value,
             SIZE_T size);

    std::uint16_t port_ = 0;
};

}  // namespace owsk::scenarios
