// SPDX-License-Identifier: MIT
// LinuxWire: an ordinary socket of the Linux kernel. A wait blocks its thread.
#pragma once

#include "conformance/wire.h"

namespace owsk::conformance {

class LinuxWire final : public Wire {
  public:
    ~LinuxWire() override;

    bool start_connect(const Endpoint& to, const Endpoint& from, int receive_buffer) override;
    bool finish_connect() override;
    Endpoint local() const override;
    Endpoint remote() const override;
    bool send(const std::string& data) override;
    bool wait_until_arrived() const override;
    std::string receive(std::size_t length) override;
    bool saw_reset() override { return wait_for_end() == End::reset; }
    bool saw_end() override { return wait_for_end() == End::orderly; }
    bool saw_reset_after_end() override;
    void shutdown_send() override;
    void reset() override;
    void close() override;

  private:
    enum class End { none, orderly, reset };
    End wait_for_end();
    bool wait_for(short events) const;

    int fd_ = -1;
    End end_ = End::none;
};

}  // namespace owsk::conformance
