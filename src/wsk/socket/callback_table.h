// SPDX-License-Identifier: MIT
// CallbackTable: a table of callbacks that a driver has named for a socket. It is the driver's, and
// must stay as it is until the socket is closed; whether it has is seen before each use.
#pragma once

#include <wsk.h>

#include <array>
#include <cstring>

#include "nt/ke/bug_check.h"
#include "nt/mm/foreign.h"

namespace owsk::wsk {

template <typename Table>
class CallbackTable {
  public:
    // No callbacks.
    CallbackTable() = default;
    // `table` may be NULL. `function` has named it, for reports.
    CallbackTable(const void* table, const char* function) noexcept : function_(function) {
        if (table == nullptr) {
            return;
        }
        nt::mm::require_memory(table, sizeof(Table), "a table of callbacks", function);
        // Not by assignment: the driver may have it where it pleases, also unaligned.
        std::memcpy(&copy_, table, sizeof(Table));
        original_ = table;
        std::array<const void*, sizeof(Table) / sizeof(void*)> callbacks;
        std::memcpy(callbacks.data(), &copy_, sizeof(Table));
        for (const void* callback : callbacks) {
            if (callback != nullptr) {
                nt::mm::require_memory(
                    callback, 1, "a table of callbacks with a function", function);
            }
        }
    }

    // What the driver has named, for the question whether it names a callback at all. All null if
    // it has named no table.
    const Table& named() const noexcept { return copy_; }
    // The same for a call.
    const Table* operator->() const noexcept {
        if (original_ != nullptr) {
            require_unchanged();
        }
        return &copy_;
    }

  private:
    void require_unchanged() const noexcept {
        if (!host::is_readable(original_, sizeof(Table)) ||
            std::memcmp(original_, &copy_, sizeof(Table)) != 0) {
            refuse_change();
        }
    }
    [[noreturn, gnu::cold, gnu::noinline]] void refuse_change() const noexcept {
        nt::ke::broken_rule(
            Rule::callback_table_changed,
            std::string("The table of callbacks that ") + function_ +
                " was given has changed. It must stay as it is until the socket is closed; one on "
                "a stack does not.",
            reinterpret_cast<ULONG_PTR>(original_));
    }

    const void* original_ = nullptr;
    const char* function_ = "";
    Table copy_ = {};
};

}  // namespace owsk::wsk
