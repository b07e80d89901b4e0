// SPDX-License-Identifier: MIT
// TcpControls: what WskControlSocket does with a socket of TCP, whether it listens or connects.
#pragma once

#include "wsk/socket/controls.h"

namespace owsk::wsk {

class TcpControls : public Controls {
  public:
    using Controls::Controls;

  protected:
    ~TcpControls() = default;

    NTSTATUS set_option(ULONG level, ULONG option, std::span<const std::byte> value) noexcept final;
    Result<ULONG> get_option(ULONG level, ULONG option) noexcept final;
    Answer ioctl(const ControlCall& call) noexcept override;

    // The options of the socket that hold a number.
    virtual NTSTATUS set_number(ULONG level, ULONG option, ULONG value) noexcept = 0;
    virtual Result<ULONG> get_number(ULONG level, ULONG option) noexcept = 0;
    // Whether no connection of the socket has been made, or is being made.
    virtual bool is_unconnected() noexcept = 0;

  private:
    Answer set_keep_alive(const ControlCall& call) noexcept;
    Answer set_fast_path(const ControlCall& call) noexcept;
};

}  // namespace owsk::wsk
