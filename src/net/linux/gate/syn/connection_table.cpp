// SPDX-License-Identifier: MIT
// By sock_diag(7), which answers inside the system call that asks.
#include "net/linux/gate/syn/connection_table.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstring>

#include "net/linux/netfilter/netlink_reader.h"

namespace owsk::net {

namespace {

Presence presence_in(unsigned state) noexcept {
    switch (state) {
        case TCP_ESTABLISHED:
        case TCP_FIN_WAIT1:
        case TCP_FIN_WAIT2:
        case TCP_CLOSE_WAIT:
        case TCP_LAST_ACK:
        case TCP_CLOSING:
            return Presence::connected;
        case TCP_LISTEN:
            // The listener is found where there is no connection.
            return Presence::absent;
        default:
            return Presence::unsettled;
    }
}

struct Question {
    nlmsghdr header;
    inet_diag_req_v2 request;
};

Question question_of(const Address& local,
                     const Address& remote,
                     std::uint32_t interface) noexcept {
    const bool is_ipv4 = local.family == Family::ipv4;
    Question question = {};
    question.header.nlmsg_len = sizeof question;
    question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    question.header.nlmsg_flags = NLM_F_REQUEST;
    inet_diag_req_v2& request = question.request;
    request.sdiag_family = is_ipv4 ? AF_INET : AF_INET6;
    request.sdiag_protocol = IPPROTO_TCP;
    request.id.idiag_sport = htons(local.port);
    request.id.idiag_dport = htons(remote.port);
    const std::size_t length = is_ipv4 ? 4 : 16;
    std::memcpy(request.id.idiag_src, local.ip.data(), length);
    std::memcpy(request.id.idiag_dst, remote.ip.data(), length);
    request.id.idiag_if = interface;
    request.id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
    request.id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    return question;
}

}  // namespace

Presence ConnectionTable::look_up(const Address& local,
                                  const Address& remote,
                                  std::uint32_t interface) noexcept {
    if (!socket_) {
        socket_ = host::UniqueFd(
            ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG));
    }
    const Question question = question_of(local, remote, interface);
    if (::send(socket_.get(), &question, sizeof question, 0) < 0) {
        return Presence::unknown;
    }
    std::array<std::byte, 1024> answer;
    const ssize_t length = ::recv(socket_.get(), answer.data(), answer.size(), 0);
    if (length < 0) {
        return Presence::unknown;
    }
    std::span<const std::byte> rest = std::span(answer).first(static_cast<std::size_t>(length));
    const auto message = take_message(rest);
    // An error tells nothing: it is the same for a kernel that has no such table.
    const auto found = message && message->type == SOCK_DIAG_BY_FAMILY
                           ? read_value<inet_diag_msg>(message->body)
                           : std::nullopt;
    return found ? presence_in(found->idiag_state) : Presence::unknown;
}

}  // namespace owsk::net
