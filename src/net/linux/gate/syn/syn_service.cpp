// SPDX-License-Identifier: MIT
// Setting up and tearing down, in the order that lets nothing pass uninspected: queues, rules,
// listener; listener, rules, queues.
#include "net/linux/gate/syn/syn_service.h"

#include <algorithm>
#include <fstream>
#include <utility>

#include "base/status_name.h"
#include "net/linux/gate/syn/arrival_watch.h"
#include "net/linux/gate/syn/syn_screen.h"

namespace owsk::net {

namespace {

// CPUs above it share the queues of those below.
constexpr unsigned queues_max = 64;

// Other programs mostly number their queues from 0.
constexpr unsigned first_queue_number = 20480;

// More than a table has room for, so that the table mostly says what is dropped. SYNs that come
// faster than a loop can fetch them are lost in the kernel like any other packet.
constexpr std::uint32_t queue_length_max = 8192;

std::string rules_name(unsigned slot) {
    return "openwsk-" + std::to_string(slot);
}

constexpr auto get_privilege =
    "that needs CAP_NET_ADMIN and CAP_NET_RAW; run as root, or with both as ambient "
    "capabilities, or inside `unshare -Urn`, a network of your own";

std::string why_no_sender(NTSTATUS status) {
    return status == STATUS_ACCESS_DENIED
               ? get_privilege
               : "the kernel gave no socket to refuse SYNs with (" + status_name(status) + ")";
}

std::string why_no_queue(NTSTATUS status) {
    if (status == STATUS_ACCESS_DENIED) {
        return get_privilege;
    }
    if (status == STATUS_NOT_SUPPORTED) {
        return "the kernel has no nfnetlink_queue (CONFIG_NETFILTER_NETLINK_QUEUE); load it with "
               "`sudo modprobe nfnetlink_queue`, or use a kernel that has it";
    }
    return "the kernel gave no queue to hold SYNs in (" + status_name(status) + ")";
}

// Found by whoever starts next, since the dead clean up nothing.
void remove_what_dead_processes_left() noexcept {
    ProcessSlot::for_each_free([](unsigned number) { remove_leftovers(rules_name(number)); });
}

}  // namespace

SynService::SynService(ListenerTable& listeners,
                       ProcessSlot slot,
                       SegmentSender sender,
                       GateTally& tally) noexcept
    : listeners_(listeners), slot_(std::move(slot)), sender_(std::move(sender)), tally_(tally) {}

SynService::~SynService() = default;

SynService::Opened SynService::open(host::LinuxHost& host,
                                    ListenerTable& listeners,
                                    GateTally& tally) {
    Result<SegmentSender> sender = SegmentSender::open();
    if (!sender) {
        return {nullptr, why_no_sender(sender.status())};
    }
    remove_what_dead_processes_left();
    std::optional<ProcessSlot> slot = ProcessSlot::claim();
    if (!slot) {
        return {nullptr,
                std::to_string(ProcessSlot::count) +
                    " processes in this network namespace do so already, which is as many as can; "
                    "end one"};
    }
    std::unique_ptr<SynService> service(
        new SynService(listeners, std::move(*slot), std::move(*sender), tally));
    std::string problem = service->bind_queues(host);
    if (problem.empty()) {
        problem = service->open_rules();
    }
    if (!problem.empty()) {
        return {nullptr, std::move(problem)};
    }
    std::string how = "the driver is asked at the SYN, before the handshake; rules through " +
                      service->rules_name();
    if (!service->kernel_refuses()) {
        how +=
            "; its rules cannot refuse, so that we send the RST to a rejected client ourselves, "
            "and a host that tracks connections may drop or not translate it";
    }
    return {std::move(service), std::move(how)};
}

unsigned SynService::first_queue() const noexcept {
    return first_queue_number + slot_.number() * queues_max;
}

std::uint64_t SynService::count_lost() const noexcept {
    return NfQueue::count_lost(static_cast<std::uint16_t>(first_queue()), queues_.size());
}

bool SynService::tracks_connections() const noexcept {
    std::ifstream file("/proc/sys/net/netfilter/nf_conntrack_count");
    std::uint64_t count = 0;
    return file >> count && count != 0;
}

void SynService::watch_arrivals() noexcept {
    arrival_watch_->want();
}

void SynService::tell_arrival(const Segment& segment) noexcept {
    for (const std::shared_ptr<SynScreen>& screen : screens()) {
        screen->on_arrival(segment);
    }
}

std::string SynService::bind_queues(host::LinuxHost& host) {
    const unsigned count = std::min(host::LinuxHost::cpu_count(), queues_max);
    for (unsigned cpu = 0; cpu < count; ++cpu) {
        const unsigned number = first_queue() + cpu;
        Result<NfQueue> queue = NfQueue::bind(static_cast<std::uint16_t>(number), queue_length_max);
        if (!queue) {
            return why_no_queue(queue.status());
        }
        host::LinuxProcessor* const loop = host.cpu_loop(cpu);
        if (loop == nullptr) {
            return "the system gave no thread for CPU " + std::to_string(cpu);
        }
        queues_.push_back(std::make_unique<SynQueue>(*this, std::move(*queue), *loop));
    }
    return {};
}

std::string SynService::open_rules() {
    OpenedRules opened = open_syn_rules(net::rules_name(slot_.number()),
                                        {.first = static_cast<std::uint16_t>(first_queue()),
                                         .count = static_cast<std::uint16_t>(queues_.size())});
    if (opened.rules == nullptr) {
        return std::move(opened.reason);
    }
    const Lock lock(rules_mutex_);
    rules_ = std::move(opened.rules);
    kernel_refuses_ = rules_->refuses();
    arrival_watch_ = std::make_unique<ArrivalWatch>(*this, queues_.front()->loop());
    for (const auto& queue : queues_) {
        if (!NT_SUCCESS(queue->start())) {
            return "the system gave no room to wait for SYNs";
        }
    }
    return {};
}

std::string SynService::rules_name() const {
    const Lock lock(rules_mutex_);
    return rules_->name();
}

NTSTATUS SynService::add(const Address& local,
                         bool with_ipv4,
                         std::shared_ptr<SynScreen> screen) noexcept {
    const SynScreen& added = *screen;
    {
        const Lock lock(mutex_);
        entries_.push_back({local, with_ipv4, std::move(screen)});
    }
    NTSTATUS status;
    {
        const Lock lock(rules_mutex_);
        status = rules_->add(local, with_ipv4);
    }
    if (!NT_SUCCESS(status)) {
        forget(added);
    }
    return status;
}

void SynService::remove(const SynScreen& screen) noexcept {
    const std::optional<Entry> entry = find_entry(screen);
    if (!entry) {
        return;
    }
    {
        const Lock lock(rules_mutex_);
        rules_->remove(entry->local, entry->with_ipv4);
    }
    forget(screen);
}

std::optional<SynService::Entry> SynService::find_entry(const SynScreen& screen) noexcept {
    const Lock lock(mutex_);
    for (const Entry& entry : entries_) {
        if (entry.screen.get() == &screen) {
            return entry;
        }
    }
    return std::nullopt;
}

void SynService::forget(const SynScreen& screen) noexcept {
    const Lock lock(mutex_);
    std::erase_if(entries_, [&](const Entry& entry) { return entry.screen.get() == &screen; });
}

std::vector<std::shared_ptr<SynScreen>> SynService::screens() noexcept {
    std::vector<std::shared_ptr<SynScreen>> all;
    const Lock lock(mutex_);
    for (const Entry& entry : entries_) {
        all.push_back(entry.screen);
    }
    return all;
}

}  // namespace owsk::net
