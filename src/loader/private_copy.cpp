// SPDX-License-Identifier: MIT
// Copies below the folder for temporary files, and their removal.
#include "loader/private_copy.h"

#include <stdlib.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

namespace owsk::loader {

namespace fs = std::filesystem;

std::unique_ptr<PrivateCopy> PrivateCopy::make(const std::string& file, std::string& reason) {
    std::error_code error;
    const fs::path temporary = fs::temp_directory_path(error);
    std::string folder = ((error ? fs::path("/tmp") : temporary) / "openwsk-XXXXXX").string();
    if (mkdtemp(folder.data()) == nullptr) {
        reason = "cannot make a folder " + folder + ": " + std::strerror(errno) +
                 "; set TMPDIR to a folder that can be written";
        return nullptr;
    }
    const fs::path path = fs::path(folder) / fs::path(file).filename();
    std::unique_ptr<PrivateCopy> copy(new PrivateCopy(folder, path.string()));
    fs::copy_file(file, path, error);
    if (error) {
        reason = "cannot copy it to " + folder + ": " + error.message();
        return nullptr;
    }
    return copy;
}

PrivateCopy::PrivateCopy(std::string folder, std::string path)
    : folder_(std::move(folder)), path_(std::move(path)) {}

PrivateCopy::~PrivateCopy() {
    std::error_code nothing_to_do_about_it;
    fs::remove(path_, nothing_to_do_about_it);
    fs::remove(folder_, nothing_to_do_about_it);
}

}  // namespace owsk::loader
