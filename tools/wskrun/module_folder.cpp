// SPDX-License-Identifier: MIT
// A folder for one run.
#include "module_folder.h"

#include <stdlib.h>

namespace wskrun {

ModuleFolder::ModuleFolder() : folder_("wskrun") {
    if (!folder_.path().empty()) {
        setenv("TMPDIR", folder_.path().c_str(), 1);
    }
}

}  // namespace wskrun
