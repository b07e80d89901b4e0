// SPDX-License-Identifier: MIT
#include "compile.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "command_line.h"
#include "rewrite.h"

extern char** environ;

namespace seh {

namespace {

// A file beside the object file, so that several compilations do not meet. Removed at the end.
class IntermediateFile {
  public:
    IntermediateFile(const CommandLine& line)
        : path_(line.output + (line.language == Language::c ? ".seh.i" : ".seh.ii")) {}
    ~IntermediateFile() {
        std::error_code ignored;
        std::filesystem::remove(path_, ignored);
    }
    IntermediateFile(const IntermediateFile&) = delete;
    IntermediateFile& operator=(const IntermediateFile&) = delete;

    const std::string& path() const noexcept { return path_; }

    std::string read() const {
        std::ostringstream text;
        text << std::ifstream(path_).rdbuf();
        return text.str();
    }

    bool write(const std::string& text) const {
        std::ofstream file(path_);
        file << text;
        file.close();
        return !file.fail();
    }

  private:
    const std::string path_;
};

std::vector<char*> as_arguments(const std::vector<std::string>& command) {
    std::vector<char*> arguments;
    for (const std::string& word : command) {
        arguments.push_back(const_cast<char*>(word.c_str()));
    }
    arguments.push_back(nullptr);
    return arguments;
}

int fail(const std::string& what) {
    std::fprintf(stderr, "openwsk-seh: %s: %s\n", what.c_str(), std::strerror(errno));
    return 1;
}

int run(const std::vector<std::string>& command) {
    const std::vector<char*> arguments = as_arguments(command);
    pid_t child = 0;
    errno = posix_spawnp(&child, arguments[0], nullptr, nullptr, arguments.data(), environ);
    if (errno != 0) {
        return fail(command[0]);
    }
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return fail(command[0]);
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

int become(const std::vector<std::string>& command) {
    const std::vector<char*> arguments = as_arguments(command);
    execvp(arguments[0], arguments.data());
    return fail(command[0]);
}

}  // namespace

int compile(const std::vector<std::string>& command) {
    const std::optional<CommandLine> line = understand(command);
    if (!line) {
        return become(command);
    }
    const IntermediateFile file(*line);
    if (const int status = run(line->preprocess_to(file.path())); status != 0) {
        return status;
    }
    const Source source(file.read());
    if (!has_guarded_blocks(source)) {
        return run(command);
    }
    try {
        if (!file.write(rewrite(source, line->language))) {
            return fail(file.path());
        }
    } catch (const Refused& refused) {
        std::fprintf(stderr, "%s\n", refused.what());
        return 1;
    }
    return run(line->compile_from(file.path()));
}

}  // namespace seh
