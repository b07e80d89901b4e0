// SPDX-License-Identifier: MIT
// A scripted computer, as its test sees it.
#include <openwsk/simulation.h>

#include <utility>

#include "machine/simulation/parts.h"

namespace owsk {

Script::Script(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

Script::~Script() = default;

bool Script::has_passed() const {
    return parts_->peer.progress() == net::script::Progress::passed;
}

bool Script::has_failed() const {
    return parts_->peer.progress() == net::script::Progress::failed;
}

std::string Script::report() const {
    return has_failed() ? parts_->peer.failure() : parts_->peer.report();
}

}  // namespace owsk
