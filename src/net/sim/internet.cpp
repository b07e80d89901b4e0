// SPDX-License-Identifier: MIT
// Carrying packets.
#include "net/sim/internet.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/assert.h"
#include "base/hash.h"
#include "net/group_address.h"
#include "net/sim/computer.h"

namespace owsk::net {

namespace {

constexpr Duration loopback_latency = std::chrono::microseconds(10);
constexpr std::size_t loopback_mtu = 65536;
constexpr std::uint64_t nanoseconds_in_second = 1'000'000'000;

Address without_port(const Address& address) noexcept {
    return {.family = address.family, .ip = address.ip};
}

// How many packets of the Internet protocol a datagram becomes.
std::size_t fragments(const Packet& packet, std::size_t mtu) noexcept {
    const std::size_t header = ip_header_size(source_of(packet).family);
    const std::size_t size = size_of(packet);
    if (size <= mtu) {
        return 1;
    }
    const std::size_t room = std::max<std::size_t>((mtu - header) / 8 * 8, 8);
    return (size - header + room - 1) / room;
}

}  // namespace

// A packet under way. Kept and used again: most of what a simulation does is sending packets.
class Internet::Delivery final : public host::Timer {
  public:
    explicit Delivery(Internet& internet) noexcept : internet_(internet) {}
    void expire() noexcept override { internet_.arrive(*this); }

    Packet packet;
    std::uint32_t to = 0;

