// SPDX-License-Identifier: MIT
// Checks a module file, loads a private copy of it and finds DriverEntry.
#include "loader/module.h"

#include <dlfcn.h>
#include <ntstatus.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "host/readable.h"
#include "loader/elf_symbols.h"
#include "loader/missing_functions.h"
#include "loader/module_bytes.h"
#include "nt/ke/driver_images.h"

namespace owsk::loader {

namespace {

// What <ntdef.h> puts into modules of the flavour that this is not.
#ifdef OWSK_WIN64_ABI
constexpr const char* other_flavour_mark = "owsk_module_of_flavour_native";
constexpr const char* is_of_other_flavour =
    "is of the native flavour, and this program is of flavour win64: build the driver with "
    "OWSK_WIN64_ABI defined, as an openwsk of that flavour does by openwsk_add_driver()";
#else
constexpr const char* other_flavour_mark = "owsk_module_of_flavour_win64";
constexpr const char* is_of_other_flavour =
    "is of flavour win64 (Windows' calling convention), and this program is of the native one: "
    "build the driver without OWSK_WIN64_ABI, or run it with an openwsk built with OWSK_WIN64=ON";
#endif

// What is wrong with the file, found before any of its code can run.
std::optional<DriverError> objection_to(const std::string& path) {
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) {
        return DriverError{STATUS_FILE_IS_A_DIRECTORY,
                           path + " is a folder; name the driver module in it (*.sys.so)"};
    }
    const auto bytes = read_module(path);
    if (!bytes) {
        const int reason = errno;
        const bool absent = reason == ENOENT || reason == ENOTDIR;
        return DriverError{absent ? STATUS_OBJECT_NAME_NOT_FOUND : STATUS_ACCESS_DENIED,
                           path + " cannot be opened: " + std::strerror(reason) +
                               (absent ? "; check the path, or build the driver" : "")};
    }
    const ElfSymbols symbols = read_elf_symbols(*bytes);
    if (!symbols.objection.empty()) {
        return DriverError{STATUS_INVALID_IMAGE_FORMAT, path + ' ' + symbols.objection};
    }
    const auto& defined = symbols.defined;
    if (std::find(defined.begin(), defined.end(), "DriverEntry") == defined.end()) {
        return DriverError{
            STATUS_DRIVER_ENTRYPOINT_NOT_FOUND,
            path +
                " has no visible DriverEntry; define it in the driver, with extern \"C\" if "
                "that is C++, and without hidden visibility"};
    }
    if (std::find(defined.begin(), defined.end(), other_flavour_mark) != defined.end()) {
        return DriverError{STATUS_INVALID_IMAGE_FORMAT, path + ' ' + is_of_other_flavour};
    }
    const std::vector<std::string> missing = missing_functions(symbols);
    if (!missing.empty()) {
        return DriverError{STATUS_PROCEDURE_NOT_FOUND, path + ' ' + describe_missing(missing)};
    }
    return std::nullopt;
}

}  // namespace

std::unique_ptr<Module> Module::load(const std::string& path, DriverError& error) {
    if (auto objection = objection_to(path)) {
        error = std::move(*objection);
        return nullptr;
    }
    std::string reason;
    std::unique_ptr<PrivateCopy> copy = PrivateCopy::make(path, reason);
    if (copy == nullptr) {
        error = {STATUS_INSUFFICIENT_RESOURCES, path + ": " + reason};
        return nullptr;
    }
    void* handle = dlopen(copy->path().c_str(), RTLD_NOW | RTLD_LOCAL);
    if (handle == nullptr) {
        error = {STATUS_INVALID_IMAGE_FORMAT,
                 path + " cannot be loaded: " + dlerror() +
                     "; if a library is missing, install it or set LD_LIBRARY_PATH; if the file "
                     "cannot be "
                     "mapped, set TMPDIR to a folder that is not mounted noexec"};
        return nullptr;
    }
    return std::unique_ptr<Module>(new Module(std::move(copy), handle));
}

Module::Module(std::unique_ptr<PrivateCopy> copy, void* handle) noexcept
    : copy_(std::move(copy)),
      handle_(handle),
      entry_(reinterpret_cast<PDRIVER_INITIALIZE>(dlsym(handle, "DriverEntry"))) {
    nt::ke::note_driver_image(reinterpret_cast<const void*>(entry_));
}

Module::~Module() {
    nt::ke::forget_driver_image(reinterpret_cast<const void*>(entry_));
    dlclose(handle_);
    host::forget_readable_pages();
}

}  // namespace owsk::loader
