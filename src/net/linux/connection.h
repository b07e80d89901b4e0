// SPDX-License-Identifier: MIT
// LinuxConnection: a TCP socket of the Linux kernel.
#pragma once

#include <atomic>
#include <memory>

#include "base/mutex.h"
#include "host/linux/linux_processor.h"
#include "host/linux/unique_fd.h"
#include "net/bound.h"
#include "net/network.h"

namespace owsk::net {

class LinuxConnection final : public Connection, private host::Watch, private host::Task {
  public:
    // Precondition: `fd` is connected and non-blocking. `presence` is let go with the descriptor.
    LinuxConnection(host::UniqueFd fd,
                    const Address& local,
                    const Address& remote,
                    std::shared_ptr<const void> presence = nullptr) noexcept;
    ~LinuxConnection();

    const Address& local_address() const noexcept override { return local_; }
    const Address& remote_address() const noexcept override { return remote_; }
    void announce_acknowledgments() noexcept override;
    // Precondition: the processor is a LinuxProcessor.
    NTSTATUS start(host::Processor& processor, ConnectionEvents& events) noexcept override;

    Transfer receive(std::span<const Slice> slices) noexcept override;
    Transfer discard(std::size_t limit) noexcept override;
    // Precondition: sending is not finished.
    Transfer send(std::span<const Slice> slices, bool more) noexcept override;
    void push() noexcept override;

    NTSTATUS finish_sending() noexcept override;
    bool finish_acknowledged() noexcept override;
    std::size_t unacknowledged() noexcept override;
    std::size_t unread() noexcept override;
    std::size_t ideal_send_backlog() noexcept override;
    void abort() noexcept override;
    // By TCP_REPAIR, which needs CAP_NET_ADMIN.
    NTSTATUS silence() noexcept override;
    NTSTATUS failure() noexcept override { return failure_.load(std::memory_order_acquire); }
    NTSTATUS look_for_failure() noexcept override;

    Result<std::uint32_t> get_option(SocketOption option) noexcept override;
    NTSTATUS set_option(SocketOption option, std::uint32_t value) noexcept override;

    void hand_over(ConnectionEvents& events) noexcept override { events_ = &events; }
    // The descriptor is closed on the processor, so that no announcement meets a closed one.
    void close(host::Task& closed) noexcept override;

  private:
    void on_events(std::uint32_t events) noexcept override;
    Readiness readiness(std::uint32_t events) noexcept;
    // Takes the acknowledgments out of the error queue, which makes them known by EPOLLERR. Whether
    // there were any.
    bool collect_acknowledgments() noexcept;

    // What recv(2) has given.
    template <typename Call>
    Transfer received(Call call) noexcept;
    // What send(2) has taken.
    template <typename Call>
    Transfer sent(Call call) noexcept;
    Transfer at_the_end() noexcept;
    Transfer refused(int error) noexcept;
    // Keeps the first reason why the connection died.
    void fail(NTSTATUS status) noexcept;
    // Takes the error that waits in the socket, which the kernel tells only once. Whether the
    // connection has failed, be it by this error or before.
    bool collect_error() noexcept;
    bool has_failed(std::uint32_t events) noexcept;
    int tcp_state() noexcept;
    // Bytes that are not acknowledged; our FIN counts as one.
    int outstanding() noexcept;
    // What ioctl(2) tells about the queues of the socket.
    int count_of(unsigned long request) noexcept;
    bool is_finished() const noexcept;
    void reset_unless_finished() noexcept;
    // The last thing that happens on the processor.
    void run() noexcept override;

    std::shared_ptr<const void> presence_;
    host::UniqueFd fd_;
    const Address local_;
    const Address remote_;
    std::atomic<NTSTATUS> failure_ = STATUS_SUCCESS;
    host::LinuxProcessor* processor_ = nullptr;
    ConnectionEvents* events_ = nullptr;
    host::Task* closed_ = nullptr;

    // Holds "take the error" and "store it" together for whoever meets the state after the taking.
    // Transfers that meet no error never lock it.
    Mutex mutex_{Rank::transport};
    std::atomic<bool> sent_fin_ = false;
    std::atomic<bool> saw_fin_ = false;
    // Only on the processor: what happens once is announced once.
    bool announced_fin_ = false;
    bool announced_failure_ = false;
    bool announces_acknowledgments_ = false;
    bool is_silent_ = false;  // a keep-alive would break the silence
};

}  // namespace owsk::net
