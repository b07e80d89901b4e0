// SPDX-License-Identifier: MIT
// libdw is loaded when the first report wants it: programs that use openwsk need not link it, and
// do without lines where it is not installed. The names below are libdw's, of its stable interface.
#include "nt/ke/line_table.h"

#include <dlfcn.h>
#include <unistd.h>

#include <atomic>
#include <string_view>

#include "nt/ke/driver_images.h"

namespace owsk::nt::ke {

namespace {

struct Dwfl;
struct Dwfl_Module;
struct Dwfl_Line;
struct Elf;
using Dwarf_Addr = std::uint64_t;

struct Dwfl_Callbacks {
    int (*find_elf)(Dwfl_Module*, void**, const char*, Dwarf_Addr, char**, Elf**);
    int (*find_debuginfo)(Dwfl_Module*,
                          void**,
                          const char*,
                          Dwarf_Addr,
                          const char*,
                          const char*,
                          std::uint32_t,
                          char**);
    int (*section_address)(Dwfl_Module*,
                           void**,
                           const char*,
                           Dwarf_Addr,
                           const char*,
                           std::uint32_t,
                           const void*,
                           Dwarf_Addr*);
    char** debuginfo_path;
};

// Only what is in the file itself: a report does not ask the network for debug information.
int no_other_file(Dwfl_Module*,
                  void**,
                  const char*,
                  Dwarf_Addr,
                  const char*,
                  const char*,
                  std::uint32_t,
                  char**) {
    return -1;
}

// The functions of libdw that are needed.
struct Library {
    Library() noexcept : handle(::dlopen("libdw.so.1", RTLD_NOW | RTLD_LOCAL)) {
        is_there = handle != nullptr && find("dwfl_linux_proc_find_elf", callbacks.find_elf) &&
                   find("dwfl_begin", begin) && find("dwfl_end", end) &&
                   find("dwfl_linux_proc_report", report) &&
                   find("dwfl_report_end", end_of_report) && find("dwfl_getsrc", source) &&
                   find("dwfl_lineinfo", line_info);
    }

    template <typename Function>
    bool find(const char* name, Function*& function) const noexcept {
        function = reinterpret_cast<Function*>(::dlsym(handle, name));
        return function != nullptr;
    }

    void* const handle;
    Dwfl_Callbacks callbacks = {nullptr, no_other_file, nullptr, nullptr};
    Dwfl* (*begin)(const Dwfl_Callbacks*) = nullptr;
    void (*end)(Dwfl*) = nullptr;
    int (*report)(Dwfl*, pid_t) = nullptr;
    int (*end_of_report)(Dwfl*, void*, void*) = nullptr;
    Dwfl_Line* (*source)(Dwfl*, Dwarf_Addr) = nullptr;
    const char* (*line_info)(Dwfl_Line*, Dwarf_Addr*, int*, int*, std::uint64_t*, std::uint64_t*) =
        nullptr;
    bool is_there = false;
};

// What is loaded in this process.
class Modules {
  public:
    std::string line_at(std::uintptr_t address) {
        if (!library_.is_there) {
            return {};
        }
        if (modules_ == nullptr || seen_ != driver_image_changes()) {
            look_again();
        }
        Dwfl_Line* const line = modules_ != nullptr ? library_.source(modules_, address) : nullptr;
        int number = 0;
        const char* const file =
            line != nullptr ? library_.line_info(line, nullptr, &number, nullptr, nullptr, nullptr)
                            : nullptr;
        if (file == nullptr || number <= 0) {
            return {};
        }
        const std::string_view path = file;
        return std::string(path.substr(path.rfind('/') + 1)) + ':' + std::to_string(number);
    }

  private:
    void look_again() {
        if (modules_ != nullptr) {
            library_.end(modules_);
        }
        seen_ = driver_image_changes();
        modules_ = library_.begin(&library_.callbacks);
        if (modules_ != nullptr && (library_.report(modules_, ::getpid()) != 0 ||
                                    library_.end_of_report(modules_, nullptr, nullptr) != 0)) {
            library_.end(modules_);
            modules_ = nullptr;
        }
    }

    const Library library_;
    Dwfl* modules_ = nullptr;
    unsigned seen_ = 0;
};

}  // namespace

std::string line_at(std::uintptr_t address) {
    // Nobody waits: the report may be that of a crash in here.
    static constinit std::atomic_flag busy;
    if (busy.test_and_set(std::memory_order_acquire)) {
        return {};
    }
    static Modules* const modules = new Modules;  // until the end, however late that is reported
    std::string line = modules->line_at(address);
    busy.clear(std::memory_order_release);
    return line;
}

}  // namespace owsk::nt::ke
