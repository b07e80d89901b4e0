// SPDX-License-Identifier: MIT
// By the number of letters to change, insert and remove.
#include "nearest.h"

#include <algorithm>
#include <cctype>
#include <numeric>

namespace wskrun {

namespace {

char lower(char letter) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
}

std::size_t distance(const std::string& a, const std::string& b) {
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < b.size(); ++j) {
            const std::size_t changed = diagonal + (lower(a[i]) == lower(b[j]) ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({changed, row[j] + 1, row[j + 1] + 1});
        }
    }
    return row.back();
}

}  // namespace

std::string did_you_mean(const std::string& name, const std::vector<std::string>& names) {
    const std::string* best = nullptr;
    // Two letters of a short name are most of it.
    std::size_t least = name.size() < 4 ? 2 : 3;
    for (const std::string& known : names) {
        const std::size_t far = distance(name, known);
        if (far < least) {
            least = far;
            best = &known;
        }
    }
    return best == nullptr ? "" : "; did you mean " + *best + '?';
}

}  // namespace wskrun
