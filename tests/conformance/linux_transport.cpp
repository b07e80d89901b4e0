// SPDX-License-Identifier: MIT
// The real machine.
#include "conformance/linux_transport.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <net/if.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <thread>
#include <utility>

#include "base/address_text.h"
#include "conformance/linux_wire.h"
#include "conformance/tested.h"
#include "host/linux/linux_host.h"
#include "host/linux/unique_fd.h"
#include "net/linux/system_names.h"
#include "nt/system.h"

namespace owsk::conformance {

namespace {

// Ports that Linux gives to no socket by itself.
constexpr int first_unassigned_port = 10'000;
constexpr int last_unassigned_port = 32'000;

class LinuxThread final : public TestThread::Running {
  public:
    explicit LinuxThread(std::function<void()> body) : thread_(std::move(body)) {}
    ~LinuxThread() override { thread_.join(); }

  private:
    std::thread thread_;
};

// Of the loopback interface, in a network namespace of our own. The wildcard takes it away.
bool set_second_address(const char* ip) {
    if (tested_gate != GateMode::strict) {
        return false;
    }
    const host::UniqueFd fd(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
    ifreq request = {};
    std::strcpy(request.ifr_name, "lo:1");
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    EXPECT_EQ(::inet_pton(AF_INET, ip, &address.sin_addr), 1);
    std::memcpy(&request.ifr_addr, &address, sizeof address);
    return ::ioctl(fd.get(), SIOCSIFADDR, &request) == 0;
}

}  // namespace

// First an event behind those that are there already, then a task behind what these have posted.
class LinuxTransport::Marker final : public host::Watch, public host::Task {
  public:
    Marker(LinuxTransport& transport, host::LinuxProcessor& loop)
        : transport_(transport), loop_(loop), event_(::eventfd(1, EFD_CLOEXEC)) {
        EXPECT_EQ(loop.watch(event_.get(), EPOLLIN, *this), 0);
    }

    void on_events(std::uint32_t) noexcept override {
        loop_.unwatch(event_.get(), *this);
        loop_.post(*this);
    }
    void run() noexcept override {
        is_passed_ = true;
        transport_.announce_change();
    }

    const host::LinuxProcessor* loop() const noexcept { return &loop_; }
    bool is_passed() const noexcept { return is_passed_; }

  private:
    LinuxTransport& transport_;
    host::LinuxProcessor& loop_;
    host::UniqueFd event_;
    std::atomic<bool> is_passed_ = false;
};

LinuxTransport::LinuxTransport() = default;
LinuxTransport::~LinuxTransport() = default;

Machine& LinuxTransport::start_machine(MachineOptions options) {
    options.gate = tested_gate;
    machine_ = std::make_unique<Machine>(std::move(options));
    return *machine_;
}

Platform LinuxTransport::new_platform(MachineOptions options) {
    options.gate = tested_gate;
    return real_platform(options);
}

std::unique_ptr<Wire> LinuxTransport::new_wire() {
    return std::make_unique<LinuxWire>();
}

std::uint16_t LinuxTransport::random_port() {
    std::uniform_int_distribution<int> ports(first_unassigned_port, last_unassigned_port);
    return static_cast<std::uint16_t>(ports(ports_));
}

Transport::Unknown LinuxTransport::statuses_of_unknown() {
    net::NameQuestion reverse = {.host = true};
    reverse.address = ip_from_text(unnamed_address).value();
    return {net::ask_system(net::AddressQuestion{.host = unknown_name}).status,
            net::ask_system(reverse).status};
}

bool LinuxTransport::add_address(const std::string& ip) {
    return set_second_address(ip.c_str());
}

bool LinuxTransport::remove_address(const std::string&) {
    return set_second_address("0.0.0.0");
}

TestThread LinuxTransport::start_thread(std::function<void()> body) {
    return TestThread(std::make_unique<LinuxThread>(std::move(body)));
}

void LinuxTransport::yield() {
    std::this_thread::yield();
}

std::chrono::nanoseconds LinuxTransport::now() const {
    return std::chrono::steady_clock::now().time_since_epoch();
}

// Twice: what came past a loop may have left something to one that was asked before.
void LinuxTransport::settle() {
    auto& host = static_cast<host::LinuxHost&>(nt::System::current().host());
    if (host.current_processor() != nullptr) {
        return;
    }
    std::vector<host::LinuxProcessor*> loops;
    if (tested_gate == GateMode::strict) {
        for (unsigned cpu = 0; cpu < host::LinuxHost::cpu_count(); ++cpu) {
            loops.push_back(host.cpu_loop(cpu));
        }
    }
    for (unsigned number = 0; number < host.processor_count(); ++number) {
        loops.push_back(&host.processor(number));
    }
    pass(loops);
    pass(loops);
}

void LinuxTransport::pass(const std::vector<host::LinuxProcessor*>& loops) {
    const std::size_t first = markers_.size();
    for (host::LinuxProcessor* const loop : loops) {
        markers_.push_back(std::make_unique<Marker>(*this, *loop));
    }
    const bool has_settled = wait_until([this, first] {
        return std::all_of(markers_.begin() + static_cast<std::ptrdiff_t>(first),
                           markers_.end(),
                           [this](const std::unique_ptr<Marker>& marker) {
                               return marker->is_passed() || waiting_.contains(marker->loop());
                           });
    });
    EXPECT_TRUE(has_settled) << "a loop has not come past a marker in time";
}

bool LinuxTransport::wait_until(const std::function<bool()>& condition) {
    std::unique_lock lock(mutex_);
    const host::LinuxProcessor* const loop = host::LinuxProcessor::current();
    if (loop == nullptr) {
        return changed_.wait_for(lock, limit, condition);
    }
    const auto at = waiting_.insert(loop);
    changed_.notify_all();
    const bool has_come = changed_.wait_for(lock, limit, condition);
    waiting_.erase(at);
    return has_come;
}

void LinuxTransport::announce_change() {
    // Whoever has looked at a condition under the lock waits by now.
    { const std::lock_guard guard(mutex_); }
    changed_.notify_all();
}

}  // namespace owsk::conformance
