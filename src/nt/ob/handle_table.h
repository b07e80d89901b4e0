// SPDX-License-Identifier: MIT
// HandleTable: the handles of a machine. A handle is a multiple of 4 and is never given out twice,
// so that a stale one is always noticed.
#pragma once

#include <wdm.h>

#include <cstdint>
#include <map>

#include "base/mutex.h"
#include "base/result.h"
#include "nt/ob/object.h"
#include "probe/probes.h"

namespace owsk::nt::ob {

class HandleTable {
  public:
    HandleTable() = default;
    HandleTable(const HandleTable&) = delete;
    HandleTable& operator=(const HandleTable&) = delete;

    HANDLE insert(Ref<Object> object, ACCESS_MASK granted);

    // STATUS_INVALID_HANDLE, STATUS_OBJECT_TYPE_MISMATCH, or STATUS_ACCESS_DENIED; a null `type` is
    // any type. As on Windows, only a user's access is checked.
    Result<Ref<Object>> find(HANDLE handle,
                             const ObjectType* type = nullptr,
                             ACCESS_MASK desired = 0,
                             KPROCESSOR_MODE mode = KernelMode) noexcept;

    // STATUS_INVALID_HANDLE if there is no such handle.
    NTSTATUS close(HANDLE handle) noexcept;

    std::uint64_t report_leaks(probe::Probes& probes);

  private:
    struct Entry {
        Ref<Object> object;
        ACCESS_MASK granted;
    };

    Mutex mu_{Rank::tracker};
    std::map<std::uintptr_t, Entry> entries_ OWSK_GUARDED_BY(mu_);
    std::uintptr_t next_ OWSK_GUARDED_BY(mu_) = 4;
};

}  // namespace owsk::nt::ob
