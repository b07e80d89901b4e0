// SPDX-License-Identifier: MIT
// What the tests of the SYN gate stand on: machines with conditional listeners, callers that
// connect without waiting, and SYNs that no socket has sent.
#pragma once

#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "host/linux/linux_host.h"
#include "net/flow.h"
#include "net/linux/linux_network.h"
#include "net/linux/netfilter/segment_sender.h"
#include "unit/net/linux/gate/gate_recorder.h"
#include "unit/net/linux/netfilter/held_traffic.h"
#include "unit/net/linux/netfilter/own_network.h"
#include "unit/net/linux/wire.h"

namespace owsk::net {

// Looks again and again, for what nobody announces. False if it never comes.
template <typename Condition>
bool comes_true(Condition condition) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) {
            return false;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    return true;
}

// A loop that stands still until this object goes.
class Standstill {
  public:
    explicit Standstill(host::Processor& loop) {
        loop.post(stop_);
        EXPECT_TRUE(stop_.stands.wait());
    }
    ~Standstill() {
        stop_.go_on.raise();
        EXPECT_TRUE(stop_.gone_on.wait());
    }
    Standstill(const Standstill&) = delete;
    Standstill& operator=(const Standstill&) = delete;

  private:
    struct Stop final : host::Task {
        void run() noexcept override {
            stands.raise();
            EXPECT_TRUE(go_on.wait());
            gone_on.raise();
        }
        Signal stands;
        Signal go_on;
        Signal gone_on;
    };
    Stop stop_;
};

class Machine {
  public:
    explicit Machine(unsigned processors = 1,
                     GateMode mode = GateMode::automatic,
                     const GateLimits& limits = {})
        : host(processors), network(host, mode, limits) {
        host.start(nullptr);
    }
    ~Machine() { host.stop(); }
    Machine(const Machine&) = delete;
    Machine& operator=(const Machine&) = delete;

    // Not the first one if there are several: nothing may depend on that.
    host::LinuxProcessor& processor() { return host.processor(host.processor_count() - 1); }
    std::vector<host::LinuxProcessor*> queue_loops() {
        std::vector<host::LinuxProcessor*> loops;
        for (unsigned cpu = 0; cpu < host::LinuxHost::cpu_count(); ++cpu) {
            loops.push_back(host.cpu_loop(cpu));
        }
        return loops;
    }
    // Waits until everything that is under way between queues and processor is over.
    void settle() {
        for (int round = 0; round < 3; ++round) {
            for (host::LinuxProcessor* loop : queue_loops()) {
                const Standstill passed(*loop);
            }
            const Standstill passed(processor());
        }
    }

    host::LinuxHost host;
    LinuxNetwork network;
};

// A conditional listener, and what it has announced.
class Gate {
  public:
    Gate(Machine& machine, const Address& address, bool v6_only = true) : machine_(machine) {
        Result<std::unique_ptr<Listener>> listener =
            machine.network.listen(address, {.conditional = true, .v6_only = v6_only});
        EXPECT_TRUE(listener.has_value()) << std::hex << listener.status();
        listener_ = std::move(*listener);
        EXPECT_EQ(listener_->gate().name, "syn") << listener_->gate().reason;
    }
    ~Gate() {
        if (started_) {
            close();
        }
    }
    Gate(const Gate&) = delete;
    Gate& operator=(const Gate&) = delete;

    void start() {
        ASSERT_EQ(listener_->start(machine_.processor(), events), STATUS_SUCCESS);
        started_ = true;
    }
    void start_and_accept_all() {
        events.answer = [](ConnectionAttempt& attempt) { attempt.accept(); };
        start();
    }
    // The tests look at what was announced before `closed`, and that nothing came later.
    void close() {
        started_ = false;
        close_and_wait(*listener_);
        listener_.reset();
    }
    // After somebody else has closed it.
    void forget() {
        started_ = false;
        listener_.reset();
    }

    Listener& listener() { return *listener_; }
    std::uint16_t port() const { return listener_->local_address().port; }

    GateRecorder events;

  private:
    Machine& machine_;
    std::unique_ptr<Listener> listener_;
    bool started_ = false;
};

