// SPDX-License-Identifier: MIT
// What a program may set for its whole process. Machines and simulations never do so by themselves:
// the process is the program's.
#pragma once

#include <cstdint>
#include <memory>

namespace owsk {

struct DescriptorLimit {
    std::uint64_t now;
    std::uint64_t allowed;  // what a process of this user may raise it to
};

DescriptorLimit descriptor_limit() noexcept;
// For servers on Linux: each connection takes a descriptor, and the usual limit is low only for the
// sake of programs that use select(2).
void raise_descriptor_limit() noexcept;

// For simulations: keeps the calling thread, and the threads that it starts, on the CPU that it is
// on. Only one thread of a simulation runs at a time, and handing over to a thread on another CPU
// takes ten times as long.
//
//     int main() {
//         const owsk::OneCpu one_cpu;
//         owsk::Simulation simulation({.seed = 7});
class OneCpu {
  public:
    OneCpu();
    // On the same thread.
    ~OneCpu();
    OneCpu(const OneCpu&) = delete;
    OneCpu& operator=(const OneCpu&) = delete;

  private:
    struct Allowed;
    std::unique_ptr<Allowed> before_;  // null if the system forbids
};

}  // namespace owsk
