// SPDX-License-Identifier: MIT
// Programs are found, run to their end, and their complaints come back.
#include "net/linux/netfilter/run_program.h"

#include <gtest/gtest.h>

#include <string>

namespace owsk::net {
namespace {

ProgramEnd run_shell(const std::string& script, const std::vector<std::string>& settings = {}) {
    return run_program("/bin/sh", {"-c", script}, settings);
}

TEST(FindProgram, LooksIntoPathAndFindsNothingElse) {
    ASSERT_TRUE(find_program("sh"));
    EXPECT_TRUE(find_program("sh")->ends_with("/sh"));
    EXPECT_FALSE(find_program("no-program-has-this-name"));
}

TEST(RunProgram, TellsSuccessAndFailure) {
    EXPECT_TRUE(run_shell("exit 0").succeeded);
    const ProgramEnd failed = run_shell("exit 3");
    EXPECT_FALSE(failed.succeeded);
    EXPECT_EQ(failed.complaint, "exit status 3");
    EXPECT_EQ(run_shell("kill -9 $$").complaint, "killed by signal 9");
}

TEST(RunProgram, ReturnsWhatItComplainedAboutOnOneLine) {
    EXPECT_EQ(run_shell("echo one >&2; echo two >&2; echo unseen; exit 1").complaint, "one two");
}

TEST(RunProgram, DoesNotBlockAProgramThatComplainsALot) {
    const ProgramEnd end = run_shell("head -c 300000 /dev/zero | tr '\\0' x >&2; exit 1");
    EXPECT_FALSE(end.succeeded);
    EXPECT_LT(end.complaint.size(), 1000U);
}

TEST(RunProgram, AddsSettingsAndReplacesThoseOfTheSameName) {
    EXPECT_TRUE(run_shell("test \"$OWSK_X\" = 7 && test -n \"$PATH\"", {"OWSK_X=7"}).succeeded);
    EXPECT_TRUE(run_shell("test \"$PATH\" = /nowhere", {"PATH=/nowhere"}).succeeded);
}

TEST(RunProgram, SaysWhenThereIsNoSuchProgram) {
    const ProgramEnd end = run_program("/nowhere/program", {}, {});
    EXPECT_FALSE(end.succeeded);
    EXPECT_FALSE(end.complaint.empty());
}

}  // namespace
}  // namespace owsk::net
