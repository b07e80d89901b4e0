// SPDX-License-Identifier: MIT
// LinuxFiles: the file system.
#pragma once

#include "host/files.h"

namespace owsk::host {

class LinuxFiles final : public Files {
  public:
    Result<std::unique_ptr<File>> open(const std::string& path,
                                       const FileOpening& opening) noexcept override;
};

}  // namespace owsk::host
