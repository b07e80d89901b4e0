// SPDX-License-Identifier: MIT
// Module: a driver module in memory, with globals of its own.
#pragma once

#include <openwsk/machine.h>

#include <memory>
#include <string>

#include "loader/private_copy.h"

namespace owsk::loader {

class Module {
  public:
    // Null if the file cannot be used; `error` names everything that is wrong with it.
    static std::unique_ptr<Module> load(const std::string& path, DriverError& error);
    // Precondition: no code of the module runs or will be called.
    ~Module();
    Module(const Module&) = delete;
    Module& operator=(const Module&) = delete;

    PDRIVER_INITIALIZE entry() const noexcept { return entry_; }

  private:
    Module(std::unique_ptr<PrivateCopy> copy, void* handle) noexcept;

    const std::unique_ptr<PrivateCopy> copy_;
    void* const handle_;
    PDRIVER_INITIALIZE entry_ = nullptr;
};

}  // namespace owsk::loader
