// SPDX-License-Identifier: MIT
// TemporaryFolder: a folder for as long as its process lives. However the process ends, the next
// folder of the same kind removes what it left.
#pragma once

#include <string>

namespace owsk {

class TemporaryFolder {
  public:
    // Makes KIND-XXXXXX below $TMPDIR, and removes the folders of that kind whose processes are
    // dead. If it cannot be made, path() is empty and error() says why.
    explicit TemporaryFolder(const std::string& kind);
    // Removes it with everything in it.
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::string& path() const noexcept { return path_; }
    const std::string& error() const noexcept { return error_; }

    void remove() const noexcept;
    // From now on nobody removes it.
    void keep() const noexcept;

  private:
    bool make(const std::string& kind);

    std::string path_;
    std::string error_;
    int lock_ = -1;  // the folder itself, locked while the process lives
};

}  // namespace owsk
