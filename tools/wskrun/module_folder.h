// SPDX-License-Identifier: MIT
// ModuleFolder: where this run keeps its private copies of driver modules, so that they are
// removed however it ends.
#pragma once

#include <openwsk/temporary_folder.h>

#include <string>

namespace wskrun {

class ModuleFolder {
  public:
    // Makes the folder below $TMPDIR and points TMPDIR to it. Precondition: one thread runs.
    ModuleFolder();

    // Empty if it could not be made; loading a driver will say why.
    const std::string& path() const noexcept { return folder_.path(); }
    void remove() const noexcept { folder_.remove(); }
    // For a debugger, also after the next run.
    void keep() const noexcept { folder_.keep(); }

  private:
    owsk::TemporaryFolder folder_;
};

}  // namespace wskrun
