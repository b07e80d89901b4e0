// SPDX-License-Identifier: MIT
// SimWire: a client on a computer of the simulation.
#pragma once

#include <openwsk/simulation.h>

#include <functional>
#include <optional>

#include "conformance/wire.h"

namespace owsk::conformance {

class SimWire final : public Wire {
  public:
    explicit SimWire(Computer& computer) : computer_(computer) {}
    ~SimWire() override;

    bool start_connect(const Endpoint& to, const Endpoint& from, int receive_buffer) override;
    bool finish_connect() override;
    Endpoint local() const override;
    Endpoint remote() const override;
    bool send(const std::string& data) override;
    bool wait_until_arrived() const override;
    std::string receive(std::size_t length) override;
    bool saw_reset() override;
    bool saw_end() override;
    bool saw_reset_after_end() override;
    void shutdown_send() override;
    void reset() override;
    void close() override;

  private:
    bool has_ended() const;
    // Reads until the condition holds or the connection has ended.
    void read_until(const std::function<bool()>& condition);

    Computer& computer_;
    std::optional<Client> client_;
    std::size_t taken_ = 0;  // of what it has received
};

}  // namespace owsk::conformance
