// SPDX-License-Identifier: MIT
// A question to the kernel each time; and a socket for news, which only says when to ask again.
#include "net/linux/linux_address_list.h"

#include <errno.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <memory>
#include <span>
#include <utility>

#include "net/linux/address_messages.h"
#include "net/linux/errno_map.h"

namespace owsk::net {

namespace {

// The kernel tells no more at once.
constexpr std::size_t datagram_max = 32 * 1024;
using Datagram = std::array<std::byte, datagram_max>;

Result<host::UniqueFd> open_netlink(std::uint32_t groups, int flags) noexcept {
    host::UniqueFd fd(::socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | flags, NETLINK_ROUTE));
    sockaddr_nl own = {};
    own.nl_family = AF_NETLINK;
    own.nl_groups = groups;
    if (!fd || ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&own), sizeof own) != 0) {
        return status_from_errno(errno);
    }
    return fd;
}

// 0 or an errno.
int ask(int fd, Family family) noexcept {
    struct {
        nlmsghdr header;
        ifaddrmsg body;
    } question = {};
    question.header.nlmsg_len = sizeof question;
    question.header.nlmsg_type = RTM_GETADDR;
    question.header.nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP;
    question.body.ifa_family = family == Family::ipv4 ? AF_INET : AF_INET6;
    return ::send(fd, &question, sizeof question, 0) < 0 ? errno : 0;
}

}  // namespace

Result<std::vector<Address>> LinuxAddressList::addresses(Family family) {
    const Result<host::UniqueFd> netlink = open_netlink(0, 0);
    if (!netlink) {
        return netlink.status();
    }
    const int fd = (*netlink).get();
    if (const int error = ask(fd, family); error != 0) {
        return status_from_errno(error);
    }
    std::vector<Address> found;
    const auto datagram = std::make_unique<Datagram>();
    bool more = true;
    while (more) {
        const ssize_t length = ::recv(fd, datagram->data(), datagram->size(), 0);
        if (length < 0 && errno == EINTR) {
            continue;
        }
        if (length <= 0) {
            return status_from_errno(length < 0 ? errno : EIO);
        }
        more = read_addresses(
            std::span(*datagram).first(static_cast<std::size_t>(length)), family, found);
    }
    return found;
}

NTSTATUS LinuxAddressList::watch(host::Processor& processor, AddressListEvents& events) noexcept {
    Result<host::UniqueFd> news =
        open_netlink(RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR, SOCK_NONBLOCK);
    if (!news) {
        return news.status();
    }
    // What changes from here on is told, also if it changes before the look.
    for (const Family family : {Family::ipv4, Family::ipv6}) {
        Result<std::vector<Address>> now = addresses(family);
        if (!now) {
            return now.status();
        }
        known(family) = std::move(*now);
    }
    events_ = &events;
    news_ = std::move(*news);
    const int error =
        static_cast<host::LinuxProcessor&>(processor).watch(news_.get(), EPOLLIN, *this);
    if (error != 0) {
        news_.reset();
        return status_from_errno(error);
    }
    return STATUS_SUCCESS;
}

void LinuxAddressList::on_events(std::uint32_t) noexcept {
    std::array<std::byte, 1> rest;
    // Datagrams are cut, and lost ones (ENOBUFS) are news as well.
    while (::recv(news_.get(), rest.data(), rest.size(), MSG_DONTWAIT) >= 0 || errno == EINTR ||
           errno == ENOBUFS) {
    }
    look_at(Family::ipv4);
    look_at(Family::ipv6);
}

void LinuxAddressList::look_at(Family family) noexcept {
    Result<std::vector<Address>> now = addresses(family);
    if (now && *now != known(family)) {
        known(family) = std::move(*now);
        events_->on_addresses_changed(family);
    }
}

}  // namespace owsk::net
