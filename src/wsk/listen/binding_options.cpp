// SPDX-License-Identifier: MIT
// The options that a listening socket has before it is bound.
#include "wsk/listen/binding.h"
#include "wsk/socket/options.h"

namespace owsk::wsk {

namespace {

// A BOOLEAN-like option holds nothing but 0 or 1.
ULONG flag(bool value) noexcept {
    return value ? 1 : 0;
}

}  // namespace

NTSTATUS Binding::set_conditional_locked(ULONG value) noexcept {
    if (value != 0 && !core_.callbacks().can_inspect()) {
        return STATUS_INVALID_PARAMETER;
    }
    if (value != 0 && core_.socket().services().network().gate().name.empty()) {
        return STATUS_NOT_SUPPORTED;
    }
    core_.set_conditional_locked(value != 0);
    return STATUS_SUCCESS;
}

NTSTATUS Binding::set_option_locked(ULONG level, ULONG option, ULONG value) noexcept {
    if (!get_option_locked(level, option)) {
        return STATUS_NOT_SUPPORTED;
    }
    if (core_.state_locked() != ListenState::unbound) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    if (value > 1) {
        return STATUS_INVALID_PARAMETER;
    }
    if (is_v6_only(level, option)) {
        v6_only_ = value != 0;
        return STATUS_SUCCESS;
    }
    if (option == SO_CONDITIONAL_ACCEPT) {
        return set_conditional_locked(value);
    }
    return sharing_.set(SharingChoice::of_option(level, option), value != 0);
}

NTSTATUS Binding::set_descriptor_locked(DescriptorRef descriptor) noexcept {
    if (core_.state_locked() != ListenState::unbound) {
        return STATUS_INVALID_DEVICE_STATE;
    }
    sharing_.set_descriptor(std::move(descriptor));
    return STATUS_SUCCESS;
}

Result<ULONG> Binding::get_option_locked(ULONG level, ULONG option) const noexcept {
    if (is_v6_only(level, option) && family_ == Family::ipv6) {
        return flag(v6_only_);
    }
    if (level == SOL_SOCKET && option == SO_CONDITIONAL_ACCEPT) {
        return flag(core_.is_conditional_locked());
    }
    const Sharing sharing = SharingChoice::of_option(level, option);
    if (sharing == Sharing::none) {
        return STATUS_NOT_SUPPORTED;
    }
    return sharing_.option_value(sharing);
}

}  // namespace owsk::wsk
