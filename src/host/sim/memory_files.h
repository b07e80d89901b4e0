// SPDX-License-Identifier: MIT
// MemoryFiles: the files of a simulated computer. They begin empty, and end with it.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "host/files.h"

namespace owsk::host {

class MemoryFiles final : public Files {
  public:
    MemoryFiles();

    Result<std::unique_ptr<File>> open(const std::string& path,
                                       const FileOpening& opening) noexcept override;

    // Makes or replaces a file, and the directories above it. Precondition: an absolute path.
    void put(const std::string& path, std::string_view contents);
    void add_directory(const std::string& path);
    // What a file contains; null if there is none.
    std::unique_ptr<std::string> contents(const std::string& path) const;

  private:
    using Bytes = std::vector<std::byte>;
    class OpenFile;

    // An open file keeps its bytes when another is put in its place.
    std::map<std::string, std::shared_ptr<Bytes>> files_;
    std::set<std::string> directories_;
};

}  // namespace owsk::host
