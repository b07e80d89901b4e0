// SPDX-License-Identifier: MIT
// SynService: what the SYN gates of a network share - the queues, one for each CPU, the rules that
// send SYNs there, and who holds the attempts to which address.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "host/linux/linux_host.h"
#include "net/linux/gate/gate_tally.h"
#include "net/linux/gate/syn/syn_queue.h"
#include "net/linux/listener_table.h"
#include "net/linux/netfilter/process_slot.h"
#include "net/linux/netfilter/segment_sender.h"
#include "net/linux/netfilter/syn_rules.h"

namespace owsk::net {

class ArrivalWatch;
class SynScreen;

class SynService {
  public:
    struct Opened {
        std::unique_ptr<SynService> service;
        std::string reason;  // how SYNs are held, or why they cannot be: the end of a sentence
    };
    // Finds out by doing: binds the queues, adds and removes a rule.
    // Whose attempt a SYN is, `listeners` knows; they outlive the service.
    static Opened open(host::LinuxHost& host, ListenerTable& listeners, GateTally& tally);
    ~SynService();
    SynService(const SynService&) = delete;
    SynService& operator=(const SynService&) = delete;

    // The packet filter hands over the SYNs to `local` from now on. `with_ipv4`: an IPv6 wildcard
    // takes IPv4 clients too.
    NTSTATUS add(const Address& local, bool with_ipv4, std::shared_ptr<SynScreen> screen) noexcept
        OWSK_EXCLUDES(mutex_);
    void remove(const SynScreen& screen) noexcept OWSK_EXCLUDES(mutex_);

    // As ListenerTable has them.
    std::shared_ptr<SynScreen> find(const Address& destination) noexcept {
        return listeners_.find(destination);
    }
    std::uint64_t listeners_version() const noexcept { return listeners_.version(); }
    ListenerTable& listeners() noexcept { return listeners_; }
    std::vector<std::shared_ptr<SynScreen>> screens() noexcept OWSK_EXCLUDES(mutex_);

    // Whether the kernel answers a packet that is repeated with `refusal_mark` by RST.
    bool kernel_refuses() const noexcept { return kernel_refuses_; }
    GateTally& tally() const noexcept { return tally_; }
    // Whether this host tracks connections, and so may translate addresses. Asked while a SYN is
    // held, which is one of them.
    bool tracks_connections() const noexcept;
    // For some time from now on the screens are told what arrives.
    void watch_arrivals() noexcept;
    void tell_arrival(const Segment& segment) noexcept OWSK_EXCLUDES(mutex_);

    // What the kernel has dropped because a queue was full.
    std::uint64_t count_lost() const noexcept;

    const SegmentSender& sender() const noexcept { return sender_; }
    std::size_t queue_count() const noexcept { return queues_.size(); }
    host::LinuxProcessor& loop(std::size_t queue) noexcept { return queues_[queue]->loop(); }

  private:
    struct Entry {
        Address local;
        bool with_ipv4;
        std::shared_ptr<SynScreen> screen;
    };

    SynService(ListenerTable& listeners,
               ProcessSlot slot,
               SegmentSender sender,
               GateTally& tally) noexcept;
    unsigned first_queue() const noexcept;
    // Each returns what went wrong, or nothing.
    std::string bind_queues(host::LinuxHost& host);
    std::string open_rules();
    std::string rules_name() const OWSK_EXCLUDES(rules_mutex_);
    std::optional<Entry> find_entry(const SynScreen& screen) noexcept OWSK_EXCLUDES(mutex_);
    void forget(const SynScreen& screen) noexcept OWSK_EXCLUDES(mutex_);

    ListenerTable& listeners_;
    const ProcessSlot slot_;
    const SegmentSender sender_;
    GateTally& tally_;
    std::vector<std::unique_ptr<SynQueue>> queues_;
    bool kernel_refuses_ = false;  // constant once the service is open
    std::unique_ptr<ArrivalWatch> arrival_watch_;

    mutable Mutex rules_mutex_{Rank::rules};
    std::unique_ptr<SynRules> rules_ OWSK_GUARDED_BY(rules_mutex_);

    Mutex mutex_{Rank::gate};
    std::vector<Entry> entries_ OWSK_GUARDED_BY(mutex_);
};

}  // namespace owsk::net
