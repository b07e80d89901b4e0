// SPDX-License-Identifier: MIT
// The settings of the process that programs change: RLIMIT_NOFILE, and the CPUs of a thread.
#include <openwsk/process.h>
#include <sched.h>
#include <sys/resource.h>

namespace owsk {

DescriptorLimit descriptor_limit() noexcept {
    rlimit limit = {};
    ::getrlimit(RLIMIT_NOFILE, &limit);
    return {limit.rlim_cur, limit.rlim_max};
}

void raise_descriptor_limit() noexcept {
    const DescriptorLimit limit = descriptor_limit();
    const rlimit raised = {limit.allowed, limit.allowed};
    ::setrlimit(RLIMIT_NOFILE, &raised);
}

struct OneCpu::Allowed {
    cpu_set_t cpus;
};

OneCpu::OneCpu() : before_(std::make_unique<Allowed>()) {
    const int cpu = ::sched_getcpu();
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(static_cast<unsigned>(cpu < 0 ? 0 : cpu), &one);
    if (cpu < 0 || ::sched_getaffinity(0, sizeof before_->cpus, &before_->cpus) != 0 ||
        ::sched_setaffinity(0, sizeof one, &one) != 0) {
        before_.reset();
    }
}

OneCpu::~OneCpu() {
    if (before_ != nullptr) {
        ::sched_setaffinity(0, sizeof before_->cpus, &before_->cpus);
    }
}

}  // namespace owsk
