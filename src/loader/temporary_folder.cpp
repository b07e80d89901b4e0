// SPDX-License-Identifier: MIT
// A lock on the folder is what tells the living from the dead: the system lets go of it when the
// process ends, however that ends.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <openwsk/temporary_folder.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>

namespace owsk {

namespace {

namespace fs = std::filesystem;

constexpr const char* keep_mark = ".keep";
constexpr std::size_t random_length = 6;

fs::path folder_for_temporary_files() {
    std::error_code error;
    const fs::path path = fs::temp_directory_path(error);
    return error ? fs::path("/tmp") : path;
}

int open_folder(const std::string& path) noexcept {
    return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

// The one that was opened may have been removed, and made again by somebody else.
bool is_still_at(int folder, const std::string& path) noexcept {
    struct stat opened = {};
    struct stat named = {};
    return ::fstat(folder, &opened) == 0 && ::lstat(path.c_str(), &named) == 0 &&
           opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

bool is_ours(int folder) noexcept {
    struct stat about = {};
    return ::fstat(folder, &about) == 0 && about.st_uid == ::geteuid();
}

void remove_with_everything(const std::string& path) noexcept {
    std::error_code nothing_to_do_about_it;
    fs::remove_all(path, nothing_to_do_about_it);
}

void remove_if_dead(const std::string& path) noexcept {
    const int folder = open_folder(path);
    if (folder < 0) {
        return;
    }
    if (is_ours(folder) && ::flock(folder, LOCK_EX | LOCK_NB) == 0 && is_still_at(folder, path) &&
        ::faccessat(folder, keep_mark, F_OK, 0) != 0) {
        remove_with_everything(path);
    }
    ::close(folder);
}

void remove_the_dead(const fs::path& where, const std::string& kind) noexcept {
    std::error_code error;
    for (fs::directory_iterator at(where, error), end; !error && at != end; at.increment(error)) {
        const std::string name = at->path().filename().string();
        if (name.size() == kind.size() + 1 + random_length && name.starts_with(kind + '-')) {
            remove_if_dead(at->path().string());
        }
    }
}

}  // namespace

TemporaryFolder::TemporaryFolder(const std::string& kind) {
    remove_the_dead(folder_for_temporary_files(), kind);
    while (!make(kind)) {
    }
}

// False: somebody took it for a dead one before it was locked.
bool TemporaryFolder::make(const std::string& kind) {
    std::string path = (folder_for_temporary_files() / (kind + "-XXXXXX")).string();
    if (::mkdtemp(path.data()) == nullptr) {
        error_ = "cannot make a folder " + path + ": " + std::strerror(errno) +
                 "; set TMPDIR to a folder that can be written";
        return true;
    }
    lock_ = open_folder(path);
    if (lock_ < 0 && errno != ENOENT) {
        path_ = path;  // it serves, although the next process will remove it
        return true;
    }
    if (lock_ >= 0) {
        ::flock(lock_, LOCK_EX);
        if (is_still_at(lock_, path)) {
            path_ = path;
            return true;
        }
        ::close(lock_);
        lock_ = -1;
    }
    return false;
}

TemporaryFolder::~TemporaryFolder() {
    remove();
    if (lock_ >= 0) {
        ::close(lock_);
    }
}

void TemporaryFolder::remove() const noexcept {
    if (!path_.empty()) {
        remove_with_everything(path_);
    }
}

void TemporaryFolder::keep() const noexcept {
    const int mark =
        lock_ < 0 ? -1 : ::openat(lock_, keep_mark, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (mark >= 0) {
        ::close(mark);
    }
}

}  // namespace owsk
