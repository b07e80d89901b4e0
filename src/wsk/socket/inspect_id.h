// SPDX-License-Identifier: MIT
// InspectId: what names an attempt to the driver, from WskInspectEvent to the accepted
// socket. A number of the machine: no other attempt has it, whichever listener it came to, the same
// run counts the same numbers, and nobody learns an address from it.
#pragma once

#include <wsk.h>

#include <cstdint>
#include <cstring>

namespace owsk::wsk {

struct InspectId {
    std::uint64_t number = 0;  // from 1; 0 means none

    // What a driver says. Number 0 if that was never shown to it.
    static InspectId from(const WSK_INSPECT_ID& id) noexcept {
        return {id.SerialNumber == serial_of(id.Key) ? std::uint64_t{id.Key} : 0};
    }
    // Both members differ for each attempt: drivers compare one or the other.
    static ULONG serial_of(std::uint64_t number) noexcept { return static_cast<ULONG>(number); }
};

// An identifier as drivers see it. Each byte of the structure is determined, as drivers compare,
// hash and copy it as memory; the compiler may leave the padding of a WSK_INSPECT_ID as it was.
class ShownInspectId {
  public:
    explicit ShownInspectId(InspectId id) noexcept {
        struct {
            ULONG_PTR key;
            ULONG serial_number;
            ULONG padding;
        } const bytes = {id.number, InspectId::serial_of(id.number), 0};
        static_assert(sizeof bytes == sizeof shown_);
        std::memcpy(&shown_, &bytes, sizeof shown_);
    }

    PWSK_INSPECT_ID get() noexcept { return &shown_; }
    void write_to(PVOID out) const noexcept { std::memcpy(out, &shown_, sizeof shown_); }

  private:
    WSK_INSPECT_ID shown_;
};

}  // namespace owsk::wsk
