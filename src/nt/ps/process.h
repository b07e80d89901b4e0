// SPDX-License-Identifier: MIT
// Process: the one process of a machine, "System", in which all driver threads live.
#pragma once

#include <wdm.h>

#include "nt/ob/object.h"

namespace owsk::nt::ps {

class Process final : public ob::Object {
  public:
    Process();

    // Never signalled: the process ends with the machine.
    DISPATCHER_HEADER header;

    static HANDLE id() noexcept { return reinterpret_cast<HANDLE>(std::uintptr_t{4}); }
    PEPROCESS eprocess() noexcept { return reinterpret_cast<PEPROCESS>(&header); }
    DISPATCHER_HEADER* waitable() noexcept override { return &header; }
    std::string description() const override { return "process System"; }

  private:
    ~Process() override = default;
};

using ProcessRef = ob::Ref<Process>;

}  // namespace owsk::nt::ps
