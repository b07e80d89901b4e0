// SPDX-License-Identifier: MIT
// Handles and references.
#include <gmock/gmock.h>

#include "unit/nt/executive_fixture.h"

namespace owsk::nt {
namespace {

using ObHandle = ExecutiveTest;
using testing::ElementsAre;

// An object whose end can be seen.
class Probe final : public ob::Object {
  public:
    explicit Probe(bool& ended) : Object(ob::file_type), ended_(ended) {}

  private:
    ~Probe() override { ended_ = true; }

    bool& ended_;
};

TEST_F(ObHandle, KeepsItsObjectUntilItIsClosed) {
    bool ended = false;
    const HANDLE handle = system().handles.insert(ob::make_object<Probe>(ended), 0);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(handle) % 4, 0U);
    EXPECT_FALSE(ended);
    EXPECT_EQ(ZwClose(handle), STATUS_SUCCESS);
    EXPECT_TRUE(ended);
    EXPECT_EQ(ZwClose(handle), STATUS_INVALID_HANDLE);
}

TEST_F(ObHandle, ReferenceOutlivesTheHandle) {
    bool ended = false;
    const HANDLE handle = system().handles.insert(ob::make_object<Probe>(ended), 0);
    PVOID object = nullptr;
    ASSERT_EQ(ObReferenceObjectByHandle(handle, 0, nullptr, KernelMode, &object, nullptr),
              STATUS_SUCCESS);
    ZwClose(handle);
    EXPECT_FALSE(ended);
    EXPECT_EQ(ObReferenceObject(object), 2);
    EXPECT_EQ(ObDereferenceObject(object), 1);
    EXPECT_EQ(ObDereferenceObject(object), 0);
    EXPECT_TRUE(ended);
}

TEST_F(ObHandle, OfAnotherTypeDoesNotMatch) {
    bool ended = false;
    const HANDLE handle = system().handles.insert(ob::make_object<Probe>(ended), 0);
    PVOID object = &ended;
    EXPECT_EQ(ObReferenceObjectByHandle(handle, 0, *PsThreadType, KernelMode, &object, nullptr),
              STATUS_OBJECT_TYPE_MISMATCH);
    EXPECT_EQ(object, nullptr);
    EXPECT_EQ(ZwWaitForSingleObject(handle, FALSE, nullptr), STATUS_OBJECT_TYPE_MISMATCH);
    ZwClose(handle);
}

TEST_F(ObHandle, UserModeGetsNoMoreAccessThanTheHandleHas) {
    bool ended = false;
    const HANDLE handle = system().handles.insert(ob::make_object<Probe>(ended), SYNCHRONIZE);
    PVOID object = nullptr;
    EXPECT_EQ(ObReferenceObjectByHandle(handle, DELETE, nullptr, UserMode, &object, nullptr),
              STATUS_ACCESS_DENIED);
    ZwClose(handle);
}

TEST_F(ObHandle, LeftOpenIsReported) {
    expect_leaks();
    bool ended = false;
    const HANDLE handle = system().handles.insert(ob::make_object<Probe>(ended), 0);
    EXPECT_EQ(system().report_leaks(), 1U);
    EXPECT_THAT(observer().leaks(),
                ElementsAre(testing::MatchesRegex("handle: handle 0x.* to file is still open")));
    ZwClose(handle);
}

// An object that gives back a reference that it does not have.
class Waster final : public ob::Object {
  public:
    Waster() : Object(ob::file_type) {}

  private:
    ~Waster() override { dereference(); }
};

TEST_F(ObHandle, OneDereferenceTooManyIsABugCheck) {
    EXPECT_DEATH(ob::make_object<Waster>(),
                 "REFERENCE_BY_POINTER\n.*rule: object-dereferenced-too-often\n.*: file"
                 "(.|\n)*parameter 4: 0xFFFFFFFFFFFFFFFF  reference count");
}

TEST_F(ObHandle, PointerToSomethingElseIsNoObject) {
    alignas(16) char memory[128] = {};
    EXPECT_DEATH(ObReferenceObject(&memory[64]), "rule: object-not-recognized");
}

}  // namespace
}  // namespace owsk::nt
