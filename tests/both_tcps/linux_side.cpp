// SPDX-License-Identifier: MIT
// The TCP of Linux, behind a tun device: what the script sends is written into it as bytes, and
// what the kernel sends goes to the script over the link of the simulated network, whose clock is
// the real one here.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/if_tun.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <vector>

#include "both_tcps/segment_reader.h"
#include "both_tcps/tcp_side.h"
#include "net/capture/packet_bytes.h"

namespace owsk::both_tcps {

namespace {

using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr std::uint32_t own_ip = 0xC0000201;  // 192.0.2.1
constexpr const char* device = "script0";

class Descriptor {
  public:
    Descriptor() = default;
    ~Descriptor() { close(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const noexcept { return number_; }
    bool is_open() const noexcept { return number_ >= 0; }
    void set(int number) {
        close();
        number_ = number;
    }
    void close() {
        if (number_ >= 0) {
            ::close(std::exchange(number_, -1));
        }
    }

  private:
    int number_ = -1;
};

sockaddr_in address_of(std::uint32_t ip, std::uint16_t port) {
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(ip);
    return address;
}

int new_socket() {
    const int number = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    EXPECT_GE(number, 0) << std::strerror(errno);
    const int on = 1;
    setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    return number;
}

void set_address(int control, unsigned long what, std::uint32_t ip) {
    ifreq request = {};
    std::strcpy(request.ifr_name, device);
    const sockaddr_in address = address_of(ip, 0);
    std::memcpy(&request.ifr_addr, &address, sizeof address);
    ASSERT_EQ(ioctl(control, what, &request), 0) << std::strerror(errno);
}

class LinuxSide final : public TcpSide, private net::PacketHandler {
  public:
    LinuxSide() {
        open_device();
        computer_.set_handler(this);
    }
    ~LinuxSide() override { computer_.set_handler(nullptr); }

    void listen() override {
        listener_.set(new_socket());
        bind_to(listener_.get(), 7);
        ASSERT_EQ(::listen(listener_.get(), 10), 0) << std::strerror(errno);
    }
    void connect(std::uint16_t from_port) override {
        connection_.set(new_socket());
        bind_to(connection_.get(), from_port);
        std::uint32_t ip = 0;
        std::memcpy(&ip, script_address_.ip.data(), sizeof ip);
        const sockaddr_in to = address_of(ntohl(ip), script_address_.port);
        EXPECT_EQ(::connect(connection_.get(), reinterpret_cast<const sockaddr*>(&to), sizeof to),
                  -1);
        EXPECT_EQ(errno, EINPROGRESS);
    }
    bool is_connected() override {
        if (!connection_.is_open() && listener_.is_open()) {
            const int accepted = accept4(listener_.get(), nullptr, nullptr, SOCK_NONBLOCK);
            if (accepted >= 0) {
                connection_.set(accepted);
            }
        }
        return connection_.is_open() && state() != TCP_SYN_SENT && state() != TCP_SYN_RECV &&
               (state() != TCP_CLOSE || was_connected_) && (was_connected_ = true);
    }
    void send(const std::string& bytes) override {
        EXPECT_EQ(::send(connection_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(bytes.size()));
    }
    const std::string& received() override {
        read();
        return received_;
    }
    bool peer_has_finished() override {
        read();
        return finished_;
    }
    bool was_refused() override {
        read();
        return error_ == ECONNREFUSED;
    }
    bool was_reset() override {
        read();
        return error_ == ECONNRESET;
    }
    void finish() override { EXPECT_EQ(shutdown(connection_.get(), SHUT_WR), 0); }
    void reset() override {
        const linger none = {.l_onoff = 1, .l_linger = 0};
        setsockopt(connection_.get(), SOL_SOCKET, SO_LINGER, &none, sizeof none);
        connection_.close();
    }
    void close() override { connection_.close(); }

    bool run_until(const std::function<bool()>& condition) override {
        const Clock::time_point limit = Clock::now() + 10s;
        for (;;) {
            take_packets();
            events_.run_until(Instant(Clock::now() - began_));
            if (condition()) {
                return true;
            }
            if (Clock::now() > limit) {
                return false;
            }
            wait_for_something();
        }
    }

  private:
    void open_device() {
        device_.set(open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC));
        ASSERT_TRUE(device_.is_open()) << std::strerror(errno);
        ifreq request = {};
        std::strcpy(request.ifr_name, device);
        request.ifr_flags = IFF_TUN | IFF_NO_PI;
        ASSERT_EQ(ioctl(device_.get(), TUNSETIFF, &request), 0) << std::strerror(errno);
        Descriptor control;
        control.set(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
        set_address(control.get(), SIOCSIFADDR, own_ip);
        set_address(control.get(), SIOCSIFNETMASK, 0xFFFFFF00);
        request.ifr_flags = IFF_UP | IFF_RUNNING;
        ASSERT_EQ(ioctl(control.get(), SIOCSIFFLAGS, &request), 0) << std::strerror(errno);
    }

    static void bind_to(int number, std::uint16_t port) {
        const sockaddr_in address = address_of(own_ip, port);
        ASSERT_EQ(bind(number, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0)
            << std::strerror(errno);
    }

    int state() const {
        tcp_info info = {};
        socklen_t length = sizeof info;
        getsockopt(connection_.get(), IPPROTO_TCP, TCP_INFO, &info, &length);
        return info.tcpi_state;
    }

    void read() {
        std::array<char, 65536> bytes;
        ssize_t count = 0;
        while (connection_.is_open() &&
               (count = recv(connection_.get(), bytes.data(), bytes.size(), 0)) > 0) {
            received_.append(bytes.data(), static_cast<std::size_t>(count));
        }
        if (connection_.is_open() && count == 0) {
            finished_ = true;
        } else if (count < 0 && errno != EAGAIN) {
            error_ = errno;
        }
    }

    // From the script to the kernel.
    void on_packet(const net::Packet& packet) noexcept override {
        const std::vector<std::byte> bytes = net::packet_bytes(packet);
        EXPECT_EQ(write(device_.get(), bytes.data(), bytes.size()),
                  static_cast<ssize_t>(bytes.size()))
            << std::strerror(errno);
    }

    // And back.
    void take_packets() {
        std::array<std::byte, 65536> bytes;
        ssize_t count = 0;
        while ((count = ::read(device_.get(), bytes.data(), bytes.size())) > 0) {
            auto segment = read_segment(std::span(bytes).first(static_cast<std::size_t>(count)));
            if (segment && segment->destination.ip == script_address_.ip) {
                computer_.send(std::move(*segment));
            }
        }
    }

    void wait_for_something() {
        std::array<pollfd, 3> descriptors = {pollfd{device_.get(), POLLIN, 0},
                                             pollfd{listener_.get(), POLLIN, 0},
                                             pollfd{connection_.get(), POLLIN, 0}};
        // What has failed or finished is readable for ever.
        descriptors[2].fd = finished_ || error_ != 0 ? -1 : descriptors[2].fd;
        const auto now = Instant(Clock::now() - began_);
        // No event of the kernel says that a connection has been made, or that it has ended.
        const Duration longest = 1ms;
        const Duration wait =
            std::clamp(events_.next().value_or(now + longest) - now, Duration(0), longest);
        const timespec time = {0, static_cast<long>(wait.count())};
        ppoll(descriptors.data(), descriptors.size(), &time, nullptr);
    }

    const Clock::time_point began_ = Clock::now();
    Descriptor device_;
    Descriptor listener_;
    Descriptor connection_;
    bool was_connected_ = false;
    std::string received_;
    bool finished_ = false;
    int error_ = 0;
};

}  // namespace

std::unique_ptr<TcpSide> TcpSide::of_linux() {
    return std::make_unique<LinuxSide>();
}

}  // namespace owsk::both_tcps
