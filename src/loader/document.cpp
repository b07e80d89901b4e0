// SPDX-License-Identifier: MIT
#include "loader/document.h"

#include <filesystem>

namespace owsk::loader {

std::string document(const std::string& name) {
    std::error_code error;
    const std::filesystem::path program = std::filesystem::read_symlink("/proc/self/exe", error);
    const std::filesystem::path installed =
        program.parent_path().parent_path() / "share/doc/openwsk/docs" / name;
    return !error && std::filesystem::exists(installed, error) ? installed.string()
                                                               : "docs/" + name;
}

}  // namespace owsk::loader
