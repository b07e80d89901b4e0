// SPDX-License-Identifier: MIT
// Observer: to watch a machine, derive from this and override the probes that matter.
#pragma once

#include <openwsk/records.h>

namespace owsk {

// Called from any thread, with no lock of ours held, while driver code may be running elsewhere.
// An observer must not call into the machine it observes. The probes are listed in probes.def.
class Observer {
  public:
    virtual ~Observer() = default;
#define OWSK_PROBE(name, Record) \
    virtual void name(const probe::Record&) noexcept {}
#include <openwsk/probes.def>
#undef OWSK_PROBE
};

}  // namespace owsk
