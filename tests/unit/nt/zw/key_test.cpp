// SPDX-License-Identifier: MIT
// Registry keys as a driver reads them.
#include <gtest/gtest.h>
#include <ntddk.h>

#include <cstring>
#include <vector>

#include "nt/cm/value_bytes.h"
#include "unit/nt/executive_fixture.h"
#include "unit/nt/rtl/text.h"

namespace owsk::nt::zw {
namespace {

class ZwKey : public ExecutiveTest {
  protected:
    ZwKey() {
        system().registry.set_value(parameters, "Port", REG_DWORD, cm::dword_bytes(8080));
        system().registry.set_value(parameters, "Name", REG_SZ, cm::string_bytes("echo"));
        system().registry.set_value(parameters, "Empty", REG_BINARY, {});
    }

    static NTSTATUS open(PCWSTR name, HANDLE* key, HANDLE root = nullptr) {
        UNICODE_STRING string;
        RtlInitUnicodeString(&string, name);
        OBJECT_ATTRIBUTES attributes;
        InitializeObjectAttributes(
            &attributes, &string, OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE, root, nullptr);
        return ZwOpenKey(key, KEY_READ, &attributes);
    }
    HANDLE open_parameters() {
        HANDLE key = nullptr;
        EXPECT_EQ(open(L"\\Registry\\Machine\\System\\Services\\Echo\\Parameters", &key),
                  STATUS_SUCCESS);
        return key;
    }
    static NTSTATUS query(HANDLE key,
                          PCWSTR name,
                          KEY_VALUE_INFORMATION_CLASS form,
                          void* to,
                          ULONG room,
                          ULONG* needed) {
        UNICODE_STRING string;
        RtlInitUnicodeString(&string, name);
        return ZwQueryValueKey(key, &string, form, to, room, needed);
    }

