// SPDX-License-Identifier: MIT
// CompletionFrame: one completion routine that runs on this thread, and whether its IRP still
// exists. A routine may free the IRP, so what it returns must be judged without a look at the IRP.
#pragma once

#include <wdm.h>

namespace owsk::nt::io {

class CompletionFrame {
  public:
    explicit CompletionFrame(PIRP irp) noexcept : irp_(irp), outer_(innermost) { innermost = this; }
    ~CompletionFrame() { innermost = outer_; }
    CompletionFrame(const CompletionFrame&) = delete;
    CompletionFrame& operator=(const CompletionFrame&) = delete;

    bool irp_was_freed() const noexcept { return freed_; }

    static void mark_freed(const IRP* irp) noexcept {
        for (CompletionFrame* frame = innermost; frame != nullptr; frame = frame->outer_) {
            frame->freed_ |= frame->irp_ == irp;
        }
    }

  private:
    static inline thread_local CompletionFrame* innermost = nullptr;

    const IRP* const irp_;
    CompletionFrame* const outer_;
    bool freed_ = false;
};

}  // namespace owsk::nt::io
