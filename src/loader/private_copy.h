// SPDX-License-Identifier: MIT
// PrivateCopy: a copy of a module file that nobody else loads. The system's loader gives one set of
// globals to one file, however often it is loaded.
#pragma once

#include <openwsk/temporary_folder.h>

#include <memory>
#include <string>

namespace owsk::loader {

class PrivateCopy {
  public:
    // Null if there is no room for it; `reason` says why. The copy has the name of the file and
    // lies in a folder of its own below $TMPDIR, so that debuggers and sanitizers find its symbols.
    static std::unique_ptr<PrivateCopy> make(const std::string& file, std::string& reason);
    PrivateCopy(const PrivateCopy&) = delete;
    PrivateCopy& operator=(const PrivateCopy&) = delete;

    const std::string& path() const noexcept { return path_; }

  private:
    explicit PrivateCopy(const std::string& file);

    const TemporaryFolder folder_{"openwsk"};
    const std::string path_;
};

}  // namespace owsk::loader
