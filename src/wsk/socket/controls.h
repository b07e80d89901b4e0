// SPDX-License-Identifier: MIT
// Controls: what WskControlSocket does with a socket. Each category has its own, made for one call,
// beside those of all.
//
// ControlCall: that call. Answer: its status, and how much output it wrote or needs room for.
#pragma once

#include <openwsk/address.h>
#include <wdm.h>
#include <wsk.h>

#include <cstddef>
#include <cstring>
#include <span>
#include <type_traits>

#include "base/result.h"
#include "wsk/request/request.h"
#include "wsk/socket/security_descriptors.h"

namespace owsk::wsk {

class Socket;

struct ControlCall {
    WSK_CONTROL_SOCKET_TYPE type;
    ULONG code;
    ULONG level;
    SIZE_T input_size;
    PVOID input;
    SIZE_T output_size;
    PVOID output;
    SIZE_T* output_size_returned;
    Request request;    // null without an IRP
    const void* frame;  // of WskControlSocket

    bool has_irp() const noexcept { return static_cast<bool>(request); }
    bool is_option(ULONG option_level, ULONG option) const noexcept {
        return type != WskIoctl && level == option_level && code == option;
    }
    bool has_output() const noexcept { return output != nullptr || output_size != 0; }
    bool has_input() const noexcept { return input != nullptr || input_size != 0; }
};

struct Answer {
    NTSTATUS status;  // STATUS_PENDING: the request waits, and is no longer the call's
    ULONG_PTR written = 0;
};

// Writes one value as the whole output. STATUS_INVALID_PARAMETER without an IRP or a buffer,
// STATUS_BUFFER_TOO_SMALL without room.
template <typename Value>
Answer answer_with(const ControlCall& call, const Value& value) noexcept {
    static_assert(std::is_trivially_copyable_v<Value>);
    if (!call.has_irp() || call.output == nullptr) {
        return {STATUS_INVALID_PARAMETER};
    }
    if (call.output_size < sizeof value) {
        return {STATUS_BUFFER_TOO_SMALL};
    }
    std::memcpy(call.output, &value, sizeof value);
    return {STATUS_SUCCESS, sizeof value};
}

class Controls {
  public:
    explicit Controls(Socket& socket) noexcept : socket_(socket) {}
    Controls(const Controls&) = delete;
    Controls& operator=(const Controls&) = delete;

    Answer answer(const ControlCall& call) noexcept;

  protected:
    // Not deleted by this name: it lies on the stack.
    ~Controls() = default;

    virtual Family family() noexcept = 0;
    // `value` has at least the size of a ULONG. STATUS_NOT_SUPPORTED for what the category does not
    // know.
    virtual NTSTATUS set_option(ULONG level,
                                ULONG option,
                                std::span<const std::byte> value) noexcept;
    virtual Result<ULONG> get_option(ULONG level, ULONG option) noexcept;
    // SO_WSK_SECURITY; likewise.
    virtual NTSTATUS set_descriptor(DescriptorRef descriptor) noexcept;
    virtual Result<DescriptorRef> get_descriptor() noexcept;
    // The IOCTLs of the category. STATUS_INVALID_DEVICE_REQUEST for those of other categories,
    // STATUS_NOT_SUPPORTED for those that nobody knows.
    virtual Answer ioctl(const ControlCall& call) noexcept;

    // The value of an option that has no more.
    static ULONG number_in(std::span<const std::byte> value) noexcept {
        ULONG number = 0;
        std::memcpy(&number, value.data(), sizeof number);
        return number;
    }

  private:
    Answer set(const ControlCall& call) noexcept;
    Answer get(const ControlCall& call) noexcept;
    Answer set_security(const ControlCall& call) noexcept;
    Answer get_security(const ControlCall& call) noexcept;
    Answer await_address_change(const ControlCall& call) noexcept;
    Answer register_extension(const ControlCall& call) noexcept;

    Socket& socket_;
};

}  // namespace owsk::wsk