  private:
    Internet& internet_;
};

Internet::Internet(host::EventQueue& events, Prng random) : events_(events), random_(random) {}

Internet::~Internet() {
    OWSK_ASSERT(
        std::all_of(computers_.begin(), computers_.end(), [](auto* c) { return c == nullptr; }));
    for (const std::unique_ptr<Delivery>& delivery : deliveries_) {
        events_.cancel_timer(*delivery);
    }
}

std::size_t Internet::AddressHash::operator()(const Address& address) const noexcept {
    std::uint64_t halves[2];
    std::memcpy(halves, address.ip.data(), sizeof halves);
    return static_cast<std::size_t>(mix(halves[0], halves[1]));
}

void Internet::give(const Address& address, Computer& computer) {
    const bool is_new = owners_.emplace(without_port(address), &computer).second;
    OWSK_ASSERT(is_new);
}

void Internet::take_away(const Address& address) noexcept {
    owners_.erase(without_port(address));
}

std::uint32_t Internet::attach(Computer& computer) {
    for (const Address& address : computer.addresses()) {
        give(address, computer);
    }
    computers_.push_back(&computer);
    return static_cast<std::uint32_t>(computers_.size() - 1);
}

void Internet::detach(Computer& computer) noexcept {
    for (const Address& address : computer.addresses()) {
        take_away(address);
    }
    computers_[computer.number()] = nullptr;
}

Computer* Internet::find(const Address& address) const noexcept {
    const auto owner = owners_.find(without_port(address));
    return owner == owners_.end() ? nullptr : owner->second;
}

Computer* Internet::find(std::string_view name) const noexcept {
    for (Computer* const computer : computers_) {
        if (computer != nullptr && is_same_name(computer->name(), name)) {
            return computer;
        }
    }
    return nullptr;
}

Internet::Line& Internet::line(const Computer& from, const Computer& to) {
    return lines_[std::uint64_t{from.number()} << 32 | to.number()];
}

void Internet::set_link(const Computer& from, const Computer& to, const LinkRules& link) {
    Line& changed = line(from, to);
    changed.link = link;
    changed.is_own = true;
}

void Internet::set_links(const Computer& one, const Computer& other, const LinkRules& link) {
    set_link(one, other, link);
    set_link(other, one, link);
}

const LinkRules& Internet::link(const Computer& from, const Computer& to) const noexcept {
    const auto known = lines_.find(std::uint64_t{from.number()} << 32 | to.number());
    return known != lines_.end() && known->second.is_own ? known->second.link : default_link_;
}

std::size_t Internet::mtu(const Computer& from, const Address& to) const noexcept {
    if (from.has_address(to)) {
        return loopback_mtu;
    }
    const Computer* const target = find(to);
    return target != nullptr ? link(from, *target).mtu : default_link_.mtu;
}

void Internet::send(Computer& from, Packet packet, bool loops_back) {
    const Address& destination = destination_of(packet);
    if (is_for_several(destination)) {
        send_to_several(from, packet, loops_back);
        return;
    }
    if (from.has_address(destination)) {
        tell_sent(from, packet, Fate::travels);
        deliver_at(now() + loopback_latency, from.number(), std::move(packet));
        return;
    }
    Computer* const to = find(destination);
    if (to == nullptr) {
        tell_sent(from, packet, Fate::unreachable);
        return;
    }
    forward(from, *to, std::move(packet));
}

void Internet::send_to_several(Computer& from, const Packet& packet, bool loops_back) {
    const Address& destination = destination_of(packet);
    bool any = false;
    for (Computer* computer : computers_) {
        if (computer == nullptr || !computer->takes(destination)) {
            continue;
        }
        if (computer != &from) {
            forward(from, *computer, packet);
            any = true;
        } else if (loops_back) {
            tell_sent(from, packet, Fate::travels);
            deliver_at(now() + loopback_latency, from.number(), packet);
            any = true;
        }
    }
    if (!any) {
        tell_sent(from, packet, Fate::unreachable);
    }
}

void Internet::forward(Computer& from, Computer& to, Packet packet) {
    Line& way = line(from, to);
    const LinkRules& link = way.is_own ? way.link : default_link_;
    if (link.down) {
        tell_sent(from, packet, Fate::down);
        return;
    }
    if (std::holds_alternative<TcpSegment>(packet) && size_of(packet) > link.mtu) {
        tell_sent(from, packet, Fate::too_large);
        return;
    }
    if (!fits(from, link, packet)) {
        tell_sent(from, packet, Fate::too_large);
        say_too_big(from, to, link.path_mtu, std::move(packet));
        return;
    }
    const bool again = happens(link.duplication);
    if (is_lost(link, packet)) {
        tell_sent(from, packet, Fate::lost);
    } else {
        tell_sent(from, packet, Fate::travels);
        Packet copy = again ? packet : Packet();
        const Instant when = arrival(way, link, packet);
        deliver_at(when, to.number(), std::move(packet));
        if (!again) {
            return;
        }
        packet = std::move(copy);
    }
    if (again && !is_lost(link, packet)) {
        tell_sent(from, packet, Fate::repeated);
        const Instant when = arrival(way, link, packet);
        deliver_at(when, to.number(), std::move(packet));
    }
}

// Whether it gets past the router on the way.
bool Internet::fits(const Computer& from, const LinkRules& link, const Packet& packet) noexcept {
    if (link.path_mtu == 0) {
        return true;
    }
    std::size_t size = size_of(packet);
    const auto* const datagram = std::get_if<UdpDatagram>(&packet);
    if (datagram != nullptr && datagram->may_be_fragmented) {
        if (datagram->source.family == Family::ipv4) {
            return true;  // by the router
        }
        // By its sender alone, who knows what it knows.
        size = std::min(size, from.path_mtu(datagram->destination));
    }
    return size <= link.path_mtu;
}

// The router has no address of its own, so the error comes from where the packet was going to; and
// half of the way there and half of the way back is the way back. About what is for several
// computers there are no errors.
void Internet::say_too_big(Computer& from, Computer& to, std::size_t mtu, Packet packet) {
    TooBig error = {.source = without_port(destination_of(packet)),
                    .destination = without_port(source_of(packet)),
                    .mtu = mtu};
    if (is_for_several(error.source)) {
        return;
    }
    if (auto* segment = std::get_if<TcpSegment>(&packet)) {
        error.packet = std::move(*segment);
    } else if (auto* datagram = std::get_if<UdpDatagram>(&packet)) {
        error.packet = std::move(*datagram);
    } else {
        return;  // no errors about errors
    }
    forward(to, from, std::move(error));
}

// A datagram is lost with any of its fragments.
bool Internet::is_lost(const LinkRules& link, const Packet& packet) noexcept {
    if (link.loss <= 0) {
        return false;
    }
    bool lost = false;
    const std::size_t mtu = link.path_mtu != 0 ? std::min(link.mtu, link.path_mtu) : link.mtu;
    for (std::size_t left = fragments(packet, mtu); left > 0; --left) {
        lost = happens(link.loss) || lost;
    }
    return lost;
}

Instant Internet::arrival(Line& line, const LinkRules& link, const Packet& packet) noexcept {
    Instant left = now();
    if (link.bandwidth != 0) {
        const std::uint64_t bits = size_of(packet) * 8;
        const Duration on_the_line(
            static_cast<std::int64_t>(bits * nanoseconds_in_second / link.bandwidth));
        left = std::max(left, line.free_at) + on_the_line;
        line.free_at = left;
    }
    Instant when = left + link.latency + up_to(link.jitter);
    if (happens(link.reordering)) {
        return when + link.reordering_delay;
    }
    // Jitter alone does not change the order: packets wait in one line.
    when = std::max(when, line.last_arrival);
    line.last_arrival = when;
    return when;
}

void Internet::deliver_at(Instant when, std::uint32_t to, Packet packet) {
    if (idle_deliveries_.empty()) {
        deliveries_.push_back(std::make_unique<Delivery>(*this));
        idle_deliveries_.push_back(deliveries_.back().get());
    }
    Delivery& delivery = *idle_deliveries_.back();
    idle_deliveries_.pop_back();
    delivery.packet = std::move(packet);
    delivery.to = to;
    events_.set_timer(delivery, when);
}

void Internet::arrive(Delivery& delivery) noexcept {
    Packet packet = std::move(delivery.packet);
    Computer* const to = computers_[delivery.to];
    idle_deliveries_.push_back(&delivery);
    if (to == nullptr) {
        return;
    }
    for (Tap* tap : taps_) {
        tap->on_received(now(), *to, packet);
    }
    to->receive(packet);
}

// No question is asked for what cannot happen or must happen, so that a link without faults leaves
// the generator alone.
bool Internet::happens(double probability) noexcept {
    if (probability <= 0) {
        return false;
    }
    constexpr double unit = 1.0 / (std::uint64_t{1} << 53);
    return probability >= 1 || static_cast<double>(random_.next() >> 11) * unit < probability;
}

Duration Internet::up_to(Duration most) noexcept {
    if (most <= Duration{0}) {
        return Duration{0};
    }
    const auto end = static_cast<std::uint64_t>(most.count()) + 1;
    return Duration(static_cast<std::int64_t>(random_.below(end)));
}

void Internet::tell_sent(const Computer& from, const Packet& packet, Fate fate) const noexcept {
    for (Tap* tap : taps_) {
        tap->on_sent(events_.now(), from, packet, fate);
    }
}

}  // namespace owsk::net
