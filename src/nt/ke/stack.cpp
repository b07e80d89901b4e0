// SPDX-License-Identifier: MIT
// Stacks by way of the C library. With symbol_table.cpp this is all that the executive asks the
// system for.
#include "nt/ke/stack.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <execinfo.h>
#include <link.h>

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include "nt/ke/symbol_table.h"

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

std::string with_offset(const char* name, std::uintptr_t offset, const std::string& file) {
    const std::string where = offset == 0 ? "" : '+' + hexadecimal(offset);
    return demangled(name) + where + " (" + file + ')';
}

// Names `address`, by the function that has the byte `back` before it.
std::string symbol_at(std::uintptr_t address, std::uintptr_t back) {
    const auto* const place = reinterpret_cast<const void*>(address - back);
    Dl_info info;
    link_map* module = nullptr;
    if (::dladdr1(place, &info, reinterpret_cast<void**>(&module), RTLD_DL_LINKMAP) == 0 ||
        info.dli_fname == nullptr) {
        return hexadecimal(address);
    }
    const std::string file = file_name(info.dli_fname);
    // The program may have been started by a name that leads nowhere from here.
    const bool is_program = module->l_name[0] == '\0';
    const char* const path = is_program ? "/proc/self/exe" : info.dli_fname;
    if (const auto symbol = find_symbol(path, address - back - module->l_addr)) {
        return with_offset(symbol->name.c_str(), address - module->l_addr - symbol->start, file);
    }
    if (info.dli_sname != nullptr) {
        const auto start = reinterpret_cast<std::uintptr_t>(info.dli_saddr);
        return with_offset(info.dli_sname, address - start, file);
    }
    // An offset into the file is what addr2line wants.
    return file + '+' + hexadecimal(address - reinterpret_cast<std::uintptr_t>(info.dli_fbase));
}

// Frames are return addresses. A call that does not return may be the last instruction of its
// function, and then the address after it is in another one.
std::string symbol_of_call(const void* frame) {
    return symbol_at(reinterpret_cast<std::uintptr_t>(frame), 1);
}

}  // namespace

std::string symbol_of(const void* address) {
    return symbol_at(reinterpret_cast<std::uintptr_t>(address), 0);
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

Stack Stack::of(std::span<void* const> frames) noexcept {
    Stack stack;
    for (void* const frame : frames) {
        if (frame == nullptr || stack.count_ == depth_max) {
            break;
        }
        stack.frames_[stack.count_++] = frame;
    }
    return stack;
}

std::size_t Stack::first_outside(const char* inner) const {
    const auto is_inner = [inner](const void* frame) {
        return symbol_of_call(frame).starts_with(inner);
    };
    const auto* const end = frames_.data() + count_;
    const auto* const inside = std::find_if(frames_.data(), end, is_inner);
    const auto* const outside = std::find_if_not(inside, end, is_inner);
    return outside == end ? 0 : static_cast<std::size_t>(outside - frames_.data());
}

std::string Stack::to_text(const char* inner) const {
    std::string text;
    const std::size_t first = inner == nullptr ? 0 : first_outside(inner);
    for (std::size_t i = first; i < count_; ++i) {
        char number[32];
        std::snprintf(number, sizeof number, "    %2zu  ", i - first);
        text += number + symbol_of_call(frames_[i]) + '\n';
    }
    return text;
}

}  // namespace owsk::nt::ke
