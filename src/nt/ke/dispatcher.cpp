// SPDX-License-Identifier: MIT
// One DPC queue for each processor of the host.
#include "nt/ke/dispatcher.h"

namespace owsk::nt::ke {

Dispatcher::Dispatcher(host::Host& host) : timers(host, mu) {
    for (unsigned number = 0; number < host.processor_count(); ++number) {
        dpc_queues_.push_back(std::make_unique<DpcQueue>(host.processor(number), mu));
    }
}

}  // namespace owsk::nt::ke