    static constexpr const char* parameters =
        "\\Registry\\Machine\\System\\Services\\Echo\\Parameters";
};

TEST_F(ZwKey, IsOpenedByItsPathInAnyCase) {
    HANDLE key = nullptr;
    EXPECT_EQ(open(L"\\REGISTRY\\MACHINE\\system\\services\\echo\\PARAMETERS", &key),
              STATUS_SUCCESS);
    EXPECT_EQ(ZwClose(key), STATUS_SUCCESS);
    EXPECT_EQ(ZwClose(key), STATUS_INVALID_HANDLE);
}

TEST_F(ZwKey, IsOpenedBelowAnother) {
    HANDLE root = nullptr;
    ASSERT_EQ(open(L"\\Registry\\Machine\\System\\Services\\Echo", &root), STATUS_SUCCESS);
    HANDLE key = nullptr;
    EXPECT_EQ(open(L"Parameters", &key, root), STATUS_SUCCESS);
    ZwClose(key);
    EXPECT_EQ(open(L"\\Parameters", &key, root), STATUS_OBJECT_PATH_SYNTAX_BAD);
    EXPECT_EQ(open(L"Missing", &key, root), STATUS_OBJECT_NAME_NOT_FOUND);
    ZwClose(root);
    EXPECT_EQ(open(L"Parameters", &key, root), STATUS_INVALID_HANDLE);
}

TEST_F(ZwKey, ThatDoesNotExistIsNotFound) {
    HANDLE key = nullptr;
    EXPECT_EQ(open(L"\\Registry\\Machine\\System\\Services\\Other", &key),
              STATUS_OBJECT_NAME_NOT_FOUND);
    EXPECT_EQ(open(L"Registry\\Machine", &key), STATUS_OBJECT_PATH_SYNTAX_BAD);
}

TEST_F(ZwKey, LeftOpenIsALeak) {
    expect_leaks();
    open_parameters();
    EXPECT_EQ(system().report_leaks(), 1U);
}

TEST_F(ZwKey, PartialInformationIsTypeAndBytes) {
    HANDLE key = open_parameters();
    alignas(8) UCHAR buffer[16];
    ULONG needed = 0;
    ASSERT_EQ(query(key, L"port", KeyValuePartialInformation, buffer, sizeof buffer, &needed),
              STATUS_SUCCESS);
    const auto* const information = reinterpret_cast<KEY_VALUE_PARTIAL_INFORMATION*>(buffer);
    EXPECT_EQ(information->Type, REG_DWORD);
    ASSERT_EQ(information->DataLength, 4U);
    ULONG port = 0;
    std::memcpy(&port, information->Data, sizeof port);
    EXPECT_EQ(port, 8080U);
    EXPECT_EQ(needed, 16U);
    ZwClose(key);
}

TEST_F(ZwKey, ShortBuffersLearnWhatIsNeeded) {
    HANDLE key = open_parameters();
    struct {
        KEY_VALUE_INFORMATION_CLASS form;
        ULONG fixed;
        ULONG needed;
    } const cases[] = {
        {KeyValueBasicInformation, 12, 12 + 8},
        {KeyValueFullInformation, 20, 20 + 8 + 10},
        {KeyValuePartialInformation, 12, 12 + 10},
    };
    for (const auto& expected : cases) {
        alignas(8) UCHAR buffer[64] = {};
        ULONG needed = 0;
        EXPECT_EQ(query(key, L"Name", expected.form, nullptr, 0, &needed), STATUS_BUFFER_TOO_SMALL);
        EXPECT_EQ(needed, expected.needed);
        EXPECT_EQ(query(key, L"Name", expected.form, buffer, expected.fixed - 1, &needed),
                  STATUS_BUFFER_TOO_SMALL);
        EXPECT_EQ(query(key, L"Name", expected.form, buffer, expected.fixed, &needed),
                  STATUS_BUFFER_OVERFLOW);
        EXPECT_EQ(needed, expected.needed);
        EXPECT_EQ(buffer[expected.fixed], 0);
        EXPECT_EQ(query(key, L"Name", expected.form, buffer, expected.needed - 1, &needed),
                  STATUS_BUFFER_OVERFLOW);
        EXPECT_EQ(query(key, L"Name", expected.form, buffer, expected.needed, &needed),
                  STATUS_SUCCESS);
    }
    ZwClose(key);
}

TEST_F(ZwKey, FullInformationSaysWhereTheBytesAre) {
    HANDLE key = open_parameters();
    alignas(8) UCHAR buffer[64];
    ULONG needed = 0;
    ASSERT_EQ(query(key, L"NAME", KeyValueFullInformation, buffer, sizeof buffer, &needed),
              STATUS_SUCCESS);
    const auto* const information = reinterpret_cast<KEY_VALUE_FULL_INFORMATION*>(buffer);
    EXPECT_EQ(information->Type, REG_SZ);
    EXPECT_EQ(rtl::to_utf8({information->Name, information->NameLength / sizeof(WCHAR)}), "Name");
    EXPECT_EQ(information->DataOffset % 4, 0U);
    EXPECT_EQ(information->DataLength, 10U);
    EXPECT_EQ(rtl::utf8(reinterpret_cast<PCWSTR>(buffer + information->DataOffset)), "echo");
    ZwClose(key);
}

TEST_F(ZwKey, AnEmptyValueHasOnlyFixedFields) {
    HANDLE key = open_parameters();
    KEY_VALUE_PARTIAL_INFORMATION information = {};
    ULONG needed = 0;
    EXPECT_EQ(query(key, L"Empty", KeyValuePartialInformation, &information, 12, &needed),
              STATUS_SUCCESS);
    EXPECT_EQ(needed, 12U);
    EXPECT_EQ(information.DataLength, 0U);
    ZwClose(key);
}

TEST_F(ZwKey, UnknownValuesAndFormsAreRefused) {
    HANDLE key = open_parameters();
    ULONG needed = 0;
    EXPECT_EQ(query(key, L"Other", KeyValuePartialInformation, nullptr, 0, &needed),
              STATUS_OBJECT_NAME_NOT_FOUND);
    EXPECT_EQ(query(key, L"Port", MaxKeyValueInfoClass, nullptr, 0, &needed),
              STATUS_INVALID_PARAMETER);
    ZwClose(key);
}

}  // namespace
}  // namespace owsk::nt::zw
