// SPDX-License-Identifier: MIT
// FakeDatagramPort: a port that has room when the test says so, and receives what the test brings.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <deque>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "host/host.h"
#include "net/datagram_port.h"

namespace owsk::wsk {

class FakeDatagramPort final : public net::DatagramPort {
  public:
    struct Sent {
        std::string text;
        Address remote;
        net::DatagramHeader header;
    };

    FakeDatagramPort(const Address& local, NTSTATUS start_status)
        : local_(local), start_status_(start_status) {}

    // From now on there is room for so many datagrams, and the provider hears of it.
    void make_room(std::size_t count) {
        {
            const std::lock_guard guard(mutex_);
            room_ = count;
        }
        announce(false, true);
    }
    // The next one that would be sent fails.
    void fail_next_send(NTSTATUS status) {
        const std::lock_guard guard(mutex_);
        next_send_ = status;
    }
    // A datagram has arrived, and is announced when it says so.
    void bring(const net::ReceivedDatagram& datagram, const std::string& text) {
        const std::lock_guard guard(mutex_);
        waiting_.push_back({datagram, text});
        waiting_.back().first.length = text.size();
    }
    // Returns when the processor has told the provider.
    void announce(bool readable, bool writable) {
        announcement_.readable = readable;
        announcement_.writable = writable;
        announcement_.is_over.store(false);
        processor_->post(announcement_);
        announcement_.is_over.wait(false);
    }
    std::vector<Sent> sent() const {
        const std::lock_guard guard(mutex_);
        return sent_;
    }
    std::size_t waiting() const {
        const std::lock_guard guard(mutex_);
        return waiting_.size();
    }

    const Address& local_address() const noexcept override { return local_; }
    void allow_port_sharing(bool) noexcept override {}
    NTSTATUS start(host::Processor& processor, net::DatagramEvents& events) noexcept override {
        processor_ = &processor;
        events_ = &events;
        return start_status_;
    }
    net::Transfer receive(std::span<const net::Slice> slices,
                          net::ReceivedDatagram& datagram) noexcept override {
        const std::lock_guard guard(mutex_);
        if (waiting_.empty()) {
            return {net::Outcome::would_block};
        }
        const auto [taken, text] = std::move(waiting_.front());
        waiting_.pop_front();
        datagram = taken;
        std::size_t done = 0;
        for (const net::Slice& slice : slices) {
            const std::size_t count = std::min(slice.length, text.size() - done);
            std::memcpy(slice.base, text.data() + done, count);
            done += count;
        }
        return {net::Outcome::done, done};
    }
    net::Transfer send(std::span<const net::Slice> slices,
                       const Address& remote,
                       const net::DatagramHeader& header) noexcept override {
        const std::lock_guard guard(mutex_);
        EXPECT_LE(slices.size(), net::slices_max);
        if (const NTSTATUS status = std::exchange(next_send_, STATUS_SUCCESS);
            !NT_SUCCESS(status)) {
            return {net::Outcome::failed, 0, status};
        }
        if (room_ == 0) {
            return {net::Outcome::would_block};
        }
        --room_;
        std::string text;
        for (const net::Slice& slice : slices) {
            text.append(static_cast<const char*>(slice.base), slice.length);
        }
        sent_.push_back({text, remote, header});
        return {net::Outcome::done, text.size()};
    }
    NTSTATUS set_option(net::DatagramOption option, std::uint32_t value) noexcept override {
        options_[static_cast<std::size_t>(option)] = value;
        return STATUS_SUCCESS;
    }
    Result<std::uint32_t> get_option(net::DatagramOption option) noexcept override {
        return options_[static_cast<std::size_t>(option)];
    }
    NTSTATUS join_group(const Address&, std::uint32_t) noexcept override { return STATUS_SUCCESS; }
    NTSTATUS leave_group(const Address&, std::uint32_t) noexcept override { return STATUS_SUCCESS; }
    void close(host::Task& closed) noexcept override {
        EXPECT_EQ(start_status_, STATUS_SUCCESS) << "it was never started";
        processor_->post(closed);
    }

  private:
    struct Announcement final : host::Task {
        explicit Announcement(FakeDatagramPort& owner) : port(owner) {}
        void run() noexcept override {
            port.events_->on_datagrams(readable, writable);
            is_over.store(true);
            is_over.notify_all();
        }
        FakeDatagramPort& port;
        bool readable = false;
        bool writable = false;
        std::atomic<bool> is_over = true;
    };

    const Address local_;
    const NTSTATUS start_status_;
    mutable std::mutex mutex_;
    std::size_t room_ = 0;
    NTSTATUS next_send_ = STATUS_SUCCESS;
    std::deque<std::pair<net::ReceivedDatagram, std::string>> waiting_;
    std::vector<Sent> sent_;
    std::array<std::uint32_t, net::datagram_option_count> options_ = {};
    host::Processor* processor_ = nullptr;
    net::DatagramEvents* events_ = nullptr;
    Announcement announcement_{*this};
};

}  // namespace owsk::wsk
