// SPDX-License-Identifier: MIT
// OrderChecker: what a socket serves in order - its sends, its receives, its accepts - succeeds in
// the order in which it was called, whatever the completion mode.
#pragma once

#include <ntdef.h>

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <string>
#include <utility>

#include "simulation/checkers/complaints.h"

namespace owsk::scenarios {

class OrderChecker {
    struct Request {
        std::uint64_t called;
        std::uint64_t returned = 0;  // 0: not yet
        bool is_overtaken = false;
        bool is_complete = false;
    };
    using Queue = std::list<Request>;

  public:
    static constexpr const char* name = "order";

    // A request between its call and the end of both the call and the request.
    struct Id {
        Queue* queue = nullptr;
        Queue::iterator request = {};
        const char* function = nullptr;
    };

    explicit OrderChecker(Complaints& complaints) : complaints_(complaints) {}

    // `function` is about to be called on the socket with this number, and has returned.
    Id calling(std::size_t socket, const char* function);
    void returned(const Id& id);
    // Before, between or after these two.
    void completed(const Id& id, NTSTATUS status);

  private:
    static void forget_if_over(const Id& id);

    Complaints& complaints_;
    std::uint64_t now_ = 0;
    std::map<std::pair<std::size_t, std::string>, Queue> open_;
};

}  // namespace owsk::scenarios
