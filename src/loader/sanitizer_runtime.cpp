// SPDX-License-Identifier: MIT
// The run time of the address sanitizer replaces malloc and free, so it has to be in a process
// before everything else.
#include <dlfcn.h>
#include <openwsk/sanitizer_runtime.h>

#include "loader/elf_symbols.h"
#include "loader/library_path.h"
#include "loader/module_bytes.h"

namespace owsk {

namespace {

bool is_address_sanitizer(const std::string& library) {
    return library.starts_with("libasan.so") || library.starts_with("libclang_rt.asan");
}

}  // namespace

std::string sanitizer_to_preload(const std::string& path) {
    if (dlsym(RTLD_DEFAULT, "__asan_init") != nullptr) {
        return {};
    }
    const auto bytes = loader::read_module(path);
    if (!bytes) {
        return {};
    }
    const loader::ElfSymbols symbols = loader::read_elf_symbols(*bytes);
    for (const std::string& library : symbols.libraries) {
        if (is_address_sanitizer(library)) {
            return loader::library_path(library, symbols.library_folders);
        }
    }
    return {};
}

}  // namespace owsk
