// SPDX-License-Identifier: MIT
// ModuleList: the driver modules of a machine. They stay mapped until the machine ends, so that a
// leak that is found after the driver is gone can still say where in the driver it began.
#pragma once

#include <memory>
#include <vector>

#include "base/mutex.h"
#include "loader/module.h"

namespace owsk {

class ModuleList {
  public:
    void keep(std::unique_ptr<loader::Module> module) OWSK_EXCLUDES(mu_) {
        Lock lock(mu_);
        modules_.push_back(std::move(module));
    }

  private:
    Mutex mu_{Rank::executive};
    std::vector<std::unique_ptr<loader::Module>> modules_ OWSK_GUARDED_BY(mu_);
};

}  // namespace owsk
