// SPDX-License-Identifier: MIT
// NetlinkSocket: a conversation with the netfilter part of the kernel.
#pragma once

#include <cstdint>
#include <functional>

#include "base/result.h"
#include "host/linux/unique_fd.h"
#include "net/linux/netfilter/netlink_message.h"
#include "net/linux/netfilter/netlink_reader.h"

namespace owsk::net {

class NetlinkSocket {
  public:
    using Answer = std::function<void(const NetlinkMessage&)>;

    // Never blocks and is closed on exec.
    static Result<NetlinkSocket> open() noexcept;

    int fd() const noexcept { return fd_.get(); }

    // Sends and expects nothing. 0 or an errno. Any thread.
    int send(NetlinkMessages& messages) noexcept;
    // Sends messages of which at least one asks for an acknowledgement: 0, or the first errno that
    // the kernel answers with. Other answers go to `answer`. One thread at a time.
    int request(NetlinkMessages& messages, const Answer& answer = nullptr) noexcept;

  private:
    explicit NetlinkSocket(host::UniqueFd fd) noexcept : fd_(std::move(fd)) {}

    void stamp(std::span<std::byte> messages) noexcept;

    host::UniqueFd fd_;
    std::uint32_t sequence_ = 0;
};

}  // namespace owsk::net
