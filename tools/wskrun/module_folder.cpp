// SPDX-License-Identifier: MIT
// A folder for one run.
#include "module_folder.h"

#include <stdlib.h>

#include <filesystem>

namespace wskrun {

namespace fs = std::filesystem;

ModuleFolder::ModuleFolder() {
    std::error_code error;
    const fs::path temporary = fs::temp_directory_path(error);
    std::string pattern = (temporary / "wskrun-XXXXXX").string();
    if (!error && mkdtemp(pattern.data()) != nullptr) {
        path_ = pattern;
        setenv("TMPDIR", path_.c_str(), 1);
    }
}

ModuleFolder::~ModuleFolder() {
    remove();
}

void ModuleFolder::remove() const noexcept {
    if (!path_.empty()) {
        std::error_code nothing_to_do_about_it;
        fs::remove_all(path_, nothing_to_do_about_it);
    }
}

}  // namespace wskrun
