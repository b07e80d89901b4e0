// SPDX-License-Identifier: MIT
// Internet: the computers of a simulation and the links between them. It carries packets in virtual
// time, and loses, delays and repeats them as the links say and the seed decides.
#pragma once

#include <openwsk/link_rules.h>

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/prng.h"
#include "host/sim/event_queue.h"
#include "net/sim/name_table.h"
#include "net/sim/packet.h"

namespace owsk::net {

class Computer;

// What becomes of a packet that was sent.
enum class Fate : std::uint8_t {
    travels,      // it will arrive, unless the computer goes away
    repeated,     // the same, for a copy that the network has made
    lost,         // by the link's loss
    too_large,    // above the MTU, and not to be fragmented
    down,         // the link is down
    unreachable,  // nobody has the address
};

// Sees what computers send and receive. It may not change anything.
class Tap {
  public:
    // Once for each packet, and once more for each copy.
    virtual void on_sent(Instant now,
                         const Computer& from,
                         const Packet& packet,
                         Fate fate) noexcept = 0;
    virtual void on_received(Instant now, const Computer& to, const Packet& packet) noexcept {
        static_cast<void>(now);
        static_cast<void>(to);
        static_cast<void>(packet);
    }

  protected:
    ~Tap() = default;
};

class Internet {
  public:
    // `events` outlives the Internet.
    Internet(host::EventQueue& events, Prng random);
    // Precondition: no computer is left.
    ~Internet();
    Internet(const Internet&) = delete;
    Internet& operator=(const Internet&) = delete;

    host::EventQueue& events() noexcept { return events_; }
    Instant now() const noexcept { return events_.now(); }
    // A generator for somebody who belongs to this network.
    Prng split_random() noexcept { return random_.split(); }

    // Which computer has an address; null if none has. Loopback addresses are nobody's.
    Computer* find(const Address& address) const noexcept;

    // What its computers know of names. Those of the computers themselves need not be there.
    NameTable& names() noexcept { return names_; }
    // The computer of that name; null if there is none.
    Computer* find(std::string_view name) const noexcept;

    // What holds from now on; packets that travel already are not touched. A pair of computers
    // without a link of its own has the default one.
    void set_default_link(const LinkRules& link) noexcept { default_link_ = link; }
    void set_link(const Computer& from, const Computer& to, const LinkRules& link);
    // Both directions.
    void set_links(const Computer& one, const Computer& other, const LinkRules& link);
    const LinkRules& link(const Computer& from, const Computer& to) const noexcept;
    const LinkRules& default_link() const noexcept { return default_link_; }

    // Taps are told in the order in which they were added, and outlive the Internet or are removed.
    void add_tap(Tap& tap) { taps_.push_back(&tap); }
    void remove_tap(Tap& tap) noexcept { std::erase(taps_, &tap); }

    // Takes a packet from a computer, whatever its source address says. It arrives in an event of
    // its own, never inside this call. What is for all computers, or for a group, is copied for
    // each that takes it; with `loops_back` also for the one that sends it.
    void send(Computer& from, Packet packet, bool loops_back = false);

    // The MTU of the link from a computer to an address.
    std::size_t mtu(const Computer& from, const Address& to) const noexcept;

  private:
    friend class Computer;
    class Delivery;

    // What a direction between two computers remembers.
    struct Line {
        LinkRules link;
        bool is_own = false;     // else the default link counts
        Instant free_at{};       // when the last packet has left the sender
        Instant last_arrival{};  // packets do not overtake each other before this
    };
    struct AddressHash {
        std::size_t operator()(const Address& address) const noexcept;
    };

    // The address is that computer's; and nobody's.
    void give(const Address& address, Computer& computer);
    void take_away(const Address& address) noexcept;
    // Gives the computer its number.
    std::uint32_t attach(Computer& computer);
    void detach(Computer& computer) noexcept;

    Line& line(const Computer& from, const Computer& to);
    void send_to_several(Computer& from, const Packet& packet, bool loops_back);
    void forward(Computer& from, Computer& to, Packet packet);
    static bool fits(const Computer& from, const LinkRules& link, const Packet& packet) noexcept;
    void say_too_big(Computer& from, Computer& to, std::size_t mtu, Packet packet);
    bool is_lost(const LinkRules& link, const Packet& packet) noexcept;
    Instant arrival(Line& line, const LinkRules& link, const Packet& packet) noexcept;
    void deliver_at(Instant when, std::uint32_t to, Packet packet);
    void arrive(Delivery& delivery) noexcept;
    bool happens(double probability) noexcept;
    Duration up_to(Duration most) noexcept;
    void tell_sent(const Computer& from, const Packet& packet, Fate fate) const noexcept;

    host::EventQueue& events_;
    Prng random_;
    NameTable names_;
    LinkRules default_link_;
    std::vector<Computer*> computers_;  // by number; null where one has gone
    // Never walked through, so their order does not matter.
    std::unordered_map<Address, Computer*, AddressHash> owners_;
    std::unordered_map<std::uint64_t, Line> lines_;
    std::vector<Tap*> taps_;
    std::vector<std::unique_ptr<Delivery>> deliveries_;
    std::vector<Delivery*> idle_deliveries_;
};

}  // namespace owsk::net
