// SPDX-License-Identifier: MIT
// not_implemented<PFN_...>: a function for a slot whose operation is not built yet. It completes
// its IRP with STATUS_NOT_IMPLEMENTED, as every WSK function completes what it was given.
#pragma once

#include <wdm.h>
#include <wsk.h>

#include <tuple>

#include "wsk/provider.h"
#include "wsk/registration/client.h"
#include "wsk/socket/socket.h"

namespace owsk::wsk {

// Completes `irp` of a client-level call or of a call on a socket.
inline NTSTATUS refuse_as_not_implemented(PWSK_CLIENT client, PIRP irp) noexcept {
    if (client == nullptr) {
        return refuse_without_client(irp, Operation::create);
    }
    return Provider::current().finish(Request::take(irp, Operation::create, nullptr),
                                      STATUS_NOT_IMPLEMENTED);
}

inline NTSTATUS refuse_as_not_implemented(PWSK_SOCKET socket, PIRP irp) noexcept {
    Socket& target = Socket::of(socket);
    return target.finish(target.begin(irp, Operation::bind), STATUS_NOT_IMPLEMENTED);
}

template <typename Function>
struct NotImplemented;

template <typename First, typename... Rest>
struct NotImplemented<NTSTATUS(NTAPI*)(First, Rest...)> {
    static NTSTATUS NTAPI call(First first, Rest... rest) noexcept {
        const PIRP irp = std::get<sizeof...(Rest) - 1>(std::tuple<Rest...>(rest...));
        return irp == nullptr ? STATUS_INVALID_PARAMETER : refuse_as_not_implemented(first, irp);
    }
};

template <typename Function>
inline constexpr Function not_implemented = NotImplemented<Function>::call;

}  // namespace owsk::wsk
