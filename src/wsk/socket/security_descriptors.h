// SPDX-License-Identifier: MIT
// SecurityDescriptors: the descriptors that drivers have cached by WSK_CACHE_SD, or got from a
// socket, and not released yet; and those that they have released last.
#pragma once

#include <wdm.h>

#include <array>
#include <cstdint>
#include <map>
#include <memory>

#include "base/mutex.h"
#include "nt/ke/call_place.h"
#include "probe/probes.h"

namespace owsk::wsk {

// A descriptor in one piece, which whoever uses it keeps alive.
class CachedDescriptor {
  public:
    // Takes over the memory of a copy, of allocate_visible().
    explicit CachedDescriptor(void* copy) noexcept;
    ~CachedDescriptor();
    CachedDescriptor(const CachedDescriptor&) = delete;
    CachedDescriptor& operator=(const CachedDescriptor&) = delete;

    PSECURITY_DESCRIPTOR api() const noexcept { return copy_; }
    // Whether a socket of a driver may share the address of the socket that has this descriptor.
    bool allows_sharing() const noexcept { return allows_sharing_; }

  private:
    void* const copy_;
    const bool allows_sharing_;
};

// Null: the default descriptor, which allows nobody to share.
using DescriptorRef = std::shared_ptr<const CachedDescriptor>;

class SecurityDescriptors {
  public:
    // WSK_CACHE_SD, called at `place`, with a descriptor that is well formed. Null if there is no
    // memory for it.
    PSECURITY_DESCRIPTOR cache(PSECURITY_DESCRIPTOR uncached,
                               const nt::ke::CallPlace& place) noexcept OWSK_EXCLUDES(mu_);
    // WSK_RELEASE_SD. Bug checks if that is no cached descriptor, or not any more. Does not look
    // behind the pointer.
    void release(PSECURITY_DESCRIPTOR cached, const nt::ke::CallPlace& place) noexcept
        OWSK_EXCLUDES(mu_);
    // A descriptor that `function` was given for a socket; null is null. Bug checks likewise.
    DescriptorRef find(PSECURITY_DESCRIPTOR cached, const char* function) noexcept
        OWSK_EXCLUDES(mu_);
    // Gives a driver the descriptor of a socket, which it has to release. Null if there is no
    // memory for the default one.
    PSECURITY_DESCRIPTOR hand_out(DescriptorRef descriptor, const nt::ke::CallPlace& place) noexcept
        OWSK_EXCLUDES(mu_);

    std::uint64_t report_leaks(probe::Probes& probes) OWSK_EXCLUDES(mu_);

  private:
    struct Lent {
        DescriptorRef descriptor;
        ULONG count = 0;  // how many releases it needs
        nt::ke::CallPlace got_at;
    };
    // What is left of one that was released. It is kept for a while, so that its address is not
    // that of another one at once.
    struct Released {
        DescriptorRef descriptor;
        nt::ke::CallPlace released_at;
    };

    DescriptorRef default_descriptor() noexcept OWSK_EXCLUDES(mu_);
    [[noreturn]] void refuse(PSECURITY_DESCRIPTOR pointer, const char* function) noexcept
        OWSK_EXCLUDES(mu_);

    Mutex mu_{Rank::sockets};
    std::map<PSECURITY_DESCRIPTOR, Lent> lent_ OWSK_GUARDED_BY(mu_);
    DescriptorRef default_ OWSK_GUARDED_BY(mu_);  // null until a driver asks for it
    std::array<Released, 16> released_ OWSK_GUARDED_BY(mu_);
    std::size_t oldest_released_ OWSK_GUARDED_BY(mu_) = 0;
};

}  // namespace owsk::wsk
