// SPDX-License-Identifier: MIT
// One system call for several datagrams, in the caller's thread.
#include <errno.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>

#include "net/flow.h"
#include "net/linux/datagram_header.h"
#include "net/linux/datagram_port.h"
#include "net/linux/message.h"

namespace owsk::net {

DatagramBatch LinuxDatagramPort::receive_several(std::span<DatagramRoom> rooms) noexcept {
    // An ICMP error ends a batch as the last datagram does.
    if (rooms.size() == 1 || reports_errors_.load(std::memory_order_relaxed)) {
        return DatagramPort::receive_several(rooms);
    }
    std::array<mmsghdr, datagram_batch_max> messages;
    std::array<sockaddr_storage, datagram_batch_max> from;
    std::array<ControlBuffer, datagram_batch_max> control;
    for (std::size_t i = 0; i < rooms.size(); ++i) {
        msghdr& message = messages[i].msg_hdr;
        message = message_of(rooms[i].slices);
        message.msg_name = &from[i];
        message.msg_namelen = sizeof from[i];
        control[i].give_to(message);
    }
    const ssize_t result = unless_interrupted([&] {
        return ::recvmmsg(fd_.get(),
                          messages.data(),
                          static_cast<unsigned>(rooms.size()),
                          MSG_TRUNC | MSG_DONTWAIT,
                          nullptr);
    });
    if (result < 0) {
        return DatagramPort::receive_several(rooms);
    }
    const auto count = static_cast<std::size_t>(result);
    for (std::size_t i = 0; i < count; ++i) {
        DatagramRoom& room = rooms[i];
        describe(messages[i].msg_hdr, {.storage = from[i]}, messages[i].msg_len, *room.datagram);
        room.bytes = std::min(room.datagram->length, length_of(room.slices));
    }
    return {count, {count < rooms.size() ? Outcome::would_block : Outcome::done}};
}

DatagramBatch LinuxDatagramPort::send_each(std::span<const Slice> pieces,
                                           const Address& remote,
                                           const DatagramHeader& header) noexcept {
    if (pieces.size() == 1 || reports_errors_.load(std::memory_order_relaxed)) {
        return DatagramPort::send_each(pieces, remote, header);
    }
    const NTSTATUS status = check_destination(remote, header);
    if (!NT_SUCCESS(status)) {
        return {0, {Outcome::failed, 0, status}};
    }
    Sockaddr to = to_sockaddr(remote);
    ControlBuffer control;
    msghdr common = {};
    common.msg_name = to.get();
    common.msg_namelen = to.length;
    put_control(header, v4_unmapped(remote).family, control, common);
    std::array<mmsghdr, datagram_batch_max> messages;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const msghdr message = message_of(pieces.subspan(i, 1));
        messages[i].msg_hdr = common;
        messages[i].msg_hdr.msg_iov = message.msg_iov;
        messages[i].msg_hdr.msg_iovlen = message.msg_iovlen;
    }
    std::size_t count = 0;
    while (count < pieces.size()) {
        const ssize_t result = unless_interrupted([&] {
            return ::sendmmsg(fd_.get(),
                              messages.data() + count,
                              static_cast<unsigned>(pieces.size() - count),
                              MSG_NOSIGNAL | MSG_DONTWAIT);
        });
        if (result < 0) {
            return {count, not_sent(errno, header)};
        }
        // Fewer than all: the next call says why.
        count += static_cast<std::size_t>(result);
    }
    return {count, {Outcome::done}};
}

}  // namespace owsk::net
