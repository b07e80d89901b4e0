// SPDX-License-Identifier: MIT
// RLIMIT_NOFILE.
#include "descriptor_limit.h"

#include <sys/resource.h>

namespace wskrun {

DescriptorLimit descriptor_limit() {
    rlimit limit = {};
    getrlimit(RLIMIT_NOFILE, &limit);
    return {limit.rlim_cur, limit.rlim_max};
}

void raise_descriptor_limit() {
    const DescriptorLimit limit = descriptor_limit();
    const rlimit raised = {limit.allowed, limit.allowed};
    setrlimit(RLIMIT_NOFILE, &raised);
}

}  // namespace wskrun
