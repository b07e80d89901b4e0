// SPDX-License-Identifier: MIT
// The calls and the callback of a datagram socket.
#include "simulation/driver/datagram_end.h"

#include <deque>
#include <utility>

#include "base/status_name.h"
#include "simulation/run.h"
#include "simulation/server.h"

namespace owsk::scenarios {

namespace {

SOCKADDR_IN sockaddr_of(const PeerAddress& place) {
    return scenarios::sockaddr_of(place.ip, place.port);
}

PeerAddress place_of(const SOCKADDR* address) {
    SOCKADDR_IN in;
    RtlCopyMemory(&in, address, sizeof in);
    const UCHAR* bytes = reinterpret_cast<const UCHAR*>(&in.sin_addr);
    return {std::to_string(bytes[0]) + "." + std::to_string(bytes[1]) + "." +
                std::to_string(bytes[2]) + "." + std::to_string(bytes[3]),
            RtlUshortByteSwap(in.sin_port)};
}

// A list of buffers that lives as long as its request.
struct Messages {
    explicit Messages(const std::vector<BufferRef>& all) : buffers(all) {
        for (const BufferRef& buffer : all) {
            nodes.push_back({nullptr, buffer->wsk()});
        }
        for (std::size_t i = 0; i + 1 < nodes.size(); ++i) {
            nodes[i].Next = &nodes[i + 1];
        }
    }
    const std::vector<BufferRef> buffers;
    std::deque<WSK_BUF_LIST> nodes;
};

// Where a WskReceiveFrom puts things.
struct Arrival {
    explicit Arrival(SIZE_T room) : buffer(room) {}
    Buffer buffer;
    SOCKADDR_STORAGE from = {};
    ULONG flags = 0;
};

}  // namespace

const WSK_CLIENT_DATAGRAM_DISPATCH DatagramEnd::dispatch = {DatagramEnd::receive_event};

DatagramEnd::DatagramEnd(Server& server) : DriverSocket(server) {}

DatagramEnd::~DatagramEnd() = default;

void DatagramEnd::open(std::uint16_t port) {
    port_ = port;
    NTSTATUS status = make({.flags = WSK_FLAG_DATAGRAM_SOCKET,
                            .what = "datagrams of port " + std::to_string(port),
                            .type = SOCK_DGRAM,
                            .protocol = IPPROTO_UDP,
                            .context = this,
                            .dispatch = &dispatch});
    if (NT_SUCCESS(status)) {
        status = bind(functions().WskBind, port);
    }
    if (!NT_SUCCESS(status)) {
        run().fail("a socket for datagrams could not be bound: " + status_name(status));
    }
}

void DatagramEnd::set(const char* what,
                      WSK_CONTROL_SOCKET_TYPE type,
                      ULONG code,
                      ULONG level,
                      PVOID value,
                      SIZE_T size) {
    const NTSTATUS status = wait(call("WskControlSocket", [&](PIRP irp) {
        return functions().Basic.WskControlSocket(
            api(), type, code, level, size, value, 0, nullptr, nullptr, irp);
    }));
    if (!NT_SUCCESS(status)) {
        run().fail(std::string(what) + " failed: " + status_name(status));
    }
}

void DatagramEnd::join(const std::string& group) {
    IP_MREQ membership = {};
    membership.imr_multiaddr = sockaddr_of({group, 0}).sin_addr;
    set("IP_ADD_MEMBERSHIP",
        WskSetOption,
        IP_ADD_MEMBERSHIP,
        IPPROTO_IP,
        &membership,
        sizeof membership);
}

void DatagramEnd::hear_only(const PeerAddress& remote) {
    SOCKADDR_IN address = sockaddr_of(remote);
    set("SIO_WSK_SET_REMOTE_ADDRESS",
        WskIoctl,
        SIO_WSK_SET_REMOTE_ADDRESS,
        0,
        &address,
        sizeof address);
}

CallRef DatagramEnd::send_to(const std::optional<PeerAddress>& to,
                             const BufferRef& buffer,
                             Call::Then then) {
    SOCKADDR_IN address = sockaddr_of(to.value_or(PeerAddress{"0.0.0.0"}));
    WSK_BUF wsk = buffer->wsk();
    return call(
        "WskSendTo",
        [&](PIRP irp) {
            return functions().WskSendTo(api(),
                                         &wsk,
                                         0,
                                         to ? reinterpret_cast<PSOCKADDR>(&address) : nullptr,
                                         0,
                                         nullptr,
                                         irp);
        },
        [buffer, then = std::move(then)](NTSTATUS status, ULONG_PTR sent) { then(status, sent); },
        true);
}

CallRef DatagramEnd::send_messages(const std::optional<PeerAddress>& to,
                                   const std::vector<BufferRef>& buffers,
                                   Call::Then then) {
    SOCKADDR_IN address = sockaddr_of(to.value_or(PeerAddress{"0.0.0.0"}));
    const auto messages = std::make_shared<Messages>(buffers);
    return call(
        "WskSendMessages",
        [&](PIRP irp) {
            return functions().WskSendMessages(api(),
                                               &messages->nodes.front(),
                                               0,
                                               to ? reinterpret_cast<PSOCKADDR>(&address) : nullptr,
                                               0,
                                               nullptr,
                                               irp);
        },
        [messages, then = std::move(then)](NTSTATUS status, ULONG_PTR sent) { then(status, sent); },
        true);
}

CallRef DatagramEnd::receive_from(SIZE_T room,
                                  std::function<void(NTSTATUS, const Datagram&)> then) {
    const auto arrival = std::make_shared<Arrival>(room);
    WSK_BUF wsk = arrival->buffer.wsk();
    return call(
        "WskReceiveFrom",
        [&](PIRP irp) {
            return functions().WskReceiveFrom(api(),
                                              &wsk,
                                              0,
                                              reinterpret_cast<PSOCKADDR>(&arrival->from),
                                              nullptr,
                                              nullptr,
                                              &arrival->flags,
                                              irp);
        },
        [arrival, then = std::move(then)](NTSTATUS status, ULONG_PTR received) {
            if (!NT_SUCCESS(status)) {
                then(status, {});
                return;
            }
            then(status,
                 {.text = arrival->buffer.text(received),
                  .from = place_of(reinterpret_cast<PSOCKADDR>(&arrival->from)),
                  .is_multicast = (arrival->flags & MSG_MCAST) != 0,
                  .is_truncated = (arrival->flags & MSG_TRUNC) != 0});
        },
        true);
}

NTSTATUS DatagramEnd::release(PWSK_DATAGRAM_INDICATION list) {
    if (!begin_use()) {
        return STATUS_CANCELLED;
    }
    const NTSTATUS status = functions().WskRelease(api(), list);
    end_use();
    return status;
}

NTAPI NTSTATUS DatagramEnd::receive_event(PVOID context,
                                          ULONG flags,
                                          PWSK_DATAGRAM_INDICATION list) {
    auto& self = *static_cast<DatagramEnd*>(context);
    const Callback callback(self, "WskReceiveFromEvent", WSK_EVENT_RECEIVE_FROM);
    std::vector<Datagram> datagrams;
    for (PWSK_DATAGRAM_INDICATION each = list; each != nullptr; each = each->Next) {
        datagrams.push_back({.text = text_of(each->Buffer),
                             .from = place_of(each->RemoteAddress),
                             .is_multicast = (flags & MSG_MCAST) != 0});
    }
    return self.on_datagrams(list, datagrams);
}

}  // namespace owsk::scenarios