// Connects without waiting, from a chosen address if there is one.
class Caller {
  public:
    explicit Caller(const Address& server, std::optional<Address> from = std::nullopt)
        : fd_(make_tcp_socket(server.family)) {
        if (from) {
            const int on = 1;
            ::setsockopt(fd_.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
            const Sockaddr local = to_sockaddr(*from);
            EXPECT_EQ(::bind(fd_.get(), local.get(), local.length), 0) << std::strerror(errno);
        }
        const Sockaddr remote = to_sockaddr(server);
        const int result = ::connect(fd_.get(), remote.get(), remote.length);
        error_at_once_ = result == 0 || errno == EINPROGRESS ? 0 : errno;
    }

    // Waits: 0 when it is connected, else an errno.
    int outcome() {
        pollfd look = {.fd = fd_.get(), .events = POLLOUT, .revents = 0};
        if (::poll(&look, 1, patience_ms) != 1) {
            return ETIMEDOUT;
        }
        int error = 0;
        socklen_t length = sizeof error;
        ::getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &length);
        return error_at_once_ != 0 ? error_at_once_ : error;
    }
    bool is_connecting() const { return info().tcpi_state == TCP_SYN_SENT; }
    bool is_connected() const { return info().tcpi_state == TCP_ESTABLISHED; }
    bool retransmits() const {
        return comes_true([this] { return info().tcpi_total_retrans > 0; });
    }
    Address address() const {
        Sockaddr sockaddr;
        EXPECT_EQ(::getsockname(fd_.get(), sockaddr.get(), &sockaddr.length), 0);
        return to_address(sockaddr);
    }
    // What it expects next from the server.
    std::uint32_t next_sequence() const {
        const int on = 1;
        const int receive_queue = TCP_RECV_QUEUE;
        const int off_without_probe = -1;
        std::uint32_t next = 0;
        socklen_t length = sizeof next;
        EXPECT_EQ(::setsockopt(fd_.get(), IPPROTO_TCP, TCP_REPAIR, &on, sizeof on), 0)
            << std::strerror(errno);
        EXPECT_EQ(
            ::setsockopt(
                fd_.get(), IPPROTO_TCP, TCP_REPAIR_QUEUE, &receive_queue, sizeof receive_queue),
            0);
        EXPECT_EQ(::getsockopt(fd_.get(), IPPROTO_TCP, TCP_QUEUE_SEQ, &next, &length), 0);
        EXPECT_EQ(
            ::setsockopt(
                fd_.get(), IPPROTO_TCP, TCP_REPAIR, &off_without_probe, sizeof off_without_probe),
            0);
        return next;
    }
    int fd() const { return fd_.get(); }
    void close() { fd_.reset(); }

  private:
    tcp_info info() const {
        tcp_info info = {};
        socklen_t length = sizeof info;
        EXPECT_EQ(::getsockopt(fd_.get(), IPPROTO_TCP, TCP_INFO, &info, &length), 0);
        return info;
    }

    host::UniqueFd fd_;
    int error_at_once_ = 0;
};

// Bytes go from a connection to its client.
inline void expect_to_reach(Connection& connection, const Caller& caller) {
    EXPECT_EQ(send_text(connection, "welcome").outcome, Outcome::done);
    std::array<char, 7> text;
    pollfd look = {.fd = caller.fd(), .events = POLLIN, .revents = 0};
    EXPECT_EQ(::poll(&look, 1, patience_ms), 1);
    EXPECT_EQ(::recv(caller.fd(), text.data(), text.size(), 0), 7);
}

// Where a gate listens, how clients come to it, and how the listener shows their addresses.
struct Route {
    const char* name;
    Address listen;
    Address server;
    unsigned processors;
    bool v6_only = true;
    bool shown_mapped = false;
};

inline const Route by_ipv4{"Ipv4", ipv4_loopback, ipv4_loopback, 1};
inline const Route by_ipv4_2{"Ipv4TwoProcessors", ipv4_loopback, ipv4_loopback, 2};
inline const Route by_ipv6{"Ipv6", ipv6_loopback, ipv6_loopback, 1};
inline const Route by_ipv6_2{"Ipv6TwoProcessors", ipv6_any, ipv6_loopback, 2};
inline const Route by_both{"Ipv6WildcardByIpv4", ipv6_any, ipv4_loopback, 1, false, true};

inline std::string route_name(const testing::TestParamInfo<Route>& about) {
    return about.param.name;
}

class SynGateTest : public OwnNetworkTest {
  protected:
    // A network namespace of its own and the privileges in it, or the test is not possible.
    static void need_syn_gate() {
        Machine machine;
        const GateReport gate = machine.network.gate();
        if (gate.name != "syn") {
            not_possible_here(gate.reason);
        }
    }
    template <typename Body>
    void in_own_network(Body body) {
        OwnNetworkTest::in_own_network([&body] {
            need_syn_gate();
            body();
        });
    }

    // From now on this thread, and what it sends, stays on that CPU, so that its packets stay in
    // order. False where that is not allowed.
    static bool stay_on_cpu(unsigned cpu) {
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        return ::sched_setaffinity(0, sizeof one, &one) == 0;
    }
    static SegmentSender open_sender() {
        Result<SegmentSender> sender = SegmentSender::open();
        EXPECT_TRUE(sender.has_value());
        return std::move(*sender);
    }
};

class SynGateByRouteTest : public SynGateTest, public testing::WithParamInterface<Route> {
  protected:
    static Address server_of(const Gate& gate) { return with_port(GetParam().server, gate.port()); }
    // As the listener shows it.
    static Address shown(const Address& address) {
        return GetParam().shown_mapped ? v4_mapped(address) : address;
    }
};

// A SYN of a host that cannot be reached: what is sent to it goes nowhere, and nothing comes back.
inline Segment far_syn(const Address& server, std::uint32_t number) {
    Address source = {.family = server.family, .port = 1000};
    if (server.family == Family::ipv4) {
        source.ip = {
            10, 0, static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
    } else {
        source.ip = {0xFD};
        source.ip[14] = static_cast<std::uint8_t>(number >> 8);
        source.ip[15] = static_cast<std::uint8_t>(number);
    }
    return {.source = source,
            .destination = server,
            .sequence = 1000 + number,
            .control = {.syn = true}};
}

}  // namespace owsk::net
