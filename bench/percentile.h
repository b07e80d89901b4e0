// SPDX-License-Identifier: MIT
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace bench {

// Reorders `values`, which must not be empty.
inline double percentile(std::vector<double>& values, std::size_t percent) {
    const auto position =
        values.begin() + static_cast<std::ptrdiff_t>(values.size() * percent / 100);
    std::nth_element(values.begin(), position, values.end());
    return *position;
}

}  // namespace bench
