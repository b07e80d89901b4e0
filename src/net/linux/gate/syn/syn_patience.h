// SPDX-License-Identifier: MIT
// SynPatience: how long the SYN gate waits for clients that say nothing, and when it asks them
// whether they are still there. Its owner's lock guards it.
#pragma once

#include "base/time.h"
#include "net/linux/gate/syn/syn_record.h"

namespace owsk::net {

class SynPatience {
  public:
    // The rhythm and the first probe of a client whose SYN has come.
    static SynRhythm rhythm_of(const Neighbour& neighbour, Instant now) noexcept;
    static Duration first_probe() noexcept;

    // While connections wait in the kernel, their attempts have not failed.
    void pause() noexcept { is_paused_ = true; }
    void resume(Instant now) noexcept {
        is_paused_ = false;
        resumed_at_ = now;
    }
    bool is_paused() const noexcept { return is_paused_; }

    // It will not come to anything any more, or need not be remembered any longer.
    bool has_ended(const SynRecord& record, Instant now) const noexcept;
    // Whether one that was let through may make room for another attempt: its client has had time
    // to answer.
    bool is_expendable(const SynRecord& record, Instant now) const noexcept;
    // Whether its client is to be asked now; that is put down.
    bool take_probe(SynRecord& record, Instant now) const noexcept;

  private:
    bool is_paused_ = false;
    Instant resumed_at_ = {};
};

}  // namespace owsk::net
