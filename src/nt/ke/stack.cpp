// SPDX-License-Identifier: MIT
// Stacks by way of the C library; the one file of the executive that asks the system for something.
#include "nt/ke/stack.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>

namespace owsk::nt::ke {

namespace {

struct Free {
    void operator()(char* text) const noexcept { std::free(text); }
};

std::string demangled(const char* name) {
    int status = 0;
    const std::unique_ptr<char, Free> text(abi::__cxa_demangle(name, nullptr, nullptr, &status));
    return status == 0 ? text.get() : name;
}

std::string hexadecimal(std::uintptr_t value) {
    char text[2 + 16 + 1];
    std::snprintf(text, sizeof text, "0x%zx", static_cast<std::size_t>(value));
    return text;
}

std::string file_name(const char* path) {
    const std::string whole = path;
    return whole.substr(whole.rfind('/') + 1);
}

}  // namespace

std::string symbol_of(const void* address) {
    const auto value = reinterpret_cast<std::uintptr_t>(address);
    Dl_info info;
    if (::dladdr(address, &info) == 0 || info.dli_fname == nullptr) {
        return hexadecimal(value);
    }
    const std::string file = file_name(info.dli_fname);
    if (info.dli_sname == nullptr) {
        // An offset into the file is what addr2line wants.
        return file + '+' + hexadecimal(value - reinterpret_cast<std::uintptr_t>(info.dli_fbase));
    }
    const std::uintptr_t offset = value - reinterpret_cast<std::uintptr_t>(info.dli_saddr);
    std::string text = demangled(info.dli_sname);
    if (offset != 0) {
        text += '+' + hexadecimal(offset);
    }
    return text + " (" + file + ')';
}

__attribute__((noinline)) Stack Stack::capture(unsigned skip) noexcept {
    constexpr std::size_t skip_max = 8;
    std::array<void*, depth_max + skip_max + 1> frames;
    const int found = ::backtrace(frames.data(), static_cast<int>(frames.size()));
    const std::size_t first = std::min<std::size_t>(skip, skip_max) + 1;
    Stack stack;
    for (std::size_t i = first; i < static_cast<std::size_t>(found); ++i) {
        if (stack.count_ == depth_max) {
            break;
        }
        stack.frames_[stack.count_++] = frames[i];
    }
    return stack;
}

std::string Stack::to_text() const {
    std::string text;
    for (std::size_t i = 0; i < count_; ++i) {
        char number[32];
        std::snprintf(number, sizeof number, "    %2zu  ", i);
        text += number + symbol_of(frames_[i]) + '\n';
    }
    return text;
}

}  // namespace owsk::nt::ke
