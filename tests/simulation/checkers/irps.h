// SPDX-License-Identifier: MIT
// IrpChecker: every IRP that goes into a WSK function completes once, as the call's return value
// says.
#pragma once

#include <ntdef.h>

#include <cstddef>
#include <string>
#include <vector>

#include "simulation/checkers/complaints.h"

namespace owsk::scenarios {

class IrpChecker {
  public:
    using Id = std::size_t;
    static constexpr const char* name = "irps";

    explicit IrpChecker(Complaints& complaints) : complaints_(complaints) {}

    // `what` is the function; it lives as long as the checker.
    Id issued(const char* what);
    void returned(Id id, NTSTATUS status);
    void completed(Id id, NTSTATUS status, bool pending_returned);
    bool is_complete(Id id) const { return irps_[id].completions != 0; }
    // Everything that was issued must have completed.
    void check_end();

  private:
    struct Irp {
        const char* what;
        unsigned completions = 0;
        NTSTATUS status = 0;
        bool pending_returned = false;
        bool has_returned = false;
        NTSTATUS returned = 0;
    };

    std::string name_of(Id id) const;

    Complaints& complaints_;
    std::vector<Irp> irps_;
};

}  // namespace owsk::scenarios
