// SPDX-License-Identifier: MIT
// From a held packet to the screen that it concerns, and back with the verdict.
#include "net/linux/gate/syn/syn_queue.h"

#include <sys/epoll.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "host/linux/look_out.h"
#include "net/claim.h"
#include "net/flow.h"
#include "net/linux/errno_map.h"
#include "net/linux/gate/syn/syn_screen.h"
#include "net/linux/gate/syn/syn_service.h"
#include "net/linux/own_link.h"

namespace owsk::net {

namespace {

using namespace std::chrono_literals;

constexpr Duration look_after_interval = 500ms;

// Most processors have judged an attempt by then, whatever they were at.
constexpr Duration verdict_patience = 50us;

// After this many fetches verdicts and timers have their turn.
constexpr int fetches_at_once = 16;

// No host, but some or all of them.
bool is_for_many(const Address& address) noexcept {
    if (address.family == Family::ipv6) {
        return address.ip[0] == 0xFF;
    }
    const bool is_multicast = (address.ip[0] & 0xF0) == 0xE0;
    return is_multicast || std::all_of(address.ip.begin(), address.ip.begin() + 4, [](auto octet) {
               return octet == 0xFF;
           });
}

// What TCP drops before it comes to a listener. The rules leave out what they can see of it.
bool is_valid_syn(const NfQueue::Packet& packet, const Segment& syn) noexcept {
    return !is_for_many(syn.destination) && !is_for_many(syn.source) &&
           v4_unmapped(syn.source).family == syn.source.family &&
           !(packet.is_unverified && has_wrong_checksum(packet.bytes));
}

// A packet does not say which link a link-local address belongs to; the interface does. Over
// loopback the packet comes from a link of this computer that has the address.
void set_scopes(Segment& segment, std::uint32_t interface) noexcept {
    const bool is_local = interface == loopback_interface();
    const auto link_of = [&](const Address& address) {
        return !is_link_local(address) ? 0 : is_local ? own_link_of(address) : interface;
    };
    segment.source.scope_id = link_of(segment.source);
    segment.destination.scope_id = link_of(segment.destination);
}

}  // namespace

SynQueue::SynQueue(SynService& service, NfQueue queue, host::LinuxProcessor& loop) noexcept
    : service_(service), queue_(std::move(queue)), loop_(loop) {}

NTSTATUS SynQueue::start() noexcept {
    const int error = loop_.watch(queue_.fd(), EPOLLIN, *this);
    return error == 0 ? STATUS_SUCCESS : status_from_errno(error);
}

void SynQueue::on_events(std::uint32_t) noexcept {
    fetch();
}

void SynQueue::fetch() noexcept {
    for (int left = fetches_at_once; left > 0; --left) {
        if (!queue_.fetch([this](const NfQueue::Packet& packet) { handle(packet); },
                          [this](std::uint32_t packet) { on_lost(packet); })) {
            look_out_for_verdict();
            return;
        }
    }
    loop_.post(fetch_again_);
}

// Most verdicts come at once. Until then the CPU has little else to do: its client waits for us.
void SynQueue::look_out_for_verdict() noexcept {
    const host::LinuxProcessor* const judge = std::exchange(judge_, nullptr);
    if (judge == nullptr || judge->cpu() == loop_.cpu()) {
        return;
    }
    const auto is_judged = [this] { return verdict_posted_.load(std::memory_order_relaxed); };
    host::look_out_for(is_judged, verdict_patience);
}

void SynQueue::handle(const NfQueue::Packet& packet) noexcept {
    std::optional<Segment> segment = parse_segment(packet.bytes);
    if (!segment) {
        // Not understood, so not inspected, so not let through.
        service_.tally().not_understood.fetch_add(1, std::memory_order_relaxed);
        drop(packet.id);
        return;
    }
    set_scopes(*segment, packet.neighbour.interface);
    if (packet.is_outgoing) {
        handle_outgoing_reset(packet, *segment);
        return;
    }
    const std::shared_ptr<SynScreen> screen = service_.find(segment->destination);
    const bool is_syn = segment->control.syn && !segment->control.ack && !segment->control.rst;
    if (screen != nullptr && is_syn) {
        if (is_valid_syn(packet, *segment)) {
            screen->on_syn(*this, packet, *segment);
        } else {
            service_.tally().invalid.fetch_add(1, std::memory_order_relaxed);
            drop(packet.id);
        }
        return;
    }
    // A SYN for nobody: its listener is closed, and the kernel refuses it. A RST: the kernel first,
    // so that a connection whose attempt is aborted is dead when it is accepted.
    let_through(packet.id);
    const bool is_meant = !packet.is_unverified || !has_wrong_checksum(packet.bytes);
    if (screen != nullptr && segment->control.rst && is_meant) {
        screen->on_reset(*segment);
    }
}

void SynQueue::refuse_lost(std::uint32_t packet) noexcept {
    std::optional<Segment> syn;
    {
        const Lock lock(mutex_);
        const auto found =
            std::find_if(refused_.begin(), refused_.end(), [packet](const Refusal& it) {
                return it.packet == packet;
            });
        if (found != refused_.end()) {
            syn = std::exchange(*found, {}).syn;
        }
    }
    if (syn) {
        service_.sender().send(refusal_of(*syn));
    }
}

void SynQueue::on_lost(std::uint32_t packet) noexcept {
    refuse_lost(packet);
    for (const std::shared_ptr<SynScreen>& screen : service_.screens()) {
        screen->on_lost(*this, packet);
    }
}

void SynQueue::handle_outgoing_reset(const NfQueue::Packet& packet, const Segment& reset) noexcept {
    const std::shared_ptr<SynScreen> screen = service_.find(reset.source);
    if (screen != nullptr && screen->is_mistaken(reset, connections_, packet.neighbour.interface)) {
        service_.tally().resets_withheld.fetch_add(1, std::memory_order_relaxed);
        drop(packet.id);
    } else {
        let_through(packet.id);
    }
}

void SynQueue::refuse(std::uint32_t packet, const Segment& syn) noexcept {
    if (service_.kernel_refuses()) {
        {
            const Lock lock(mutex_);
            refused_[refusals_++ % refused_.size()] = {.packet = packet, .syn = syn};
        }
        queue_.repeat(packet, refusal_mark);
    } else {
        drop(packet);
    }
    // The kernel may look for a link-local client on another link.
    if (!service_.kernel_refuses() || is_link_local(syn.source)) {
        service_.sender().send(refusal_of(syn));
    }
}

void SynQueue::put(const SynVerdict& verdict) noexcept {
    const Lock lock(mutex_);
    verdicts_.push_back(verdict);
}

std::vector<SynVerdict>::iterator SynQueue::find_verdict_locked(std::uint32_t packet) noexcept {
    return std::find_if(verdicts_.begin(), verdicts_.end(), [packet](const SynVerdict& verdict) {
        return verdict.packet == packet;
    });
}

bool SynQueue::has_verdict_on(std::uint32_t packet) noexcept {
    const Lock lock(mutex_);
    return find_verdict_locked(packet) != verdicts_.end();
}

bool SynQueue::take_back(std::uint32_t packet) noexcept {
    const Lock lock(mutex_);
    const auto verdict = find_verdict_locked(packet);
    if (verdict == verdicts_.end()) {
        return false;
    }
    verdicts_.erase(verdict);
    return true;
}

void SynQueue::call_loop() noexcept {
    loop_.post(verdicts_wait_);
    verdict_posted_.store(true, std::memory_order_relaxed);
}

void SynQueue::carry_out_verdicts() noexcept {
    verdict_posted_.store(false, std::memory_order_relaxed);
    {
        const Lock lock(mutex_);
        taken_.swap(verdicts_);
    }
    for (const SynVerdict& verdict : taken_) {
        if (verdict.refused) {
            refuse(verdict.packet, *verdict.refused);
        } else {
            let_through(verdict.packet);
        }
    }
    taken_.clear();
}

void SynQueue::look_after_later() noexcept {
    if (!std::exchange(looks_after_, true)) {
        loop_.set_timer(look_after_due_, clock_.now() + look_after_interval);
    }
}

void SynQueue::look_after() noexcept {
    looks_after_ = false;
    bool more = false;
    for (const std::shared_ptr<SynScreen>& screen : service_.screens()) {
        more = screen->look_after(*this) || more;
    }
    if (more) {
        look_after_later();
    }
}

}  // namespace owsk::net
