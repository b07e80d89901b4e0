// SPDX-License-Identifier: MIT
// PipeConnection: a connection whose other side is the test.
#pragma once

#include <ntstatus.h>

#include <algorithm>
#include <cstring>
#include <string>

#include "net/network.h"

namespace owsk::net {

class PipeConnection final : public Connection {
  public:
    // What the peer has sent and nobody has received; what was sent to it.
    std::string arriving;
    std::string sent;
    std::size_t outstanding = 0;  // of `sent`, not acknowledged
    bool aborted = false;
    bool finished = false;
    ConnectionEvents* events = nullptr;

    const Address& local_address() const noexcept override { return address_; }
    const Address& remote_address() const noexcept override { return address_; }
    NTSTATUS start(host::Processor&, ConnectionEvents& listener) noexcept override {
        events = &listener;
        return STATUS_SUCCESS;
    }
    Transfer receive(std::span<const Slice> slices) noexcept override {
        std::size_t total = 0;
        for (const Slice& slice : slices) {
            const std::size_t count = std::min(slice.length, arriving.size());
            std::memcpy(slice.base, arriving.data(), count);
            arriving.erase(0, count);
            total += count;
        }
        return total == 0 ? Transfer{Outcome::would_block} : Transfer{Outcome::done, total};
    }
    Transfer discard(std::size_t limit) noexcept override {
        const std::size_t count = std::min(limit, arriving.size());
        arriving.erase(0, count);
        return count == 0 ? Transfer{Outcome::would_block} : Transfer{Outcome::done, count};
    }
    Transfer send(std::span<const Slice> slices, bool) noexcept override {
        const std::size_t before = sent.size();
        for (const Slice& slice : slices) {
            sent.append(static_cast<const char*>(slice.base), slice.length);
        }
        return {Outcome::done, sent.size() - before};
    }
    void push() noexcept override {}
    NTSTATUS finish_sending() noexcept override {
        finished = true;
        return STATUS_SUCCESS;
    }
    bool finish_acknowledged() noexcept override { return finished; }
    void announce_acknowledgments() noexcept override {}
    std::size_t unacknowledged() noexcept override { return outstanding; }
    std::size_t unread() noexcept override { return 0; }
    std::size_t ideal_send_backlog() noexcept override { return ideal_send_backlog_min; }
    void hand_over(ConnectionEvents& listener) noexcept override { events = &listener; }
    void abort() noexcept override { aborted = true; }
    NTSTATUS failure() noexcept override {
        return aborted ? STATUS_CONNECTION_ABORTED : STATUS_SUCCESS;
    }
    Result<std::uint32_t> get_option(SocketOption) noexcept override { return std::uint32_t{0}; }
    NTSTATUS set_option(SocketOption, std::uint32_t) noexcept override { return STATUS_SUCCESS; }
    void close(host::Task& closed) noexcept override { closed.run(); }

  private:
    const Address address_ = {};
};

}  // namespace owsk::net
