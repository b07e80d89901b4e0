// SPDX-License-Identifier: MIT
// LinuxResolver: lookups on threads of their own, since the C library blocks and cannot be
// interrupted. A thread ends when no question is left. One that is still in the C library when its
// lookup is abandoned, or when the resolver ends, finishes for itself and touches nothing of ours.
#pragma once

#include <functional>
#include <memory>

#include "net/linux/system_names.h"
#include "net/resolver.h"

namespace owsk::net {

class LinuxResolver final : public Resolver {
  public:
    using Ask = std::function<LookupAnswer(const LookupQuestion&)>;
    // Lookups beyond that wait. Abandoned ones count as long as the C library is busy with them.
    static constexpr unsigned default_threads = 16;

    // `ask` blocks. It is called on several threads, perhaps after the end of the resolver.
    explicit LinuxResolver(Ask ask = ask_system, unsigned threads_max = default_threads);
    ~LinuxResolver() override;

    NTSTATUS start(std::shared_ptr<Lookup> lookup, host::Processor& processor) noexcept override;
    void abandon(const Lookup& lookup) noexcept override;

    // How many threads there are.
    unsigned threads() const noexcept;

  private:
    struct Job;
    struct Desk;

    const std::shared_ptr<Desk> desk_;
};

}  // namespace owsk::net
