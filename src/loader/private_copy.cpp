// SPDX-License-Identifier: MIT
// Copies below the folder for temporary files.
#include "loader/private_copy.h"

#include <filesystem>

namespace owsk::loader {

namespace fs = std::filesystem;

std::unique_ptr<PrivateCopy> PrivateCopy::make(const std::string& file, std::string& reason) {
    std::unique_ptr<PrivateCopy> copy(new PrivateCopy(file));
    if (copy->folder_.path().empty()) {
        reason = copy->folder_.error();
        return nullptr;
    }
    std::error_code error;
    fs::copy_file(file, copy->path_, error);
    if (error) {
        reason = "cannot copy it to " + copy->folder_.path() + ": " + error.message();
        return nullptr;
    }
    return copy;
}

PrivateCopy::PrivateCopy(const std::string& file)
    : path_((fs::path(folder_.path()) / fs::path(file).filename()).string()) {}

}  // namespace owsk::loader
