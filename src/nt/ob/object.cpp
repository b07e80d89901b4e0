// SPDX-License-Identifier: MIT
// From a driver's pointer to the object, and the end of an object.
#include "nt/ob/object.h"

#include <cstring>

#include "base/dead_mark.h"
#include "nt/ke/bug_check.h"

namespace owsk::nt::ob {

namespace {

// What stands in front of a body, read without the claim that there is an object.
std::uint64_t word_before(const void* body) noexcept {
    std::uint64_t word;
    std::memcpy(&word, static_cast<const char*>(body) - sizeof word, sizeof word);
    return word;
}

}  // namespace

Object::~Object() {
    mark_dead(signature_, dead);
}

Object& Object::from_body(const volatile void* volatile_body, const char* function) noexcept {
    void* const body = const_cast<void*>(volatile_body);
    if (body == nullptr || word_before(body) != alive) {
        ke::broken_rule(
            Rule::object_not_recognized,
            std::string(function) +
                " was given a pointer to something that is not an object, or no longer is one.",
            reinterpret_cast<ULONG_PTR>(body));
    }
    return static_cast<Object*>(body)[-1];
}

void Object::dereference() noexcept {
    const std::int64_t left = references_.fetch_sub(1, std::memory_order_acq_rel) - 1;
    if (left < 0) {
        ke::broken_rule(Rule::object_dereferenced_too_often,
                        {.parameters = {reinterpret_cast<ULONG_PTR>(&type_),
                                        reinterpret_cast<ULONG_PTR>(body()),
                                        0,
                                        static_cast<ULONG_PTR>(left)},
                         .sentence = "An object was dereferenced more often than referenced: " +
                                     std::string(type_.name) + '.'});
    }
    if (left == 0) {
        delete this;
    }
}

}  // namespace owsk::nt::ob
