// SPDX-License-Identifier: MIT
// Key: an open registry key. It names a path; the values are looked up when they are asked for.
#pragma once

#include <string>
#include <utility>

#include "nt/ob/object.h"

namespace owsk::nt::cm {

class Key final : public ob::Object {
  public:
    explicit Key(std::string path) : Object(ob::key_type), path_(std::move(path)) {}

    const std::string& path() const noexcept { return path_; }
    std::string description() const override { return "key " + path_; }

  private:
    const std::string path_;
};

}  // namespace owsk::nt::cm
