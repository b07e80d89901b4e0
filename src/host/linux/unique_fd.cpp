// SPDX-License-Identifier: MIT
// Apart from the class: the headers of the system calls say of some names what wsk.h says
// otherwise.
#include "host/linux/unique_fd.h"

#include "host/linux/system_call.h"

namespace owsk::host {

void UniqueFd::close(int fd) noexcept {
    system_call::close(fd);
}

}  // namespace owsk::host
