// SPDX-License-Identifier: MIT
// VerdictBox: the verdicts that wait until their gate carries them out. It outlives the gate, since
// whoever inspects may keep an attempt longer than the listener lives.
#pragma once

#include <memory>
#include <vector>

#include "base/mutex.h"
#include "host/host.h"

namespace owsk::net {

class ConnectedAttempt;

class VerdictBox {
  public:
    using Verdicts = std::vector<std::shared_ptr<ConnectedAttempt>>;

    // From now on `turn` is posted to `processor` when a verdict waits.
    void open(host::Processor& processor, host::Task& turn) noexcept;
    // After this `turn` is not posted again, and verdicts have no effect.
    void close() noexcept;

    void put(std::shared_ptr<ConnectedAttempt> attempt) noexcept;
    // Swaps all that waits with `taken`, which is empty, so that both keep their memory.
    void take(Verdicts& taken) noexcept;
    // Posts `turn` without a verdict, unless closed.
    void call_turn() noexcept;

  private:
    Mutex mutex_{Rank::gate};
    host::Processor* processor_ OWSK_GUARDED_BY(mutex_) = nullptr;
    host::Task* turn_ OWSK_GUARDED_BY(mutex_) = nullptr;
    Verdicts verdicts_ OWSK_GUARDED_BY(mutex_);
};

}  // namespace owsk::net
