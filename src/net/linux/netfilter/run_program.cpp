// SPDX-License-Identifier: MIT
// Spawned, not forked: the process may have many threads and much memory.
#include "net/linux/netfilter/run_program.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <string_view>
#include <utility>

#include "host/linux/unique_fd.h"

namespace owsk::net {

namespace {

constexpr std::size_t complaint_length_max = 300;

class SpawnSetup {
  public:
    explicit SpawnSetup(int error_output) noexcept {
        ::posix_spawn_file_actions_init(&actions);
        ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
        ::posix_spawn_file_actions_adddup2(&actions, error_output, STDERR_FILENO);
        // Signals that this thread has blocked are not the program's concern.
        sigset_t none;
        ::sigemptyset(&none);
        ::posix_spawnattr_init(&attributes);
        ::posix_spawnattr_setsigmask(&attributes, &none);
        ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK);
    }
    SpawnSetup(const SpawnSetup&) = delete;
    SpawnSetup& operator=(const SpawnSetup&) = delete;
    ~SpawnSetup() {
        ::posix_spawn_file_actions_destroy(&actions);
        ::posix_spawnattr_destroy(&attributes);
    }

    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
};

// As the system wants it: pointers, and a null at the end.
std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts) {
        pointers.push_back(text.data());
    }
    pointers.push_back(nullptr);
    return pointers;
}

// This process's environment, in which `settings` replace those of the same name.
std::vector<std::string> environment_with(const std::vector<std::string>& settings) {
    std::vector<std::string> all = settings;
    for (char** at = environ; *at != nullptr; ++at) {
        const std::string_view setting(*at);
        const std::string_view start = setting.substr(0, setting.find('=') + 1);
        const bool is_replaced =
            std::any_of(settings.begin(), settings.end(), [start](const std::string& other) {
                return !start.empty() && other.starts_with(start);
            });
        if (!is_replaced) {
            all.emplace_back(setting);
        }
    }
    return all;
}

// Until all who hold the other end have closed it. The program must not block on a full pipe, so
// what is too long is read, too.
std::string read_to_the_end(int fd) {
    std::string text;
    std::array<char, 512> piece;
    while (true) {
        const ssize_t length = ::read(fd, piece.data(), piece.size());
        if (length < 0 && errno == EINTR) {
            continue;
        }
        if (length <= 0) {
            break;
        }
        const std::size_t room = complaint_length_max - text.size();
        text.append(piece.data(), std::min(room, static_cast<std::size_t>(length)));
    }
    std::replace(text.begin(), text.end(), '\n', ' ');
    text.erase(text.find_last_not_of(' ') + 1);
    return text;
}

ProgramEnd wait_for(pid_t child, std::string complaint) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            // Somebody else in this process waits for all children.
            return {.succeeded = false, .complaint = "nobody knows how it ended"};
        }
    }
    if (complaint.empty() && WIFEXITED(status)) {
        complaint = "exit status " + std::to_string(WEXITSTATUS(status));
    } else if (complaint.empty()) {
        complaint = "killed by signal " + std::to_string(WTERMSIG(status));
    }
    return {.succeeded = WIFEXITED(status) && WEXITSTATUS(status) == 0,
            .complaint = std::move(complaint)};
}

}  // namespace

std::optional<std::string> find_program(const std::string& name) noexcept {
    const char* const path = std::getenv("PATH");
    std::istringstream folders(std::string(path != nullptr ? path : "") + ":/usr/sbin:/sbin");
    for (std::string folder; std::getline(folders, folder, ':');) {
        // A relative folder is nothing to run an administrator's program from.
        if (!folder.starts_with('/')) {
            continue;
        }
        folder.append("/").append(name);
        if (::access(folder.c_str(), X_OK) == 0) {
            return folder;
        }
    }
    return std::nullopt;
}

ProgramEnd run_program(const std::string& path,
                       const std::vector<std::string>& arguments,
                       const std::vector<std::string>& settings) noexcept {
    std::array<int, 2> ends;
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return {.succeeded = false, .complaint = std::strerror(errno)};
    }
    const host::UniqueFd read_end(ends[0]);
    host::UniqueFd write_end(ends[1]);

    std::vector<std::string> command = {path};
    command.insert(command.end(), arguments.begin(), arguments.end());
    std::vector<std::string> environment = environment_with(settings);
    const SpawnSetup setup(write_end.get());
    pid_t child = 0;
    const int error = ::posix_spawn(&child,
                                    path.c_str(),
                                    &setup.actions,
                                    &setup.attributes,
                                    pointers_to(command).data(),
                                    pointers_to(environment).data());
    if (error != 0) {
        return {.succeeded = false, .complaint = std::strerror(error)};
    }
    write_end.reset();
    return wait_for(child, read_to_the_end(read_end.get()));
}

}  // namespace owsk::net
