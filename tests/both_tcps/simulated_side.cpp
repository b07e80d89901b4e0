// SPDX-License-Identifier: MIT
// The TCP of the simulation.
#include "base/address_text.h"
#include "both_tcps/tcp_side.h"
#include "net/sim/tcp_endpoint.h"
#include "net/sim/tcp_server.h"

namespace owsk::both_tcps {

namespace {

using namespace std::chrono_literals;

class SimulatedSide final : public TcpSide {
  public:
    void listen() override { server_.listen(*address_from_text("192.0.2.1:7")); }
    void connect(std::uint16_t from_port) override {
        Address from = *address_from_text("192.0.2.1:7");
        from.port = from_port;
        endpoint_ = std::make_unique<net::TcpEndpoint>(computer_);
        endpoint_->connect(script_address_, from);
    }
    bool is_connected() override {
        if (endpoint_ == nullptr) {
            endpoint_ = server_.accept();
        }
        return endpoint_ != nullptr && endpoint_->is_connected();
    }
    void send(const std::string& bytes) override { endpoint_->send(bytes); }
    const std::string& received() override { return endpoint_->received(); }
    bool peer_has_finished() override { return endpoint_->saw_end_of_stream(); }
    bool was_refused() override { return endpoint_->end() == net::TcpEnd::refused; }
    bool was_reset() override { return endpoint_->end() == net::TcpEnd::reset; }
    void finish() override { endpoint_->finish(); }
    void reset() override { endpoint_->reset(); }
    void close() override { endpoint_->close(); }

    bool run_until(const std::function<bool()>& condition) override {
        const Instant limit = events_.now() + 10s;
        while (!condition()) {
            if (events_.now() > limit || !events_.step()) {
                return condition();
            }
        }
        return true;
    }

  private:
    net::TcpServer server_{computer_};
    std::unique_ptr<net::TcpEndpoint> endpoint_;
};

}  // namespace

std::unique_ptr<TcpSide> TcpSide::simulated() {
    return std::make_unique<SimulatedSide>();
}

}  // namespace owsk::both_tcps
