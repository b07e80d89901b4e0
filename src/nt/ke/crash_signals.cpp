// SPDX-License-Identifier: MIT
// A handler can be called in the middle of anything, so what it needs is prepared before, and an
// alarm ends the process if the report does not come to an end: the crash may have happened where
// memory is managed, or a lock may be held that the report wants.
#include "nt/ke/crash_signals.h"

#include <cxxabi.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <new>
#include <string_view>
#include <typeinfo>

#include "base/assert.h"
#include "base/interleave.h"
#include "host/readable.h"
#include "nt/ke/crash.h"

// Only where a sanitizer is linked.
extern "C" void __sanitizer_set_death_callback(void (*callback)()) __attribute__((weak));

namespace owsk::nt::ke {

namespace {

constexpr int exit_status_of_a_bug_check = 3;
constexpr unsigned report_seconds_max = 10;
// Names and lines are looked up on it.
constexpr std::size_t alternate_stack_size = 512 * 1024;
// What the report may use when memory has ended.
constexpr std::size_t reserve_size = 2 * 1024 * 1024;
constexpr int watched[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT};

constinit std::atomic<bool> is_reporting = false;
constinit thread_local bool reports_crash = false;
void* memory_for_report = MAP_FAILED;
// For the alarm: what is known before anything can go wrong.
char short_words[512];
Stack raw_stack;

std::size_t page_size() noexcept {
    static const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return size;
}

void* map_memory(std::size_t size) noexcept {
    return ::mmap(
        nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
}

// The stack for handlers, while the thread lives, and where its own one ends.
class ThreadStacks {
  public:
    ThreadStacks() noexcept {
        pthread_attr_t attributes;
        if (::pthread_getattr_np(::pthread_self(), &attributes) == 0) {
            void* low = nullptr;
            std::size_t size = 0;
            ::pthread_attr_getstack(&attributes, &low, &size);
            ::pthread_attr_destroy(&attributes);
            low_ = reinterpret_cast<std::uintptr_t>(low);
        }
        stack_t now = {};
        if (::sigaltstack(nullptr, &now) != 0 || (now.ss_flags & SS_DISABLE) == 0) {
            return;  // somebody else's, which does as well
        }
        memory_ = map_memory(alternate_stack_size);
        if (memory_ != MAP_FAILED) {
            stack_t mine = {};
            mine.ss_sp = memory_;
            mine.ss_size = alternate_stack_size;
            ::sigaltstack(&mine, nullptr);
        }
    }
    ~ThreadStacks() {
        if (memory_ != MAP_FAILED) {
            stack_t none = {};
            none.ss_flags = SS_DISABLE;
            ::sigaltstack(&none, nullptr);
            ::munmap(memory_, alternate_stack_size);
        }
    }
    ThreadStacks(const ThreadStacks&) = delete;
    ThreadStacks& operator=(const ThreadStacks&) = delete;

    // The guard below the stack, and a function with a large frame that jumps over it.
    bool is_below(std::uintptr_t address) const noexcept {
        constexpr std::uintptr_t reach = 1024 * 1024;
        return low_ != 0 && address < low_ + page_size() && address + reach >= low_;
    }

  private:
    void* memory_ = MAP_FAILED;
    std::uintptr_t low_ = 0;
};

constinit thread_local const ThreadStacks* this_thread = nullptr;

// The registers that matter here, of whatever processor.
struct Registers {
    std::uintptr_t instruction;
    std::uintptr_t stack;
};

Registers registers_of(const ucontext_t& context) noexcept {
#if defined(__x86_64__)
    return {static_cast<std::uintptr_t>(context.uc_mcontext.gregs[REG_RIP]),
            static_cast<std::uintptr_t>(context.uc_mcontext.gregs[REG_RSP])};
#else
    return {context.uc_mcontext.pc, context.uc_mcontext.sp};
#endif
}

Crash::Access access_of(const ucontext_t& context, std::uintptr_t address) noexcept {
    if (registers_of(context).instruction == address) {
        return Crash::Access::execute;
    }
#if defined(__x86_64__)
    constexpr greg_t write_bit = 2;
    if ((context.uc_mcontext.gregs[REG_ERR] & write_bit) != 0) {
        return Crash::Access::write;
    }
#endif
    return Crash::Access::read;
}

// A call that leads nowhere has no frame yet by which its caller could be found: undoes it.
void undo_call(ucontext_t& context) noexcept {
#if defined(__x86_64__)
    auto& registers = context.uc_mcontext.gregs;
    const auto* const stack = reinterpret_cast<const void*>(registers[REG_RSP]);
    std::uintptr_t caller;
    if (!host::is_readable_now(stack, sizeof caller)) {
        return;
    }
    std::memcpy(&caller, stack, sizeof caller);
    registers[REG_RIP] = static_cast<greg_t>(caller);
    registers[REG_RSP] += sizeof caller;
#else
    context.uc_mcontext.pc = context.uc_mcontext.regs[30];
#endif
}

bool memory_has_ended() noexcept {
    const std::type_info* const type = abi::__cxa_current_exception_type();
    return type != nullptr &&
           (*type == typeid(std::bad_alloc) || *type == typeid(std::bad_array_new_length));
}

Crash::Kind kind_of(int number, const siginfo_t& info) noexcept {
    switch (number) {
        case SIGFPE:
            return Crash::Kind::division;
        case SIGILL:
            return Crash::Kind::instruction;
        case SIGTRAP:
            return Crash::Kind::breakpoint;
        case SIGABRT:
            return memory_has_ended() ? Crash::Kind::no_memory : Crash::Kind::abort;
        default:
            break;
    }
    if (number == SIGSEGV && info.si_code == SI_KERNEL) {
        return Crash::Kind::odd_access;
    }
    const auto address = reinterpret_cast<std::uintptr_t>(info.si_addr);
    return this_thread != nullptr && this_thread->is_below(address) ? Crash::Kind::stack_overflow
                                                                    : Crash::Kind::access;
}

bool is_traced() noexcept {
    const int file = ::open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return false;
    }
    char text[4096];
    const ssize_t length = ::read(file, text, sizeof text);
    ::close(file);
    constexpr std::string_view key = "TracerPid:\t";
    const std::string_view status(text, length > 0 ? static_cast<std::size_t>(length) : 0);
    const std::size_t at = status.find(key);
    return at != std::string_view::npos && status.substr(at + key.size(), 1) != "0";
}

void write_to_error(const char* text) noexcept {
    const auto ignored = ::write(STDERR_FILENO, text, std::strlen(text));
    static_cast<void>(ignored);
}

// The report hangs or has crashed itself.
[[noreturn]] void end_with_short_words() noexcept {
    ::signal(SIGALRM, SIG_DFL);
    ::alarm(2);
    write_to_error(short_words);
    raw_stack.write_raw(STDERR_FILENO);
    ::_exit(exit_status_of_a_bug_check);
}

void on_alarm(int) {
    end_with_short_words();
}

void prepare_short_words(const Crash& crash) noexcept {
    std::snprintf(short_words,
                  sizeof short_words,
                  "*** a crash whose report could not be completed: signal %d (%s) at "
                  "instruction 0x%llx, address 0x%llx\n",
                  crash.signal,
                  ::sigabbrev_np(crash.signal),
                  static_cast<unsigned long long>(crash.instruction),
                  static_cast<unsigned long long>(crash.address));
    struct sigaction action = {};
    action.sa_handler = on_alarm;
    action.sa_flags = SA_ONSTACK;
    ::sigaction(SIGALRM, &action, nullptr);
    sigset_t set;
    ::sigemptyset(&set);
    ::sigaddset(&set, SIGALRM);
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
    ::alarm(report_seconds_max);
}

// Where it was, with the registers as they were afterwards.
Stack stack_at(const Crash& crash, ucontext_t& context) noexcept {
    if (crash.kind != Crash::Kind::access || crash.access != Crash::Access::execute) {
        return Stack::capture_at(reinterpret_cast<const void*>(crash.instruction), false);
    }
    const auto before = context.uc_mcontext;
    undo_call(context);
    const auto caller = reinterpret_cast<const void*>(registers_of(context).instruction);
    const Stack stack = Stack::capture_at(caller, true);
    context.uc_mcontext = before;
    return stack;
}

[[noreturn]] void report(const Crash& crash, ucontext_t& context) noexcept {
    prepare_short_words(crash);
    raw_stack = stack_at(crash, context);
    if (memory_for_report != MAP_FAILED) {
        ::munmap(memory_for_report, reserve_size);
    }
    // The report takes locks where others may be held, and nobody else gets a turn meanwhile.
    owsk::detail::held_ranks = 0;
    owsk::detail::interleaver = nullptr;
    bug_check(bug_check_of(crash, raw_stack));
}

void on_signal(int number, siginfo_t* info, void* given) {
    const int error = errno;
    const bool sent_by_others =
        info->si_code == SI_USER || (info->si_code == SI_TKILL && info->si_pid != ::getpid());
    if (sent_by_others || is_traced() ||
        (number == SIGABRT && (is_in_bug_check() || owsk::detail::end_is_reported))) {
        // As if nobody had watched: what caused the signal does so again.
        ::signal(number, SIG_DFL);
        if (sent_by_others) {
            ::raise(number);
        }
        errno = error;
        return;
    }
    if (reports_crash || is_in_bug_check()) {
        end_with_short_words();
    }
    if (is_reporting.exchange(true)) {
        for (;;) {
            ::pause();  // the first one ends the process
        }
    }
    reports_crash = true;
    ucontext_t& context = *static_cast<ucontext_t*>(given);
    Crash crash;
    crash.signal = number;
    crash.kind = kind_of(number, *info);
    crash.instruction = registers_of(context).instruction;
    if (number == SIGSEGV || number == SIGBUS) {
        crash.address = reinterpret_cast<std::uintptr_t>(info->si_addr);
        crash.access = access_of(context, crash.address);
        crash.in_mapped_file = number == SIGBUS && info->si_code == BUS_ADRERR;
    }
    report(crash, context);
}

}  // namespace

void prepare_thread_for_crashes() noexcept {
    static thread_local const ThreadStacks stacks;
    this_thread = &stacks;
}

void watch_crashes() noexcept {
    static constinit std::atomic<bool> done = false;
    // A sanitizer has more to say about a crash, and its own way to end.
    if (__sanitizer_set_death_callback != nullptr || done.exchange(true)) {
        return;
    }
    Stack::capture();  // loads what unwinding needs
    memory_for_report = map_memory(reserve_size);
    for (const int number : watched) {
        struct sigaction now = {};
        struct sigaction action = {};
        action.sa_sigaction = on_signal;
        action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER;
        if (::sigaction(number, nullptr, &now) == 0 && now.sa_handler == SIG_DFL) {
            ::sigaction(number, &action, nullptr);
        }
    }
}

}  // namespace owsk::nt::ke
