// SPDX-License-Identifier: MIT
// A list is one piece of memory: its entries, then their addresses, then the canonical name.
#include "wsk/resolve/address_lists.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/sanitizer.h"
#include "base/visible_memory.h"
#include "nt/ex/freed_pattern.h"
#include "nt/ke/bug_check.h"
#include "nt/rtl/utf.h"
#include "wsk/socket/sockaddr.h"

namespace owsk::wsk {

namespace {

// Room for an address of either family, so that each is aligned.
constexpr SIZE_T address_room = 32;
static_assert(sizeof(SOCKADDR_IN6) <= address_room && sizeof(SOCKADDR_IN) <= address_room);

void fill(std::byte* memory, const AddressListContent& content, std::span<const WCHAR> name) {
    auto* const entries = reinterpret_cast<PADDRINFOEXW>(memory);
    std::byte* const addresses = memory + content.entries.size() * sizeof(ADDRINFOEXW);
    for (SIZE_T i = 0; i < content.entries.size(); ++i) {
        const AddressEntry& entry = content.entries[i];
        const bool v4 = entry.address.family == Family::ipv4;
        auto* const address = reinterpret_cast<PSOCKADDR>(addresses + i * address_room);
        write_sockaddr(entry.address, address);
        entries[i].ai_family = v4 ? AF_INET : AF_INET6;
        entries[i].ai_socktype = entry.socket_type;
        entries[i].ai_protocol = entry.protocol;
        entries[i].ai_addrlen = v4 ? sizeof(SOCKADDR_IN) : sizeof(SOCKADDR_IN6);
        entries[i].ai_addr = address;
        entries[i].ai_next = i + 1 < content.entries.size() ? &entries[i + 1] : nullptr;
    }
    if (!name.empty()) {
        std::byte* const text = addresses + content.entries.size() * address_room;
        std::memcpy(text, name.data(), name.size_bytes());
        entries[0].ai_canonname = reinterpret_cast<PWSTR>(text);
    }
}

}  // namespace

AddressLists::~AddressLists() {
    for (const auto& [list, made] : lists_) {
        free_visible(list);
    }
    for (const Freed& freed : freed_) {
        free_visible(freed.memory);
    }
}

PADDRINFOEXW AddressLists::make(const AddressListContent& content,
                                std::string what,
                                const nt::ke::CallPlace& place) noexcept {
    std::vector<WCHAR> name;
    if (!content.canonical_name.empty()) {
        name = nt::rtl::to_utf16(content.canonical_name);
        name.push_back(0);
    }
    const SIZE_T size =
        content.entries.size() * (sizeof(ADDRINFOEXW) + address_room) + name.size() * sizeof(WCHAR);
    auto* const memory = static_cast<std::byte*>(allocate_visible(size));
    if (memory == nullptr) {
        return nullptr;
    }
    std::memset(memory, 0, size);
    fill(memory, content, name);
    auto* const list = reinterpret_cast<PADDRINFOEXW>(memory);
    const Lock lock(mu_);
    lists_.emplace(list, Made{std::move(what), place, size});
    return list;
}

void AddressLists::free(PADDRINFOEXW list, const nt::ke::CallPlace& place) noexcept {
    Freed freed = {list, place, list};
    SIZE_T size = 0;
    {
        const Lock lock(mu_);
        const auto found = lists_.find(list);
        if (found != lists_.end()) {
            size = found->second.size;
            lists_.erase(found);
        }
    }
    if (size == 0) {
        refuse(list);
    }
    if (OWSK_ADDRESS_SANITIZER) {
        free_visible(std::exchange(freed.memory, nullptr));
    } else {
        nt::ex::fill_freed(list, size);
    }
    {
        const Lock lock(mu_);
        std::swap(freed_[oldest_freed_], freed);
        oldest_freed_ = (oldest_freed_ + 1) % freed_.size();
    }
    free_visible(freed.memory);
}

void AddressLists::refuse(PADDRINFOEXW list) noexcept {
    const auto parameter = reinterpret_cast<ULONG_PTR>(list);
    nt::ke::CallPlace freed_at;
    bool was_freed = false;
    {
        const Lock lock(mu_);
        const auto found = std::ranges::find(freed_, list, &Freed::list);
        was_freed = found != freed_.end();
        if (was_freed) {
            freed_at = found->freed_at;
        }
    }
    if (!was_freed) {
        nt::ke::broken_rule(Rule::address_list_not_recognized,
                            "WskFreeAddressInfo was called with a pointer that is not the first "
                            "entry of a list from WskGetAddressInfo. It frees the whole list, and "
                            "nothing else.",
                            parameter);
    }
    const nt::ke::Stack stack = freed_at.stack();
    nt::ke::broken_rule(Rule::address_list_freed_twice,
                        "WskFreeAddressInfo was called twice for one list. It frees all entries "
                        "of a list at once.",
                        parameter,
                        &stack,
                        "the list was freed here");
}

std::uint64_t AddressLists::report_leaks(probe::Probes& probes) {
    std::vector<Made> left;
    {
        const Lock lock(mu_);
        for (const auto& [list, made] : lists_) {
            left.push_back(made);
        }
    }
    for (const Made& made : left) {
        const std::string place = made.made_at.stack().driver_place();
        probes.leak(
            {"address list", place.empty() ? made.what : made.what + ", looked up at " + place});
    }
    return left.size();
}

}  // namespace owsk::wsk
