// SPDX-License-Identifier: MIT
// FaultyResolver: name servers that do not answer.
#pragma once

#include <openwsk/faults.h>

#include <utility>

#include "net/resolver.h"

namespace owsk::net {

class FaultyResolver final : public Resolver {
  public:
    FaultyResolver(Resolver& inner, Faults& faults) noexcept : inner_(inner), faults_(faults) {}

    NTSTATUS start(std::shared_ptr<Lookup> lookup, host::Processor& processor) noexcept override {
        return faults_.strikes(Fault::look_up) ? STATUS_IO_TIMEOUT
                                               : inner_.start(std::move(lookup), processor);
    }
    void abandon(const Lookup& lookup) noexcept override { inner_.abandon(lookup); }

  private:
    Resolver& inner_;
    Faults& faults_;
};

}  // namespace owsk::net
