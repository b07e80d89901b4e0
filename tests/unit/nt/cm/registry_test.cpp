// SPDX-License-Identifier: MIT
#include "nt/cm/registry.h"

#include <gtest/gtest.h>

#include "nt/cm/value_bytes.h"

namespace owsk::nt::cm {
namespace {

constexpr ULONG type_string = 1;
constexpr ULONG type_dword = 4;

TEST(Registry, AValueIsFoundInAnyCase) {
    Registry registry;
    registry.set_value("\\Registry\\Machine\\System\\Driver", "Größe", type_dword, dword_bytes(7));
    const auto value = registry.value("\\REGISTRY\\machine\\system\\DRIVER\\", "GRÖßE");
    ASSERT_TRUE(value);
    EXPECT_EQ(value->name, "Größe");
    EXPECT_EQ(value->type, type_dword);
    EXPECT_EQ(value->bytes, dword_bytes(7));
    EXPECT_FALSE(registry.value("\\Registry\\Machine\\System\\Driver", "other"));
    EXPECT_FALSE(registry.value("\\Registry\\Machine\\System", "Größe"));
}

TEST(Registry, ASecondValueOfTheSameNameReplacesTheFirst) {
    Registry registry;
    registry.set_value("\\Registry\\Machine\\Key", "name", type_dword, dword_bytes(1));
    registry.set_value("\\Registry\\Machine\\Key", "NAME", type_string, string_bytes("x"));
    EXPECT_EQ(registry.value("\\Registry\\Machine\\Key", "name")->type, type_string);
}

TEST(Registry, KnowsWhichValuesNobodyHasAskedFor) {
    using Names = std::vector<std::pair<std::string, std::string>>;
    Registry registry;
    registry.set_value("\\Registry\\Machine\\Key", "Read", type_dword, dword_bytes(1));
    registry.set_value("\\Registry\\Machine\\Key", "Unread", type_dword, dword_bytes(1));
    EXPECT_TRUE(registry.value("\\registry\\machine\\key", "READ"));
    EXPECT_FALSE(registry.value("\\registry\\machine\\key", "other"));
    EXPECT_EQ(registry.unread_values(), (Names{{"\\Registry\\Machine\\Key", "Unread"}}));
}

TEST(Registry, AKeyBringsTheKeysAboveIt) {
    Registry registry;
    registry.set_value("\\Registry\\Machine\\A\\B", "", type_dword, dword_bytes(1));
    EXPECT_TRUE(registry.has_key("\\Registry\\Machine"));
    EXPECT_TRUE(registry.has_key("\\Registry\\Machine\\a"));
    EXPECT_TRUE(registry.has_key("\\Registry\\Machine\\A\\B"));
    EXPECT_FALSE(registry.has_key("\\Registry\\Machine\\A\\B\\C"));
    EXPECT_FALSE(registry.has_key("\\Registry\\Machine\\A B"));
    EXPECT_TRUE(registry.value("\\Registry\\Machine\\A\\B", ""));
}

TEST(RegistryText, EndsWithItsNuls) {
    EXPECT_EQ(string_bytes("ab").size(), 6U);
    EXPECT_EQ(string_bytes("").size(), 2U);
    EXPECT_EQ(multi_string_bytes({"a", "bc"}).size(), 2U * (2 + 3 + 1));
    EXPECT_EQ(multi_string_bytes({}).size(), 2U);
}

}  // namespace
}  // namespace owsk::nt::cm
