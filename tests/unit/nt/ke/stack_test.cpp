// SPDX-License-Identifier: MIT
// Names in reports.
#include "nt/ke/stack.h"

#include <gmock/gmock.h>

namespace owsk::nt::ke {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::StartsWith;

[[gnu::noinline]] int hidden_function() {
    return 1;
}

// As optimisers name the part of a function that they have made of their own.
[[gnu::noinline]] int a_part() __asm__("whole_function.isra.0.cold");
int a_part() {
    return 2;
}

struct Thrown {
    Stack stack;
};

[[noreturn, gnu::noinline]] void capture_and_throw() {
    throw Thrown{Stack::capture()};
}

[[noreturn, gnu::noinline]] void ends_with_a_call() {
    capture_and_throw();
}

TEST(SymbolOf, NamesAFunctionThatOthersCannotSee) {
    const auto* const address = reinterpret_cast<const char*>(&hidden_function);
    EXPECT_THAT(symbol_of(address), MatchesRegex(".*::hidden_function\\(\\) \\([^/]+\\)"));
    EXPECT_THAT(symbol_of(address + 1), HasSubstr("::hidden_function()+0x1 ("));
}

TEST(SymbolOf, NamesTheFunctionOfAPart) {
    EXPECT_THAT(symbol_of(reinterpret_cast<const void*>(&a_part)), StartsWith("whole_function ("));
}

TEST(SymbolOf, GivesTheNumberOfWhatIsInNoModule) {
    const int local = 0;
    EXPECT_THAT(symbol_of(&local), StartsWith("0x"));
}

TEST(Stack, NamesTheCallerEvenIfTheCallWasItsLastInstruction) {
    try {
        ends_with_a_call();
    } catch (const Thrown& thrown) {
        // The address sanitizer has a frame of its own before them.
        EXPECT_THAT(thrown.stack.to_text(),
                    MatchesRegex("(.|\n)*  .*::capture_and_throw\\(\\)\\+.*\n"
                                 " +[0-9]+  .*::ends_with_a_call\\(\\)\\+(.|\n)*"));
    }
}

struct Scope {
    [[gnu::noinline]] static std::string text(const char* inner) {
        return Stack::capture().to_text(inner);
    }
};

TEST(Stack, BeginsOutsideOfWhereItWasCaptured) {
    const std::string whole = Scope::text(nullptr);
    const std::string outside = Scope::text("owsk::nt::ke::(anonymous namespace)::Scope::");
    EXPECT_THAT(whole, HasSubstr("Scope::text"));
    EXPECT_THAT(outside, MatchesRegex(" +0  .*BeginsOutsideOfWhereItWasCaptured(.|\n)*"));
}

TEST(Stack, IsWholeIfNothingOfItIsThere) {
    EXPECT_THAT(Scope::text("nowhere::"), HasSubstr("Scope::text"));
}

}  // namespace
}  // namespace owsk::nt::ke
