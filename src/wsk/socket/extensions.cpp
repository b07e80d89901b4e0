// SPDX-License-Identifier: MIT
// An extension is called without a lock: it is a program's.
#include "wsk/socket/extensions.h"

#include <cstring>

namespace owsk::wsk {

void Extensions::add(WskExtension& extension) {
    const Lock lock(mu_);
    extensions_.push_back(&extension);
}

WskExtension* Extensions::find_locked(const NPIID& id) const noexcept {
    for (WskExtension* const extension : extensions_) {
        if (std::memcmp(&extension->npi_id(), &id, sizeof id) == 0) {
            return extension;
        }
    }
    return nullptr;
}

NTSTATUS Extensions::register_socket(PWSK_SOCKET socket,
                                     const WSK_EXTENSION_CONTROL_IN& client,
                                     WSK_EXTENSION_CONTROL_OUT& provider) noexcept {
    WskExtension* extension = nullptr;
    {
        const Lock lock(mu_);
        extension = find_locked(*client.NpiId);
        if (extension == nullptr) {
            return STATUS_NOT_SUPPORTED;
        }
        if (!registered_.emplace(Registration{socket, extension}, client).second) {
            return STATUS_INVALID_DEVICE_STATE;
        }
        has_registered_.store(true);
    }
    const NTSTATUS status = extension->on_register(socket, client, provider);
    if (!NT_SUCCESS(status)) {
        const Lock lock(mu_);
        registered_.erase({socket, extension});
    }
    return status;
}

void Extensions::socket_closed(PWSK_SOCKET socket) noexcept {
    if (!has_registered_.load()) {
        return;
    }
    std::vector<WskExtension*> told;
    {
        const Lock lock(mu_);
        auto entry = registered_.lower_bound({socket, nullptr});
        while (entry != registered_.end() && entry->first.first == socket) {
            told.push_back(entry->first.second);
            entry = registered_.erase(entry);
        }
    }
    for (WskExtension* const extension : told) {
        extension->on_closed(socket);
    }
}

}  // namespace owsk::wsk
