// SPDX-License-Identifier: MIT
// What only C++ has, around the same blocks: headers of its library before and after, lambdas,
// member functions, and handlers of its own exceptions.
#include <vector>

#define main main_of_c
#include "guarded.c"
#undef main

#include <map>
#include <stdexcept>
#include <string>

namespace {

class Guarded {
  public:
    int member(bool early) const {
        __try {
            if (early) {
                return value_;
            }
        } __finally {
            note('m');
        }
        return -1;
    }

  private:
    int value_ = 3;
};

std::string by_value(bool early) {
    const std::map<int, std::vector<int>> numbers{{1, {2, 3}}};
    __try {
        const auto first = [&] { return numbers.at(1).front(); };
        if (early && first() == 2) {
            return std::string("early");
        }
    } __finally {
        const auto twice = [](char c) {
            note(c);
            note(c);
        };
        twice('l');
    }
    return {};
}

int catches() {
    try {
        throw std::runtime_error("x");
    } catch (const std::runtime_error& error) {
        return error.what()[0] == 'x' ? 4 : 0;
    }
}

}  // namespace

int main() {
    expect("member", Guarded().member(true), 3, "m");
    expect("by_value(true)", by_value(true) == "early", 1, "ll");
    expect("by_value(false)", by_value(false).empty(), 1, "ll");
    expect("catches", catches(), 4, "");
    return main_of_c();
}
