// SPDX-License-Identifier: MIT
// Complaints: where checkers say what is wrong. They watch a run from outside, and change nothing.
#pragma once

#include <string>

namespace owsk::scenarios {

class Complaints {
  public:
    // `checker` is its name, as canaries expect it.
    virtual void complain(const char* checker, const std::string& what) = 0;

  protected:
    ~Complaints() = default;
};

}  // namespace owsk::scenarios
