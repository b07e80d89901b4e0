// SPDX-License-Identifier: MIT
// One question to sock_diag. The kernel answers inside the call that asks.
#include "net/linux/connection_query.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <optional>

#include "host/linux/unique_fd.h"
#include "net/flow.h"
#include "net/linux/netfilter/netlink_reader.h"

namespace owsk::net {

namespace {

struct StateQuestion {
    nlmsghdr header;
    inet_diag_req_v2 request;
};

StateQuestion state_question_of(const Address& local, const Address& remote) noexcept {
    const Address here = v4_unmapped(local);
    const Address there = v4_unmapped(remote);
    StateQuestion question = {};
    question.header.nlmsg_len = sizeof question;
    question.header.nlmsg_type = SOCK_DIAG_BY_FAMILY;
    question.header.nlmsg_flags = NLM_F_REQUEST;
    question.request.sdiag_family = here.family == Family::ipv4 ? AF_INET : AF_INET6;
    question.request.sdiag_protocol = IPPROTO_TCP;
    question.request.idiag_states = ~0U;
    inet_diag_sockid& id = question.request.id;
    id.idiag_sport = htons(here.port);
    id.idiag_dport = htons(there.port);
    std::memcpy(id.idiag_src, here.ip.data(), here.ip.size());
    std::memcpy(id.idiag_dst, there.ip.data(), there.ip.size());
    id.idiag_if = here.scope_id;
    id.idiag_cookie[0] = INET_DIAG_NOCOOKIE;
    id.idiag_cookie[1] = INET_DIAG_NOCOOKIE;
    return question;
}

// The state of the socket that a segment between these ends would find.
std::optional<unsigned> state_between(const Address& local, const Address& remote) noexcept {
    const host::UniqueFd fd(
        ::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_SOCK_DIAG));
    if (!fd) {
        return std::nullopt;
    }
    const StateQuestion question = state_question_of(local, remote);
    std::array<std::byte, 4096> answer;
    if (::send(fd.get(), &question, sizeof question, 0) < 0) {
        return std::nullopt;
    }
    const ssize_t length = ::recv(fd.get(), answer.data(), answer.size(), 0);
    if (length < 0) {
        return std::nullopt;
    }
    std::span<const std::byte> rest = std::span(answer).first(static_cast<std::size_t>(length));
    const std::optional<NetlinkMessage> message = take_message(rest);
    if (!message || message->type != SOCK_DIAG_BY_FAMILY) {
        return std::nullopt;
    }
    const auto found = read_value<inet_diag_msg>(message->body);
    return found ? std::optional<unsigned>(found->idiag_state) : std::nullopt;
}

}  // namespace

bool kernel_has_connection(const Address& local, const Address& remote) noexcept {
    switch (state_between(local, remote).value_or(TCP_CLOSE)) {
        case TCP_ESTABLISHED:
        case TCP_FIN_WAIT1:
        case TCP_FIN_WAIT2:
        case TCP_CLOSE_WAIT:
        case TCP_LAST_ACK:
        case TCP_CLOSING:
            return true;
        default:
            // A listener, too: it is found where there is no connection.
            return false;
    }
}

}  // namespace owsk::net
