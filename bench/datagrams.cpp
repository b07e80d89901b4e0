// SPDX-License-Identifier: MIT
// As few system calls as possible: it is the server that is measured.
#include "datagrams.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <stdexcept>
#include <system_error>

namespace bench {

namespace {

constexpr std::size_t datagrams_at_once = 64;
constexpr std::size_t datagram_size = 64;
constexpr int patience_ms = 1000;  // after that what is on its way is lost
constexpr int buffer_size = 1 << 20;

[[noreturn]] void fail_with_errno(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

class Exchange {
  public:
    Exchange(uint16_t port, unsigned in_flight) : in_flight_(in_flight) {
        sockaddr_in server = {};
        server.sin_family = AF_INET;
        server.sin_port = htons(port);
        server.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        setsockopt(descriptor_, SOL_SOCKET, SO_RCVBUF, &buffer_size, sizeof buffer_size);
        if (descriptor_ < 0 ||
            connect(descriptor_, reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0) {
            fail_with_errno("a socket for datagrams");
        }
        for (std::size_t index = 0; index < datagrams_at_once; ++index) {
            received_[index].fill(std::byte{});
            prepare(incoming_[index], incoming_pieces_[index], received_[index].data());
            prepare(outgoing_[index], outgoing_pieces_[index], sent_.data());
        }
        for (std::size_t index = 0; index < datagram_size; ++index) {
            sent_[index] = static_cast<std::byte>(index * 31 % 251 + 1);
        }
    }
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    ~Exchange() { close(descriptor_); }

    // The number of datagrams that came back.
    uint64_t run(const Length& length) {
        const Progress progress(length);
        uint64_t done = 0;
        fill();
        while (!progress.over(done)) {
            done += receive();
            fill();
        }
        return done;
    }

    // Everything that is on its way comes back.
    uint64_t finish() {
        uint64_t done = 0;
        while (on_its_way_ > 0) {
            done += receive();
        }
        return done;
    }

    uint64_t lost() const { return lost_; }
    // Looked at once: a comparison of every echo would be measured along.
    bool echoed() const { return received_[0] == sent_; }

  private:
    using Datagram = std::array<std::byte, datagram_size>;

    static void prepare(mmsghdr& message, iovec& piece, std::byte* data) {
        piece = {data, datagram_size};
        message = {};
        message.msg_hdr.msg_iov = &piece;
        message.msg_hdr.msg_iovlen = 1;
    }

    void fill() {
        while (on_its_way_ < in_flight_) {
            const auto count = static_cast<unsigned>(
                std::min<std::size_t>(in_flight_ - on_its_way_, datagrams_at_once));
            const int result = sendmmsg(descriptor_, outgoing_.data(), count, 0);
            if (result < 0 && errno != EINTR) {
                fail_with_errno("sendmmsg");
            }
            on_its_way_ += result > 0 ? static_cast<unsigned>(result) : 0;
        }
    }

    unsigned receive() {
        pollfd look = {descriptor_, POLLIN, 0};
        int result =
            recvmmsg(descriptor_, incoming_.data(), datagrams_at_once, MSG_DONTWAIT, nullptr);
        if (result < 0 && errno == EAGAIN) {
            if (poll(&look, 1, patience_ms) == 0) {
                lost_ += on_its_way_;
                on_its_way_ = 0;
                return 0;
            }
            result =
                recvmmsg(descriptor_, incoming_.data(), datagrams_at_once, MSG_DONTWAIT, nullptr);
        }
        if (result < 0) {
            if (errno == EAGAIN || errno == EINTR) {
                return 0;
            }
            fail_with_errno("recvmmsg");
        }
        const auto count = static_cast<unsigned>(result);
        on_its_way_ -= std::min(on_its_way_, count);  // a late one has been counted as lost
        return count;
    }

    const unsigned in_flight_;
    const int descriptor_ = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    unsigned on_its_way_ = 0;
    uint64_t lost_ = 0;
    Datagram sent_;
    std::array<Datagram, datagrams_at_once> received_;
    std::array<iovec, datagrams_at_once> incoming_pieces_;
    std::array<iovec, datagrams_at_once> outgoing_pieces_;
    std::array<mmsghdr, datagrams_at_once> incoming_;
    std::array<mmsghdr, datagrams_at_once> outgoing_;
};

}  // namespace

Datagrams measure_datagrams(uint16_t port, int in_flight, const Length& length) {
    Exchange exchange(port, static_cast<unsigned>(in_flight));
    const uint64_t warm_up = exchange.run(length.warm_up());
    if (!exchange.echoed()) {
        throw std::runtime_error("the echo is not what was sent");
    }
    const Clock::time_point start = Clock::now();
    const uint64_t done = exchange.run(length);
    const std::chrono::duration<double> elapsed = Clock::now() - start;
    const uint64_t rest = exchange.finish();
    return {static_cast<double>(done) / elapsed.count(), exchange.lost(), warm_up + done + rest};
}

}  // namespace bench
