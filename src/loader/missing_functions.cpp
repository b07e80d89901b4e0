// SPDX-License-Identifier: MIT
// Looks each undefined name up, as the system's loader would.
#include "loader/missing_functions.h"

#include <dlfcn.h>

#include <algorithm>

#include "loader/document.h"
#include "loader/library_path.h"

namespace owsk::loader {

namespace {

// The module's libraries, opened while names are looked up. One that cannot be opened is left out:
// loading the module will say so.
class Libraries {
  public:
    explicit Libraries(const ElfSymbols& module) {
        for (const std::string& name : module.libraries) {
            const std::string path = library_path(name, module.library_folders);
            if (void* handle = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL)) {
                handles_.push_back(handle);
            }
        }
    }
    ~Libraries() {
        for (void* handle : handles_) {
            dlclose(handle);
        }
    }
    Libraries(const Libraries&) = delete;
    Libraries& operator=(const Libraries&) = delete;

    bool define(const char* name) const {
        return std::any_of(handles_.begin(), handles_.end(), [name](void* handle) {
            return dlsym(handle, name) != nullptr;
        });
    }

  private:
    std::vector<void*> handles_;
};

bool is_sanitizer_function(const std::string& name) {
    return name.starts_with("__asan_") || name.starts_with("__tsan_") ||
           name.starts_with("__ubsan_") || name.starts_with("__msan_");
}

}  // namespace

std::vector<std::string> missing_functions(const ElfSymbols& symbols) {
    const Libraries libraries(symbols);
    std::vector<std::string> missing;
    for (const std::string& name : symbols.undefined) {
        if (dlsym(RTLD_DEFAULT, name.c_str()) == nullptr && !libraries.define(name.c_str())) {
            missing.push_back(name);
        }
    }
    return missing;
}

std::string describe_missing(const std::vector<std::string>& names) {
    std::string text = "needs " + std::to_string(names.size()) +
                       (names.size() == 1 ? " function that" : " functions that") +
                       " neither openwsk nor the module's libraries have: ";
    for (std::size_t i = 0; i < names.size(); ++i) {
        text += (i == 0 ? "" : ", ") + names[i];
    }
    if (std::any_of(names.begin(), names.end(), is_sanitizer_function)) {
        return text +
               ". It was built with a sanitizer that this program lacks; build openwsk "
               "with it too, as " +
               document("sanitizers.md") + " says";
    }
    return text + ". " + document("coverage.md") +
           " lists what openwsk has; a program of your own must link openwsk::openwsk, which "
           "exports it";
}

}  // namespace owsk::loader
