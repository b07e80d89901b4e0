// SPDX-License-Identifier: MIT
// Handles: given out, found, closed.
#include "nt/ob/handle_table.h"

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace owsk::nt::ob {

namespace {

std::uintptr_t number_of(HANDLE handle) noexcept {
    return reinterpret_cast<std::uintptr_t>(handle);
}

std::string leak_text(std::uintptr_t number, const Object& object) {
    char text[32];
    std::snprintf(text, sizeof text, "handle 0x%zx to ", static_cast<std::size_t>(number));
    return text + object.description() + " is still open";
}

}  // namespace

HANDLE HandleTable::insert(Ref<Object> object, ACCESS_MASK granted) {
    const Lock lock(mu_);
    const std::uintptr_t number = std::exchange(next_, next_ + 4);
    entries_.emplace(number, Entry{.object = std::move(object), .granted = granted});
    return reinterpret_cast<HANDLE>(number);
}

Result<Ref<Object>> HandleTable::find(HANDLE handle,
                                      const ObjectType* type,
                                      ACCESS_MASK desired,
                                      KPROCESSOR_MODE mode) noexcept {
    const Lock lock(mu_);
    const auto at = entries_.find(number_of(handle));
    if (at == entries_.end()) {
        return STATUS_INVALID_HANDLE;
    }
    const Entry& entry = at->second;
    if (type != nullptr && type != &entry.object->type()) {
        return STATUS_OBJECT_TYPE_MISMATCH;
    }
    if (mode != KernelMode && (desired & ~entry.granted) != 0) {
        return STATUS_ACCESS_DENIED;
    }
    return entry.object;
}

NTSTATUS HandleTable::close(HANDLE handle) noexcept {
    // The object's end, which may come with its handle, happens without the lock.
    Ref<Object> object;
    const Lock lock(mu_);
    const auto at = entries_.find(number_of(handle));
    if (at == entries_.end()) {
        return STATUS_INVALID_HANDLE;
    }
    object = std::move(at->second.object);
    entries_.erase(at);
    return STATUS_SUCCESS;
}

std::uint64_t HandleTable::report_leaks(probe::Probes& probes) {
    std::vector<std::pair<std::uintptr_t, Ref<Object>>> left;
    {
        const Lock lock(mu_);
        for (const auto& [number, entry] : entries_) {
            left.emplace_back(number, entry.object);
        }
    }
    for (const auto& [number, object] : left) {
        probes.leak({.kind = "handle", .description = leak_text(number, *object)});
    }
    return left.size();
}

}  // namespace owsk::nt::ob
