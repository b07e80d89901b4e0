// SPDX-License-Identifier: MIT
// NFQA_CFG_F_FAIL_OPEN is never set: with it, what finds the queue full would go on uninspected.
#include "net/linux/netfilter/nf_queue.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nfnetlink_queue.h>
#include <linux/netlink.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "net/linux/errno_map.h"

namespace owsk::net {

namespace {

// All of it: the headers of IPv6 may be as long as the packet, and the checksum covers the text.
constexpr std::uint32_t copy_bytes = 0xffff;
// Such a packet with everything that the kernel puts around it.
constexpr std::size_t datagram_bytes_max = copy_bytes + 1024;
// What the kernel charges to the socket for one of them, and how much it may be in all.
constexpr std::uint32_t charge_per_packet = 2048;
constexpr std::uint32_t receive_buffer_max = 8U << 20U;

constexpr std::uint16_t queue_message(int message) noexcept {
    return static_cast<std::uint16_t>((NFNL_SUBSYS_QUEUE << 8) | message);
}

nfqnl_msg_config_cmd command(std::uint8_t what) noexcept {
    nfqnl_msg_config_cmd made = {};
    made.command = what;
    made.pf = htons(AF_INET);
    return made;
}

void put_address(Neighbour& neighbour, std::span<const std::byte> attribute) noexcept {
    const auto address = read_value<nfqnl_msg_packet_hw>(attribute);
    if (address) {
        static_assert(sizeof address->hw_addr == sizeof neighbour.address);
        neighbour.address_length = ntohs(address->hw_addrlen);
        std::memcpy(neighbour.address.data(), address->hw_addr, sizeof address->hw_addr);
    }
}

std::optional<NfQueue::Packet> read_packet(const NetlinkMessage& message) noexcept {
    if (message.type != queue_message(NFQNL_MSG_PACKET)) {
        return std::nullopt;
    }
    NfQueue::Packet packet = {};
    bool has_id = false;
    std::span<const std::byte> rest = nfnetlink_attributes(message);
    while (const auto attribute = take_attribute(rest)) {
        if (attribute->type == NFQA_PACKET_HDR) {
            const auto header = read_value<nfqnl_msg_packet_hdr>(attribute->value);
            has_id = header.has_value();
            packet.id = has_id ? ntohl(header->packet_id) : 0;
            packet.is_outgoing = has_id && header->hook == NF_INET_LOCAL_OUT;
        } else if (attribute->type == NFQA_IFINDEX_INDEV ||
                   attribute->type == NFQA_IFINDEX_OUTDEV) {
            packet.neighbour.interface =
                ntohl(read_value<std::uint32_t>(attribute->value).value_or(0));
        } else if (attribute->type == NFQA_HWADDR) {
            put_address(packet.neighbour, attribute->value);
        } else if (attribute->type == NFQA_SKB_INFO) {
            const auto info = read_value<std::uint32_t>(attribute->value);
            packet.is_unverified = info && (ntohl(*info) & NFQA_SKB_CSUM_NOTVERIFIED) != 0;
        } else if (attribute->type == NFQA_PAYLOAD) {
            packet.bytes = attribute->value;
        }
    }
    return has_id ? std::optional(packet) : std::nullopt;
}

// What every request meets that is wrong before it comes to the particular queue.
NTSTATUS status_of_subsystem(int error) noexcept {
    // nfnetlink says so when no such subsystem is there.
    return error == EINVAL ? STATUS_NOT_SUPPORTED : status_from_errno(error);
}

NTSTATUS status_of_bind(int error) noexcept {
    // The caller's privilege was checked before, so this is about the queue: a kernel answers EPERM
    // when the number belongs to another socket, and EBUSY when it belongs to this one.
    return error == EPERM || error == EBUSY ? STATUS_ADDRESS_ALREADY_EXISTS
                                            : status_from_errno(error);
}

void prepare_buffer(int fd, std::uint32_t length_max) noexcept {
    // A full queue must fit, or its packets are lost on the way to us. The limit of the system can
    // be passed with privilege only; within the limit all can raise it.
    const int bytes = static_cast<int>(
        std::min(length_max, receive_buffer_max / charge_per_packet) * charge_per_packet);
    if (::setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) != 0) {
        ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    }
    // Lost datagrams are dropped SYNs, which come again; an error for each would tell us nothing.
    const int on = 1;
    ::setsockopt(fd, SOL_NETLINK, NETLINK_NO_ENOBUFS, &on, sizeof on);
}

}  // namespace

struct NfQueue::Datagrams {
    std::array<std::array<std::byte, datagram_bytes_max>, datagrams_at_once> buffers;
    std::array<sockaddr_nl, datagrams_at_once> senders;
    std::array<iovec, datagrams_at_once> pieces;
    std::array<mmsghdr, datagrams_at_once> headers;
};

NfQueue::NfQueue(NetlinkSocket socket, std::uint16_t number) noexcept
    : socket_(std::move(socket)),
      number_(number),
      // Not zeroed: most of it is never used, and then costs no memory.
      datagrams_(std::make_unique_for_overwrite<Datagrams>()) {}
NfQueue::NfQueue(NfQueue&& other) noexcept = default;
NfQueue& NfQueue::operator=(NfQueue&& other) noexcept = default;
NfQueue::~NfQueue() = default;

