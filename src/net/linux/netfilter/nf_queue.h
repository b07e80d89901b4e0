// SPDX-License-Identifier: MIT
// NfQueue: one queue of nfnetlink_queue. The kernel holds each packet in it until its verdict.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>

#include "base/result.h"
#include "net/linux/netfilter/neighbour.h"
#include "net/linux/netfilter/netlink_socket.h"

namespace owsk::net {

// Closing drops what is held. Packets that find the queue full are dropped, never let through.
class NfQueue {
  public:
    struct Packet {
        std::uint32_t id;
        bool is_outgoing;  // sent by this host, and not on its way in again
        // Who brought it; of what goes out, only the interface.
        Neighbour neighbour;
        // It came over a network, and no hardware has looked at its checksum. That of a packet of
        // this machine needs no look, and may be unfinished.
        bool is_unverified;
        // From the IP header on. Empty if the kernel could not copy it; such a packet still needs a
        // verdict.
        std::span<const std::byte> bytes;
    };

    // Binds queue `number` of this network namespace; at most `length_max` packets are held. Fails
    // with STATUS_ADDRESS_ALREADY_EXISTS when somebody has that number, with STATUS_ACCESS_DENIED
    // without CAP_NET_ADMIN, and with STATUS_NOT_SUPPORTED when the kernel has no such queues.
    static Result<NfQueue> bind(std::uint16_t number, std::uint32_t length_max) noexcept;

    NfQueue(NfQueue&& other) noexcept;
    NfQueue& operator=(NfQueue&& other) noexcept;
    ~NfQueue();

    // Readable when packets wait.
    int fd() const noexcept { return socket_.fd(); }

    // Calls take(const Packet&) for some of the packets that wait, without blocking; what a Packet
    // points to lives until `take` returns. True if more may wait: only after false will an
    // edge-triggered poll announce the next. One thread at a time.
    // Calls lose(id) for each verdict on a packet that was no longer held: the kernel drops all
    // that it holds for anybody in this network namespace when somebody there removes a hook of
    // netfilter, and does not tell.
    template <typename Take, typename Lose>
    bool fetch(Take take, Lose lose) noexcept {
        const std::size_t count = receive();
        for (std::size_t datagram = 0; datagram < count; ++datagram) {
            if (const std::optional<Packet> packet = read(datagram)) {
                take(*packet);
            } else if (const std::optional<std::uint32_t> id = read_lost(datagram)) {
                lose(*id);
            }
        }
        return count == datagrams_at_once;
    }
    template <typename Take>
    bool fetch(Take take) noexcept {
        return fetch(take, [](std::uint32_t) {});
    }

    // How many packets of the queues from `first` on the kernel has dropped, because it or the
    // socket had no room. 0 where that cannot be read.
    static std::uint64_t count_lost(std::uint16_t first, std::size_t count) noexcept;

    // The verdict. An accepted packet goes on inside the call, on this processor. Any thread. No
    // effect on a packet that is no longer held, but then fetch() tells.
    void accept(std::uint32_t id) noexcept;
    void drop(std::uint32_t id) noexcept;
    // Has the rules look at it once more, under this mark.
    void repeat(std::uint32_t id, std::uint32_t mark) noexcept;

  private:
    struct Datagrams;
    static constexpr std::size_t datagrams_at_once = 16;

    NfQueue(NetlinkSocket socket, std::uint16_t number) noexcept;

    int configure(std::uint32_t length_max) noexcept;
    void decide(std::uint32_t id,
                std::uint32_t verdict,
                std::optional<std::uint32_t> mark = std::nullopt) noexcept;
    // Receives up to datagrams_at_once and returns how many.
    std::size_t receive() noexcept;
    // The packet in a received datagram, or none if it is something else.
    std::optional<Packet> read(std::size_t datagram) const noexcept;
    // The packet for whose verdict a received datagram says that it was not held.
    std::optional<std::uint32_t> read_lost(std::size_t datagram) const noexcept;
    std::optional<NetlinkMessage> message_in(std::size_t datagram) const noexcept;

    NetlinkSocket socket_;
    std::uint16_t number_;
    std::unique_ptr<Datagrams> datagrams_;
};

}  // namespace owsk::net
