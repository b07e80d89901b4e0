// SPDX-License-Identifier: MIT
// DescriptorShares: how many of the process's descriptors the conditional listeners of a network
// may keep for what their drivers have not judged or not taken. Together they leave most of them to
// the others: to plain listeners, and to the connections that drivers have.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace owsk::net {

class DescriptorShares {
  public:
    DescriptorShares() noexcept;

    // A listener, as long as it lives.
    class Member {
      public:
        explicit Member(DescriptorShares& shares) noexcept : shares_(shares) {
            shares_.members_.fetch_add(1, std::memory_order_relaxed);
        }
        ~Member() { shares_.members_.fetch_sub(1, std::memory_order_relaxed); }
        Member(const Member&) = delete;
        Member& operator=(const Member&) = delete;

        // What it may keep of one kind: what the user wants, or else as many as usual, but no more
        // than its share. It shrinks when others come.
        std::size_t bound(std::uint32_t wanted, std::size_t usual) const noexcept;

      private:
        DescriptorShares& shares_;
    };

  private:
    const std::size_t of_each_kind_;
    std::atomic<std::size_t> members_ = 0;
};

}  // namespace owsk::net
