// SPDX-License-Identifier: MIT
#include "loader/module.h"

#include <gmock/gmock.h>
#include <ntstatus.h>
#include <sys/socket.h>

#include <filesystem>
#include <fstream>

namespace owsk::loader {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

std::string path_of(const std::string& module) {
    return std::string(LOADER_MODULES) + "/loader_" + module + ".sys.so";
}

std::unique_ptr<Module> load(const std::string& module) {
    DriverError error;
    std::unique_ptr<Module> loaded = Module::load(path_of(module), error);
    EXPECT_NE(loaded, nullptr) << error.message;
    return loaded;
}

DriverError error_of(const std::string& path) {
    DriverError error;
    EXPECT_EQ(Module::load(path, error), nullptr);
    return error;
}

class TemporaryFile {
  public:
    explicit TemporaryFile(const std::string& content)
        : path_(::testing::TempDir() + "owsk_module_test.sys.so") {
        std::ofstream(path_, std::ios::binary) << content;
    }
    ~TemporaryFile() { fs::remove(path_); }
    const std::string& path() const { return path_; }

  private:
    const std::string path_;
};

TEST(Module, TwoLoadsOfOneFileHaveSeparateGlobals) {
    const auto first = load("counter");
    const auto second = load("counter");
    EXPECT_EQ(first->entry()(nullptr, nullptr), 1);
    EXPECT_EQ(first->entry()(nullptr, nullptr), 2);
    EXPECT_EQ(second->entry()(nullptr, nullptr), 1);
}

TEST(Module, TwoLoadsHaveSeparateInlineVariables) {
    const auto first = load("inline_variable");
    const auto second = load("inline_variable");
    EXPECT_EQ(first->entry()(nullptr, nullptr), 1);
    EXPECT_EQ(second->entry()(nullptr, nullptr), 1);
}

TEST(Module, ADriversOwnSendIsNeitherCapturedNorCaptures) {
    const auto module = load("own_send");
    EXPECT_EQ(module->entry()(nullptr, nullptr), 42);
    EXPECT_EQ(::send(-1, "", 0, 0), -1);
    EXPECT_EQ(errno, EBADF);
}

TEST(Module, AModuleOfTheOtherFlavourIsRefusedInASentence) {
#ifdef OWSK_WIN64_ABI
    const std::string own = "win64";
    const std::string other = "native";
#else
    const std::string own = "native";
    const std::string other = "win64";
#endif
    EXPECT_NE(load(own), nullptr);
    const DriverError error = error_of(path_of(other));
    EXPECT_EQ(error.status, STATUS_INVALID_IMAGE_FORMAT);
    EXPECT_THAT(error.message, AllOf(HasSubstr("flavour"), HasSubstr("OWSK_WIN64_ABI")));
}

TEST(Module, ThePrivateCopyGoesWithTheModule) {
    const std::string folder = ::testing::TempDir() + "owsk_private_copies";
    fs::create_directories(folder);
    const char* const before = getenv("TMPDIR");
    const std::string saved = before != nullptr ? before : "";
    setenv("TMPDIR", folder.c_str(), 1);
    auto module = load("counter");
    EXPECT_FALSE(fs::is_empty(folder));
    module.reset();
    EXPECT_TRUE(fs::is_empty(folder));
    before != nullptr ? setenv("TMPDIR", saved.c_str(), 1) : unsetenv("TMPDIR");
    fs::remove_all(folder);
}

TEST(Module, AMissingFileIsNamed) {
    const DriverError error = error_of("no/such/driver.sys.so");
    EXPECT_EQ(error.status, STATUS_OBJECT_NAME_NOT_FOUND);
    EXPECT_THAT(error.message,
                AllOf(HasSubstr("no/such/driver.sys.so"), HasSubstr("No such file")));
}

TEST(Module, AFolderIsNoModule) {
    EXPECT_EQ(error_of(::testing::TempDir()).status, STATUS_FILE_IS_A_DIRECTORY);
}

TEST(Module, ATextFileIsNoModule) {
    const TemporaryFile file("int main() {}\n");
    const DriverError error = error_of(file.path());
    EXPECT_EQ(error.status, STATUS_INVALID_IMAGE_FORMAT);
    EXPECT_THAT(error.message, HasSubstr("is not a shared object"));
}

TEST(Module, AnEmptyFileIsNoModule) {
    const TemporaryFile file("");
    EXPECT_EQ(error_of(file.path()).status, STATUS_INVALID_IMAGE_FORMAT);
}

TEST(Module, AWindowsDriverGetsTheRemedy) {
    const TemporaryFile file("MZ\x90 and so on");
    EXPECT_THAT(error_of(file.path()).message, HasSubstr("openwsk_add_driver"));
}

TEST(Module, AProgramIsNoModule) {
    const DriverError error = error_of("/proc/self/exe");
    EXPECT_FALSE(error.message.empty());
}

TEST(Module, AModuleWithoutDriverEntryIsRefused) {
    const DriverError error = error_of(path_of("no_entry"));
    EXPECT_EQ(error.status, STATUS_DRIVER_ENTRYPOINT_NOT_FOUND);
    EXPECT_THAT(error.message, HasSubstr("DriverEntry"));
}

TEST(Module, AllMissingFunctionsAreListed) {
    const DriverError error = error_of(path_of("missing"));
    EXPECT_EQ(error.status, STATUS_PROCEDURE_NOT_FOUND);
    EXPECT_THAT(error.message,
                AllOf(HasSubstr("2 functions"),
                      HasSubstr("LoaderTestMissingOne, LoaderTestMissingTwo"),
                      Not(HasSubstr("LoaderTestOptional"))));
}

}  // namespace
}  // namespace owsk::loader
