// SPDX-License-Identifier: MIT
// Folders of the living and the dead.
#include <gtest/gtest.h>
#include <openwsk/temporary_folder.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace owsk {
namespace {

namespace fs = std::filesystem;

class TemporaryFolderTest : public testing::Test {
  protected:
    TemporaryFolderTest() {
        fs::create_directories(place_);
        const char* const before = std::getenv("TMPDIR");
        saved_ = before != nullptr ? before : "/tmp";
        ::setenv("TMPDIR", place_.c_str(), 1);
    }
    ~TemporaryFolderTest() override {
        ::setenv("TMPDIR", saved_.c_str(), 1);
        fs::remove_all(place_);
    }

    // Of a process that has ended without a chance to remove anything.
    std::string folder_of_a_dead_process(bool keep) const {
        int pipe[2];
        EXPECT_EQ(::pipe(pipe), 0);
        const pid_t child = ::fork();
        if (child == 0) {
            const TemporaryFolder folder("kind");
            std::ofstream(folder.path() + "/file") << "text";
            if (keep) {
                folder.keep();
            }
            const auto written = ::write(pipe[1], folder.path().c_str(), folder.path().size());
            static_cast<void>(written);
            ::_exit(0);
        }
        ::waitpid(child, nullptr, 0);
        char path[4096];
        const ssize_t length = ::read(pipe[0], path, sizeof path);
        ::close(pipe[0]);
        ::close(pipe[1]);
        return {path, length > 0 ? static_cast<std::size_t>(length) : 0};
    }

    const std::string place_ =
        testing::TempDir() + "owsk_temporary_folder_" + std::to_string(::getpid());
    std::string saved_;
};

TEST_F(TemporaryFolderTest, GoesWithItsOwner) {
    std::string path;
    {
        const TemporaryFolder folder("kind");
        path = folder.path();
        EXPECT_TRUE(fs::is_directory(path)) << folder.error();
        std::ofstream(path + "/file") << "text";
    }
    EXPECT_FALSE(fs::exists(path));
}

TEST_F(TemporaryFolderTest, RemovesThoseOfTheDeadOfItsKind) {
    const std::string dead = folder_of_a_dead_process(false);
    ASSERT_TRUE(fs::exists(dead));
    const std::string other_kind = place_ + "/other-abcdef";
    fs::create_directory(other_kind);
    const TemporaryFolder folder("kind");
    EXPECT_FALSE(fs::exists(dead));
    EXPECT_TRUE(fs::exists(other_kind));
}

TEST_F(TemporaryFolderTest, LeavesThoseOfTheLiving) {
    const TemporaryFolder first("kind");
    const TemporaryFolder second("kind");
    EXPECT_TRUE(fs::exists(first.path()));
    EXPECT_TRUE(fs::exists(second.path()));
}

TEST_F(TemporaryFolderTest, LeavesWhatIsToBeKept) {
    const std::string kept = folder_of_a_dead_process(true);
    const TemporaryFolder folder("kind");
    EXPECT_TRUE(fs::exists(kept + "/file"));
}

TEST_F(TemporaryFolderTest, SaysWhyItCannotBeMade) {
    ::setenv("TMPDIR", "/proc", 1);
    const TemporaryFolder folder("kind");
    EXPECT_TRUE(folder.path().empty());
    EXPECT_NE(folder.error().find("set TMPDIR"), std::string::npos) << folder.error();
}

}  // namespace
}  // namespace owsk
