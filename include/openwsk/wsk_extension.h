// SPDX-License-Identifier: MIT
// WskExtension: an extension interface of WSK, for SIO_WSK_REGISTER_EXTENSION. Windows defines none
// at present, so that on a machine without these every registration is STATUS_NOT_SUPPORTED; a
// program that provides one can try a driver that is written for it.
#pragma once

#include <wsk.h>

namespace owsk {

class WskExtension {
  public:
    virtual ~WskExtension() = default;

    // What a driver names in WSK_EXTENSION_CONTROL_IN::NpiId. Always the same.
    virtual const NPIID& npi_id() const noexcept = 0;
    // A driver registers a socket, once for each. `client` is the driver's part of the interface,
    // which it may use until on_closed(); `provider` is the part that the driver gets. Anything but
    // STATUS_SUCCESS is what the driver gets instead. In the driver's call, at its IRQL.
    virtual NTSTATUS on_register(PWSK_SOCKET socket,
                                 const WSK_EXTENSION_CONTROL_IN& client,
                                 WSK_EXTENSION_CONTROL_OUT& provider) noexcept = 0;
    // A registered socket has gone. Before its WskCloseSocket completes.
    virtual void on_closed(PWSK_SOCKET socket) noexcept = 0;
};

}  // namespace owsk
