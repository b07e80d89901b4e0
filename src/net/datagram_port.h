// SPDX-License-Identifier: MIT
// DatagramPort: a UDP port of this computer, and what travels with a datagram besides its bytes.
// Neutral between the control data of Windows and of Linux, as Address is.
// Implemented by net/linux (sockets of the Linux kernel) and by net/sim.
#pragma once

#include <ntdef.h>
#include <openwsk/address.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/result.h"
#include "host/host.h"
#include "net/port_holder.h"
#include "net/transfer.h"

namespace owsk::net {

// Which address and interface of this computer a datagram came to, or is to leave from.
struct PacketInfo {
    std::array<std::uint8_t, 16> ip = {};  // as in Address; zeros, to send: as the route says
    std::uint32_t interface_index = 0;     // 0, to send: as the route says

    bool operator==(const PacketInfo&) const = default;
};

// What travels with a datagram besides its bytes. When it is sent, what is not there is the port's
// own; when it was received, what nobody has asked the port for is not there.
struct DatagramHeader {
    std::optional<PacketInfo> packet_info = {};
    std::optional<std::uint8_t> hop_limit = {};
    std::optional<std::uint8_t> traffic_class = {};  // the DSCP and the ECN bits: TOS
    // The bytes are those of several datagrams of this length, of which the last may be shorter;
    // 0, to send: those of one.
    std::optional<std::uint32_t> segment_size = {};

    bool operator==(const DatagramHeader&) const = default;
};

// An ICMP error: what a router or another computer has said of a datagram that it did not pass on.
struct IcmpReport {
    Family family = Family::ipv4;  // of the error: that of IPv4 or ICMPv6
    std::uint8_t type = 0;
    std::uint8_t code = 0;
    std::uint32_t mtu = 0;  // of the way, if the datagram was too long for it

    bool operator==(const IcmpReport&) const = default;
};

struct ReceivedDatagram {
    Address remote = {};
    std::size_t length = 0;  // of the datagram, of which the slices may have taken less
    bool is_broadcast = false;
    bool is_multicast = false;
    DatagramHeader header = {};
    // Then it is no datagram, but the error of one that was sent to `remote`, with as many of its
    // bytes as the error has.
    std::optional<IcmpReport> error = {};
};

// Where the next datagram of several may go. Nothing of it is there until it is filled in: there
// are many, and mostly one is needed.
struct DatagramRoom {
    std::array<Slice, 2> slices;
    ReceivedDatagram* datagram;
    std::size_t bytes;  // as Transfer::bytes, when it was received
};

// How many datagrams were transferred, and why no more: `done` if that was all.
struct DatagramBatch {
    std::size_t count = 0;
    Transfer last = {Outcome::done};
};

// More are never received or sent at once.
inline constexpr std::size_t datagram_batch_max = 16;

enum class DatagramOption : std::uint8_t {
    receive_buffer,        // in bytes
    send_buffer,           // in bytes
    broadcast,             // 0 or 1: whether one may be sent to a broadcast address
    hop_limit,             // of unicast datagrams
    multicast_hop_limit,   //
    multicast_loopback,    // 0 or 1: whether members on this computer get what is sent
    multicast_interface,   // its index; 0: as the route says
    traffic_class,         //
    do_not_fragment,       // 0 or 1
    segment_size,          // as in DatagramHeader
    coalesced_max,         // so many bytes of several datagrams are received together; 0: none
    report_packet_info,    // 0 or 1: whether it is in what is received; and so on
    report_hop_limit,      //
    report_traffic_class,  //
    report_errors,         // 0 or 1: whether receive() gives the ICMP errors that have come
};

inline constexpr std::size_t datagram_option_count = 15;

class DatagramEvents {
  public:
    // On the port's processor, with no lock of net held. Edges, not levels: receive until there is
    // nothing, send until there is no room.
    virtual void on_datagrams(bool readable, bool writable) noexcept = 0;

  protected:
    ~DatagramEvents() = default;
};

// What a port is made with.
struct DatagramPortOptions {
    bool v6_only = true;      // an IPv6 port takes no IPv4 datagrams
    bool share_port = false;  // other sockets on this machine hold the port, and that is agreed
};

// Transfers never block and may come from any thread, one thread at a time in each direction.
class DatagramPort : public PortHolder {
  public:
    // Precondition: never started, or `closed` of close() has run.
    virtual ~DatagramPort() = default;

    // As it was bound: the port is real, the rest may be the wildcard.
    virtual const Address& local_address() const noexcept = 0;
    // From now on readiness is announced to `events` on `processor`. Once.
    virtual NTSTATUS start(host::Processor& processor, DatagramEvents& events) noexcept = 0;

    // Takes the oldest datagram, which may be empty. Its bytes beyond the slices are lost;
    // Transfer::bytes counts those that are not. ICMP errors are taken likewise, if they are
    // reported, in no particular order. `failed`: nothing was received; the port goes on working.
    // Precondition, as of send(): no more than slices_max slices.
    virtual Transfer receive(std::span<const Slice> slices,
                             ReceivedDatagram& datagram) noexcept = 0;
    // The same for several: as receive() for each of `rooms` in turn, while there are datagrams.
    // Precondition, as of send_each(): no more than datagram_batch_max.
    virtual DatagramBatch receive_several(std::span<DatagramRoom> rooms) noexcept;
    // All of it or nothing, and also when it is empty; of several datagrams perhaps only the first
    // ones, which Transfer::bytes tells. `failed`: no datagram was sent, which is never for the
    // error of another one; the port goes on working. STATUS_INVALID_BUFFER_SIZE: it is too long,
    // or one of several is too long for the link.
    virtual Transfer send(std::span<const Slice> slices,
                          const Address& remote,
                          const DatagramHeader& header) noexcept = 0;

    // The same for several: as send() for each piece in turn, while they are sent.
    virtual DatagramBatch send_each(std::span<const Slice> pieces,
                                    const Address& remote,
                                    const DatagramHeader& header) noexcept;

    // STATUS_NOT_SUPPORTED for what the family or the network does not know.
    virtual NTSTATUS set_option(DatagramOption option, std::uint32_t value) noexcept = 0;
    virtual Result<std::uint32_t> get_option(DatagramOption option) noexcept = 0;
    // The port becomes, or is no more, a member of the group on an interface (0: any).
    virtual NTSTATUS join_group(const Address& group, std::uint32_t interface_index) noexcept = 0;
    virtual NTSTATUS leave_group(const Address& group, std::uint32_t interface_index) noexcept = 0;

    // The end: `closed` runs on the processor when no announcement is under way or can come any
    // more. Once, after start().
    virtual void close(host::Task& closed) noexcept = 0;
};

}  // namespace owsk::net
