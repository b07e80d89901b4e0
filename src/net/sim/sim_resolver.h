// SPDX-License-Identifier: MIT
// SimResolver: what a simulated computer finds under a name: itself, the names that the simulation
// was given, and the other computers. Answers take virtual time.
#pragma once

#include <memory>
#include <vector>

#include "net/resolver.h"
#include "net/sim/computer.h"

namespace owsk::net {

class SimResolver final : public Resolver {
  public:
    // The computer outlives the resolver.
    explicit SimResolver(Computer& computer) noexcept;
    ~SimResolver() override;

    NTSTATUS start(std::shared_ptr<Lookup> lookup, host::Processor& processor) noexcept override;
    void abandon(const Lookup& lookup) noexcept override;

  private:
    class Job;
    // An answer, and when it comes.
    struct Found {
        LookupAnswer answer;
        Duration delay;
    };

    Found find(const AddressQuestion& question) const;
    Found find(const NameQuestion& question) const;
    void find_host(const AddressQuestion& question, Found& found) const;
    void find_name(const NameQuestion& question, Found& found) const;
    void finish(Job& job) noexcept;

    Computer& computer_;
    std::vector<std::shared_ptr<Job>> jobs_;
};

}  // namespace owsk::net
