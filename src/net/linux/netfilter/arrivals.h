// SPDX-License-Identifier: MIT
// Arrivals: the SYN and RST segments that come to this host, as they were sent: before anything on
// this host translates or drops them. It only looks on.
#pragma once

#include <array>
#include <cstddef>
#include <optional>

#include "base/result.h"
#include "host/linux/unique_fd.h"
#include "net/linux/netfilter/segment.h"

namespace owsk::net {

class Arrivals {
  public:
    // Needs CAP_NET_RAW. Every packet that arrives costs a look until this object goes. Segments
    // behind extension headers of IPv6 are not seen.
    static Result<Arrivals> open() noexcept;

    // One for each family. Readable when segments wait.
    const std::array<host::UniqueFd, 2>& fds() const noexcept { return fds_; }

    // Calls take(const Segment&) for all that waits, without blocking.
    template <typename Take>
    void fetch(Take take) noexcept {
        for (const host::UniqueFd& fd : fds_) {
            bool more = true;
            while (more) {
                if (const std::optional<Segment> segment = receive(fd.get(), more)) {
                    take(*segment);
                }
            }
        }
    }

  private:
    explicit Arrivals(std::array<host::UniqueFd, 2> fds) noexcept : fds_(std::move(fds)) {}

    // `more` becomes false when nothing waits.
    static std::optional<Segment> receive(int fd, bool& more) noexcept;

    std::array<host::UniqueFd, 2> fds_;
};

}  // namespace owsk::net
