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

#include "nt/ke/line_table.h"
#include "nt/ke/symbol_table.h"

namespace owsk::nt::ke {

namespace {

struct Free {
    void operator()(char* text) const noexcept { std::free(text); }
};

// The function as its source calls it: optimisers make parts and copies, such as f.cold and
// f.isra.0.
std::string demangled(const std::string& symbol) {
    const std::string name = symbol.substr(0, symbol.find('.', 1));
    int status = 0;
    const std::unique_ptr<char, Free> text(
        abi::__cxa_demangle(name.c_str(), nullptr, nullptr, &status));
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

// What is known of an address.
struct Place {
    std::string text;             // "name+0x12 (module)"
    std::string function = {};    // without the offset
    const void* image = nullptr;  // where its module begins
};

Place place_in(const std::string& function,
               std::uintptr_t offset,
               const std::string& file,
               const void* image) {
    const std::string name = demangled(function);
    const std::string where = offset == 0 ? "" : '+' + hexadecimal(offset);
    return {name + where + " (" + file + ')', name, image};
}

// Names `address`, by the function that has the byte `back` before it.
Place place_at(std::uintptr_t address, std::uintptr_t back) {
    const auto* const place = reinterpret_cast<const void*>(address - back);
    Dl_info info;
    link_map* module = nullptr;
    if (::dladdr1(place, &info, reinterpret_cast<void**>(&module), RTLD_DL_LINKMAP) == 0 ||
        info.dli_fname == nullptr) {
        return {hexadecimal(address)};
    }
    const std::string file = file_name(info.dli_fname);
    // The program may have been started by a name that leads nowhere from here.
    const bool is_program = module->l_name[0] == '\0';
    const char* const path = is_program ? "/proc/self/exe" : info.dli_fname;
    if (const auto symbol = find_symbol(path, address - back - module->l_addr)) {
        return place_in(
            symbol->name, address - module->l_addr - symbol->start, file, info.dli_fbase);
    }
    if (info.dli_sname != nullptr) {
        const auto start = reinterpret_cast<std::uintptr_t>(info.dli_saddr);
        return place_in(info.dli_sname, address - start, file, info.dli_fbase);
    }
    // An offset into the file is what addr2line wants.
    const std::uintptr_t offset = address - reinterpret_cast<std::uintptr_t>(info.dli_fbase);
    return {.text = file + '+' + hexadecimal(offset), .image = info.dli_fbase};
}

// Frames are return addresses. A call that does not return may be the last instruction of its
// function, and then the address after it is in another one.
std::string symbol_of_call(const void* frame) {
    return place_at(reinterpret_cast<std::uintptr_t>(frame), 1).text;
}

Place place_of(const void* frame, std::uintptr_t back) {
    return place_at(reinterpret_cast<std::uintptr_t>(frame), back);
}

// With file and line, where they are known.
std::string text_of(const void* frame, std::uintptr_t back) {
    const std::string line = line_at(reinterpret_cast<std::uintptr_t>(frame) - back);
    return place_of(frame, back).text + (line.empty() ? "" : " at " + line);
}

}  // namespace

std::string symbol_of(const void* address) {
    return place_at(reinterpret_cast<std::uintptr_t>(address), 0).text;
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
        text += number + text_of(frames_[i], back_of(i)) + '\n';
    }
    return text;
}

Stack Stack::capture_at(const void* instruction, bool is_return) noexcept {
    constexpr std::size_t handler_frames_max = 16;
    std::array<void*, depth_max + handler_frames_max> frames;
    const int found = ::backtrace(frames.data(), static_cast<int>(frames.size()));
    auto* const end = frames.data() + found;
    auto* first = std::find(frames.data(), end, const_cast<void*>(instruction));
    Stack stack;
    stack.first_is_exact_ = first != end && !is_return;
    if (first == end) {
        first = frames.data();
    }
    stack.count_ = std::min<std::size_t>(static_cast<std::size_t>(end - first), depth_max);
    std::copy_n(first, stack.count_, stack.frames_.data());
    return stack;
}

Side Stack::innermost_side() const {
    for (std::size_t i = 0; i < count_; ++i) {
        const Place place = place_of(frames_[i], back_of(i));
        const Side side = side_of(place.function, place.image);
        if (side != Side::system) {
            return side;
        }
    }
    return Side::system;
}

std::optional<std::size_t> Stack::first_of_driver() const {
    for (std::size_t i = 0; i < count_; ++i) {
        const Place place = place_of(frames_[i], back_of(i));
        if (side_of(place.function, place.image) == Side::driver) {
            return i;
        }
    }
    return std::nullopt;
}

std::string Stack::driver_place() const {
    const auto frame = first_of_driver();
    return frame ? text_of(frames_[*frame], back_of(*frame)) : "";
}

std::string Stack::called_by_driver() const {
    const std::size_t frame = first_of_driver().value_or(0);
    return frame == 0 ? "" : place_of(frames_[frame - 1], back_of(frame - 1)).function;
}

void Stack::write_raw(int descriptor) const noexcept {
    ::backtrace_symbols_fd(frames_.data(), static_cast<int>(count_), descriptor);
}

}  // namespace owsk::nt::ke
