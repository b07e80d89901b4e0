// SPDX-License-Identifier: MIT
// Copies of security descriptors, counted.
#include "wsk/socket/security_descriptors.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/visible_memory.h"
#include "nt/ke/bug_check.h"
#include "nt/rtl/security_descriptor.h"
#include "nt/se/access_check.h"

namespace owsk::wsk {

namespace {

// Null if there is no memory.
DescriptorRef copy_of(PSECURITY_DESCRIPTOR descriptor) noexcept {
    void* const copy = allocate_visible(RtlLengthSecurityDescriptor(descriptor));
    if (copy == nullptr) {
        return nullptr;
    }
    nt::rtl::write_in_one_piece(descriptor, copy);
    return std::make_shared<const CachedDescriptor>(copy);
}

}  // namespace

CachedDescriptor::CachedDescriptor(void* copy) noexcept
    : copy_(copy), allows_sharing_(nt::se::grants_system(copy)) {}

CachedDescriptor::~CachedDescriptor() {
    free_visible(copy_);
}

PSECURITY_DESCRIPTOR SecurityDescriptors::cache(PSECURITY_DESCRIPTOR uncached,
                                                const nt::ke::CallPlace& place) noexcept {
    DescriptorRef copy = copy_of(uncached);
    return copy != nullptr ? hand_out(std::move(copy), place) : nullptr;
}

PSECURITY_DESCRIPTOR SecurityDescriptors::hand_out(DescriptorRef descriptor,
                                                   const nt::ke::CallPlace& place) noexcept {
    if (descriptor == nullptr) {
        descriptor = default_descriptor();
    }
    if (descriptor == nullptr) {
        return nullptr;
    }
    const PSECURITY_DESCRIPTOR api = descriptor->api();
    const Lock lock(mu_);
    Lent& lent = lent_[api];
    if (lent.count == 0) {
        lent.descriptor = std::move(descriptor);
        lent.got_at = place;
    }
    ++lent.count;
    return api;
}

// A list of nobody.
DescriptorRef SecurityDescriptors::default_descriptor() noexcept {
    {
        const Lock lock(mu_);
        if (default_ != nullptr) {
            return default_;
        }
    }
    ACL nobody = {ACL_REVISION, 0, sizeof nobody, 0, 0};
    SECURITY_DESCRIPTOR descriptor;
    RtlCreateSecurityDescriptor(&descriptor, SECURITY_DESCRIPTOR_REVISION);
    RtlSetDaclSecurityDescriptor(&descriptor, TRUE, &nobody, FALSE);
    DescriptorRef made = copy_of(&descriptor);
    const Lock lock(mu_);
    if (default_ == nullptr) {
        default_ = std::move(made);
    }
    return default_;
}

DescriptorRef SecurityDescriptors::find(PSECURITY_DESCRIPTOR cached,
                                        const char* function) noexcept {
    if (cached == nullptr) {
        return nullptr;
    }
    {
        const Lock lock(mu_);
        const auto found = lent_.find(cached);
        if (found != lent_.end()) {
            return found->second.descriptor;
        }
    }
    refuse(cached, function);
}

void SecurityDescriptors::release(PSECURITY_DESCRIPTOR cached,
                                  const nt::ke::CallPlace& place) noexcept {
    Released released = {nullptr, place};
    bool was_lent = false;
    {
        const Lock lock(mu_);
        const auto found = lent_.find(cached);
        was_lent = found != lent_.end();
        if (was_lent && --found->second.count == 0) {
            released.descriptor = std::move(found->second.descriptor);
            lent_.erase(found);
            std::swap(released_[oldest_released_], released);
            oldest_released_ = (oldest_released_ + 1) % released_.size();
        }
    }
    if (!was_lent) {
        refuse(cached, "WskControlClient");
    }
}

void SecurityDescriptors::refuse(PSECURITY_DESCRIPTOR pointer, const char* function) noexcept {
    const auto parameter = reinterpret_cast<ULONG_PTR>(pointer);
    nt::ke::CallPlace released_at;
    bool was_released = false;
    {
        const Lock lock(mu_);
        const auto found = std::ranges::find_if(released_, [&](const Released& released) {
            return released.descriptor != nullptr && released.descriptor->api() == pointer;
        });
        was_released = found != released_.end();
        if (was_released) {
            released_at = found->released_at;
        }
    }
    if (!was_released) {
        nt::ke::broken_rule(Rule::security_descriptor_not_cached,
                            std::string(function) +
                                " was given a security descriptor that is not a cached one. "
                                "WSK_CACHE_SD makes a cached copy of it.",
                            parameter);
    }
    const nt::ke::Stack stack = released_at.stack();
    nt::ke::broken_rule(Rule::security_descriptor_used_after_release,
                        std::string(function) +
                            " was given a cached security descriptor that was released as often "
                            "as WSK_CACHE_SD and SO_WSK_SECURITY had returned it.",
                        parameter,
                        &stack,
                        "the descriptor was released here");
}

std::uint64_t SecurityDescriptors::report_leaks(probe::Probes& probes) {
    std::vector<Lent> left;
    {
        const Lock lock(mu_);
        for (const auto& [api, lent] : lent_) {
            left.push_back(lent);
        }
    }
    for (const Lent& lent : left) {
        const std::string place = lent.got_at.stack().driver_place();
        const std::string what =
            lent.count == 1 ? "cached"
                            : "cached, to be released " + std::to_string(lent.count) + " times";
        probes.leak({"security descriptor", place.empty() ? what : what + ", got at " + place});
    }
    return left.size();
}

}  // namespace owsk::wsk