Result<NfQueue> NfQueue::bind(std::uint16_t number, std::uint32_t length_max) noexcept {
    Result<NetlinkSocket> socket = NetlinkSocket::open();
    if (!socket) {
        return socket.status();
    }
    // Changes nothing, and is allowed to whoever may bind a queue.
    NetlinkMessages question;
    question.begin(queue_message(NFQNL_MSG_CONFIG), NLM_F_ACK, AF_UNSPEC);
    question.put(NFQA_CFG_CMD, bytes_of(command(NFQNL_CFG_CMD_PF_BIND)));
    if (const int error = socket->request(question); error != 0) {
        return status_of_subsystem(error);
    }
    prepare_buffer(socket->fd(), length_max);
    NfQueue queue(std::move(*socket), number);
    if (const int error = queue.configure(length_max); error != 0) {
        return status_of_bind(error);
    }
    return queue;
}

int NfQueue::configure(std::uint32_t length_max) noexcept {
    nfqnl_msg_config_params copy = {};
    copy.copy_range = htonl(copy_bytes);
    copy.copy_mode = NFQNL_COPY_PACKET;

    NetlinkMessages messages;
    messages.begin(queue_message(NFQNL_MSG_CONFIG), NLM_F_ACK, AF_UNSPEC, number_);
    messages.put(NFQA_CFG_CMD, bytes_of(command(NFQNL_CFG_CMD_BIND)));
    messages.put(NFQA_CFG_PARAMS, bytes_of(copy));
    messages.put_be32(NFQA_CFG_QUEUE_MAXLEN, length_max);

    // Somebody's rules may send packets here already. Those that arrive before the answer was read
    // are dropped: SYNs come again.
    std::vector<std::uint32_t> early;
    const int error = socket_.request(messages, [&early](const NetlinkMessage& message) {
        if (const auto packet = read_packet(message)) {
            early.push_back(packet->id);
        }
    });
    for (const std::uint32_t id : early) {
        drop(id);
    }
    return error;
}

std::uint64_t NfQueue::count_lost(std::uint16_t first, std::size_t count) noexcept {
    // Number, owner, waiting, mode, range, dropped by the kernel, dropped at the socket, ...
    std::ifstream queues("/proc/thread-self/net/netfilter/nfnetlink_queue");
    std::uint64_t lost = 0;
    for (std::string line; std::getline(queues, line);) {
        std::istringstream fields(line);
        std::array<std::uint64_t, 7> values = {};
        for (std::uint64_t& value : values) {
            fields >> value;
        }
        if (fields && values[0] >= first && values[0] < first + count) {
            lost += values[5] + values[6];
        }
    }
    return lost;
}

void NfQueue::accept(std::uint32_t id) noexcept {
    decide(id, NF_ACCEPT);
}

void NfQueue::drop(std::uint32_t id) noexcept {
    decide(id, NF_DROP);
}

void NfQueue::repeat(std::uint32_t id, std::uint32_t mark) noexcept {
    decide(id, NF_REPEAT, mark);
}

void NfQueue::decide(std::uint32_t id,
                     std::uint32_t verdict,
                     std::optional<std::uint32_t> mark) noexcept {
    const nfqnl_msg_verdict_hdr header = {.verdict = htonl(verdict), .id = htonl(id)};
    NetlinkMessages message;
    message.begin(queue_message(NFQNL_MSG_VERDICT), 0, AF_UNSPEC, number_);
    message.put(NFQA_VERDICT_HDR, bytes_of(header));
    if (mark) {
        message.put_be32(NFQA_MARK, *mark);
    }
    // The kernel answers only if it fails, and with this number.
    std::memcpy(message.bytes().data() + offsetof(nlmsghdr, nlmsg_seq), &id, sizeof id);
    static_cast<void>(socket_.send(message));
}

std::size_t NfQueue::receive() noexcept {
    Datagrams& all = *datagrams_;
    for (std::size_t at = 0; at < datagrams_at_once; ++at) {
        all.pieces[at] = {.iov_base = all.buffers[at].data(), .iov_len = datagram_bytes_max};
        msghdr header = {};
        header.msg_name = &all.senders[at];
        header.msg_namelen = sizeof all.senders[at];
        header.msg_iov = &all.pieces[at];
        header.msg_iovlen = 1;
        all.headers[at] = {.msg_hdr = header, .msg_len = 0};
    }
    while (true) {
        const int count =
            ::recvmmsg(socket_.fd(), all.headers.data(), datagrams_at_once, MSG_DONTWAIT, nullptr);
        if (count >= 0) {
            return static_cast<std::size_t>(count);
        }
        if (errno != EINTR) {
            return 0;
        }
    }
}

std::optional<NetlinkMessage> NfQueue::message_in(std::size_t datagram) const noexcept {
    const mmsghdr& header = datagrams_->headers[datagram];
    // Other processes may write to this socket, too.
    if (datagrams_->senders[datagram].nl_pid != 0) {
        return std::nullopt;
    }
    // The kernel sends one packet in each.
    std::span<const std::byte> rest(datagrams_->buffers[datagram].data(), header.msg_len);
    return take_message(rest);
}

std::optional<NfQueue::Packet> NfQueue::read(std::size_t datagram) const noexcept {
    const auto message = message_in(datagram);
    return message ? read_packet(*message) : std::nullopt;
}

std::optional<std::uint32_t> NfQueue::read_lost(std::size_t datagram) const noexcept {
    const auto message = message_in(datagram);
    if (!message || message->type != NLMSG_ERROR) {
        return std::nullopt;
    }
    const auto answer = read_value<nlmsgerr>(message->body);
    return answer && answer->error == -ENOENT ? std::optional(message->sequence) : std::nullopt;
}

}  // namespace owsk::net
