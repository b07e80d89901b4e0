// SPDX-License-Identifier: MIT
// Who was called before whom, and who succeeded first.
#include "simulation/checkers/order.h"

#include <ntstatus.h>

namespace owsk::scenarios {

OrderChecker::Id OrderChecker::calling(std::size_t socket, const char* function) {
    Queue& queue = open_[{socket, function}];
    queue.push_back({++now_});
    return {&queue, std::prev(queue.end()), function};
}

void OrderChecker::forget_if_over(const Id& id) {
    if (id.request->returned != 0 && id.request->is_complete) {
        id.queue->erase(id.request);
    }
}

void OrderChecker::returned(const Id& id) {
    id.request->returned = ++now_;
    forget_if_over(id);
}

void OrderChecker::completed(const Id& id, NTSTATUS status) {
    Request& request = *id.request;
    request.is_complete = true;
    if (NT_SUCCESS(status)) {
        if (request.is_overtaken) {
            complaints_.complain(
                name, std::string(id.function) + " succeeded after one that was called later");
        }
        // Of calls that overlap, on two threads, nobody knows which was first.
        for (Request& other : *id.queue) {
            const bool is_older = other.returned != 0 && other.returned < request.called;
            other.is_overtaken = other.is_overtaken || (is_older && !other.is_complete);
        }
    }
    forget_if_over(id);
}

}  // namespace owsk::scenarios
