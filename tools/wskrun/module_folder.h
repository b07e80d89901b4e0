// SPDX-License-Identifier: MIT
// ModuleFolder: where this run keeps its private copies of driver modules, so that they can be
// removed however it ends.
#pragma once

#include <string>

namespace wskrun {

class ModuleFolder {
  public:
    // Makes the folder below $TMPDIR and points TMPDIR to it. Precondition: one thread runs.
    ModuleFolder();
    ~ModuleFolder();
    ModuleFolder(const ModuleFolder&) = delete;
    ModuleFolder& operator=(const ModuleFolder&) = delete;

    // Empty if it could not be made; loading a driver will say why.
    const std::string& path() const noexcept { return path_; }
    void remove() const noexcept;

  private:
    std::string path_;
};

}  // namespace wskrun
