// SPDX-License-Identifier: MIT
// Keep-alives in one call, and what TCP is asked for here in vain.
#include "wsk/socket/tcp_controls.h"

#include <mstcpip.h>

#include <optional>

namespace owsk::wsk {

namespace {

constexpr ULONG milliseconds_per_s = 1000;

// TCP counts in seconds; what is less than one counts as one.
constexpr ULONG whole_seconds(ULONG milliseconds) noexcept {
    return milliseconds / milliseconds_per_s + (milliseconds % milliseconds_per_s != 0 ? 1 : 0);
}

// What the option always is: where a byte is urgent, WSK has no word for it.
std::optional<ULONG> fixed_value(ULONG level, ULONG option) noexcept {
    if (level != IPPROTO_TCP) {
        return std::nullopt;
    }
    switch (option) {
        case TCP_BSDURGENT:
            return 1;
        case TCP_EXPEDITED_1122:
            return 0;
        default:
            return std::nullopt;
    }
}

}  // namespace

NTSTATUS TcpControls::set_option(ULONG level,
                                 ULONG option,
                                 std::span<const std::byte> value) noexcept {
    const ULONG number = number_in(value);
    if (const auto fixed = fixed_value(level, option)) {
        return number == *fixed ? STATUS_SUCCESS : STATUS_NOT_SUPPORTED;
    }
    return set_number(level, option, number);
}

Result<ULONG> TcpControls::get_option(ULONG level, ULONG option) noexcept {
    if (const auto fixed = fixed_value(level, option)) {
        return *fixed;
    }
    return get_number(level, option);
}

Answer TcpControls::set_keep_alive(const ControlCall& call) noexcept {
    if (!call.has_irp() || call.input == nullptr || call.has_output()) {
        return {STATUS_INVALID_PARAMETER};
    }
    tcp_keepalive wanted;
    if (call.input_size < sizeof wanted) {
        return {STATUS_BUFFER_TOO_SMALL};
    }
    std::memcpy(&wanted, call.input, sizeof wanted);
    if (wanted.onoff == 0) {
        return {set_number(SOL_SOCKET, SO_KEEPALIVE, 0)};
    }
    const ULONG idle = whole_seconds(wanted.keepalivetime);
    const ULONG interval = whole_seconds(wanted.keepaliveinterval);
    if (idle == 0 || interval == 0) {
        return {STATUS_INVALID_PARAMETER};
    }
    NTSTATUS status = set_number(IPPROTO_TCP, TCP_KEEPIDLE, idle);
    if (NT_SUCCESS(status)) {
        status = set_number(IPPROTO_TCP, TCP_KEEPINTVL, interval);
    }
    return {NT_SUCCESS(status) ? set_number(SOL_SOCKET, SO_KEEPALIVE, 1) : status};
}

// Connections inside this computer need no faster path, and others have none.
Answer TcpControls::set_fast_path(const ControlCall& call) noexcept {
    if (!call.has_irp() || call.has_output()) {
        return {STATUS_INVALID_PARAMETER};
    }
    if (call.input == nullptr || call.input_size < sizeof(BOOLEAN)) {
        return {STATUS_INVALID_BUFFER_SIZE};
    }
    return {is_unconnected() ? STATUS_SUCCESS : STATUS_NOT_SUPPORTED};
}

Answer TcpControls::ioctl(const ControlCall& call) noexcept {
    switch (call.code) {
        case SIO_KEEPALIVE_VALS:
            return set_keep_alive(call);
        case SIO_LOOPBACK_FAST_PATH:
            return set_fast_path(call);
        default:
            return Controls::ioctl(call);
    }
}

}  // namespace owsk::wsk
