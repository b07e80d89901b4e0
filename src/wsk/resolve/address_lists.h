// SPDX-License-Identifier: MIT
// AddressLists: the lists that drivers have got from WskGetAddressInfo and not freed yet, and those
// that they have freed last.
#pragma once

#include <openwsk/address.h>
#include <wdm.h>
#include <wsk.h>

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/mutex.h"
#include "nt/ke/call_place.h"
#include "probe/probes.h"

namespace owsk::wsk {

struct AddressEntry {
    Address address;
    int socket_type = 0;
    int protocol = 0;
};

struct AddressListContent {
    std::vector<AddressEntry> entries;  // one at least
    std::string canonical_name;         // UTF-8; empty: none
};

class AddressLists {
  public:
    AddressLists() = default;
    ~AddressLists();
    AddressLists(const AddressLists&) = delete;
    AddressLists& operator=(const AddressLists&) = delete;

    // A list as Windows lays it out, for WskFreeAddressInfo. Null if there is no memory for it.
    // `what` was looked up, at `place`.
    PADDRINFOEXW make(const AddressListContent& content,
                      std::string what,
                      const nt::ke::CallPlace& place) noexcept OWSK_EXCLUDES(mu_);
    // Bug checks if that is no list, or not any more. Does not look behind the pointer.
    void free(PADDRINFOEXW list, const nt::ke::CallPlace& place) noexcept OWSK_EXCLUDES(mu_);

    std::uint64_t report_leaks(probe::Probes& probes) OWSK_EXCLUDES(mu_);

  private:
    struct Made {
        std::string what;
        nt::ke::CallPlace made_at;
        SIZE_T size = 0;
    };
    // What is left of a list. Its memory is kept for a while, so that its address is not that of
    // another list at once; not with the address sanitizer, which does that itself.
    struct Freed {
        PADDRINFOEXW list = nullptr;
        nt::ke::CallPlace freed_at;
        void* memory = nullptr;
    };

    [[noreturn]] void refuse(PADDRINFOEXW list) noexcept OWSK_EXCLUDES(mu_);

    Mutex mu_{Rank::sockets};
    std::map<PADDRINFOEXW, Made> lists_ OWSK_GUARDED_BY(mu_);
    std::array<Freed, 64> freed_ OWSK_GUARDED_BY(mu_);
    std::size_t oldest_freed_ OWSK_GUARDED_BY(mu_) = 0;
};

}  // namespace owsk::wsk
