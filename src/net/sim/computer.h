// SPDX-License-Identifier: MIT
// Computer: addresses on the Internet, with a TCP and a UDP stack behind them; or bare, and then a
// handler takes every packet and nothing is answered by itself.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "net/flow.h"
#include "net/sim/internet.h"
#include "net/sim/packet.h"

namespace owsk::net {

class TcpStack;
class UdpStack;

// Is told when a computer has got or lost an address.
class AddressObserver {
  public:
    virtual void on_addresses_changed(Family family) noexcept = 0;

  protected:
    ~AddressObserver() = default;
};

// Takes the packets of a bare computer.
class PacketHandler {
  public:
    virtual void on_packet(const Packet& packet) noexcept = 0;

  protected:
    ~PacketHandler() = default;
};

inline constexpr Address loopback_v4 = {.family = Family::ipv4, .ip = {127, 0, 0, 1}};
inline constexpr Address loopback_v6 = {.family = Family::ipv6,
                                        .ip = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}};
// The numbers of the interfaces that each computer has.
inline constexpr std::uint32_t sim_loopback_interface = 1;
inline constexpr std::uint32_t sim_link_interface = 2;

class Computer {
  public:
    // Precondition: no other computer has one of the addresses, and none is a loopback address.
    // Ports do not count. The Internet outlives the computer.
    Computer(Internet& internet, std::string name, std::vector<Address> addresses);
    // Precondition: nothing uses its stacks any more. Its connections vanish without a word.
    ~Computer();
    Computer(const Computer&) = delete;
    Computer& operator=(const Computer&) = delete;

    Internet& internet() const noexcept { return internet_; }
    const std::string& name() const noexcept { return name_; }
    const std::vector<Address>& addresses() const noexcept { return addresses_; }
    // Precondition: nobody has it, and it is no loopback address; or this computer has it.
    void add_address(const Address& address);
    void remove_address(const Address& address) noexcept;
    // Observers are told in the order in which they were added, and outlive the computer or are
    // removed.
    void add_observer(AddressObserver& observer) { observers_.push_back(&observer); }
    void remove_observer(AddressObserver& observer) noexcept { std::erase(observers_, &observer); }
    // Its place among the computers of the Internet, in the order in which they came.
    std::uint32_t number() const noexcept { return number_; }

    // Whether packets to this address stay inside: its own ones, 127.0.0.0/8 and ::1.
    bool has_address(const Address& address) const noexcept;
    // The address, with port 0, that packets to `destination` come from by default. Null if the
    // computer has none of that family.
    const Address* source_for(const Address& destination) const noexcept;

    // What gets through to an address, as far as the computer knows. It believes a router for ten
    // minutes, as Linux does.
    std::size_t path_mtu(const Address& to) const noexcept;

    // From now on a handler takes the packets; null: the stacks do again.
    void set_handler(PacketHandler* handler) noexcept { handler_ = handler; }
    bool is_bare() const noexcept { return handler_ != nullptr; }
    // Sends any packet, from whatever address it says. `loops_back`: one that is for several
    // computers is for this one as well.
    void send(Packet packet, bool loops_back = false) {
        internet_.send(*this, std::move(packet), loops_back);
    }

    TcpStack& tcp() noexcept { return *tcp_; }
    UdpStack& udp() noexcept { return *udp_; }

  private:
    friend class Internet;

    struct Way {
        Address to;  // without a port
        std::size_t mtu = 0;
        Instant until{};
    };

    void tell_observers(Family family) noexcept;
    void receive(Packet& packet) noexcept;
    void learn(const TooBig& error);
    // Whether a packet to all computers, or to a group, is for this one as well.
    bool takes(const Address& destination) const noexcept;

    Internet& internet_;
    const std::string name_;
    std::vector<Address> addresses_;
    std::vector<AddressObserver*> observers_;
    const std::uint32_t number_;
    PacketHandler* handler_ = nullptr;
    std::vector<Way> narrow_ways_;
    std::unique_ptr<TcpStack> tcp_;
    std::unique_ptr<UdpStack> udp_;
};

}  // namespace owsk::net
