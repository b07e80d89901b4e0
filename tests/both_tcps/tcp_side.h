// SPDX-License-Identifier: MIT
// TcpSide: one TCP with one connection, and the bare computer that a script plays against it: that
// of the simulation, or that of Linux. Its address is 192.0.2.1, and its port for clients is 7.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "host/sim/event_queue.h"
#include "net/script/scripted_peer.h"
#include "net/sim/computer.h"
#include "net/sim/internet.h"

namespace owsk::both_tcps {

class TcpSide {
  public:
    virtual ~TcpSide() = default;
    TcpSide(const TcpSide&) = delete;
    TcpSide& operator=(const TcpSide&) = delete;

    virtual void listen() = 0;
    // From this port to port 7 of the script; 0: any.
    virtual void connect(std::uint16_t from_port) = 0;
    // Its connection is there: accepted or made.
    virtual bool is_connected() = 0;
    virtual void send(const std::string& bytes) = 0;
    // All of it so far.
    virtual const std::string& received() = 0;
    virtual bool peer_has_finished() = 0;
    virtual bool was_refused() = 0;
    virtual bool was_reset() = 0;
    virtual void finish() = 0;
    virtual void reset() = 0;
    virtual void close() = 0;

    // Lets time pass, real or virtual, until the condition holds. False: not within ten seconds.
    virtual bool run_until(const std::function<bool()>& condition) = 0;

    // Plays from now on, at `script_address`.
    void begin(const std::string& text);
    const net::script::ScriptedPeer& script() const { return *peer_; }
    // From this side to the script; after begin().
    void set_link(const LinkRules& link) { internet_.set_link(computer_, *played_, link); }

    static std::unique_ptr<TcpSide> simulated();
    // In a network namespace of our own.
    static std::unique_ptr<TcpSide> of_linux();

  protected:
    TcpSide();

    host::EventQueue events_;
    net::Internet internet_{events_, Prng(3)};
    net::Computer computer_;  // with this TCP, or in front of it
    // Another one for each connection: what Linux remembers of one does not matter to the next.
    const std::string script_ip_;
    const Address script_address_;

  private:
    std::unique_ptr<net::Computer> played_;
    std::unique_ptr<net::script::ScriptedPeer> peer_;
};

}  // namespace owsk::both_tcps
