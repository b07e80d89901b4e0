// SPDX-License-Identifier: MIT
#include "loader/library_path.h"

#include <filesystem>
#include <sstream>

namespace owsk::loader {

std::string library_path(const std::string& name, const std::string& folders) {
    std::istringstream rest(folders);
    for (std::string folder; std::getline(rest, folder, ':');) {
        const std::filesystem::path path = std::filesystem::path(folder) / name;
        std::error_code ignored;
        if (std::filesystem::exists(path, ignored)) {
            return path;
        }
    }
    return name;
}

}  // namespace owsk::loader
