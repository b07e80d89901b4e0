// SPDX-License-Identifier: MIT
// Scripts that programs put together.
#include "net/script/script.h"

#include <algorithm>

#include "base/assert.h"

namespace owsk::net::script {

std::size_t PeerScript::add(Talk talk) {
    OWSK_ASSERT(std::none_of(talks_.begin(), talks_.end(), [&talk](const Talk& other) {
        return other.name == talk.name;
    }));
    talks_.push_back(std::move(talk));
    return talks_.size() - 1;
}

void PeerScript::add(Step step) {
    OWSK_ASSERT(!step.talk || *step.talk < talks_.size());
    steps_.push_back(std::move(step));
}

std::size_t PeerScript::connect(std::string name, const Address& remote) {
    return add({.name = std::move(name), .remote = remote});
}

std::size_t PeerScript::accept(std::string name, std::uint16_t local_port) {
    return add({.name = std::move(name), .local_port = local_port});
}

std::size_t PeerScript::datagrams(std::string name, const Address& remote) {
    return add({.name = std::move(name), .protocol = Protocol::udp, .remote = remote});
}

void PeerScript::send_again(std::size_t talk, std::string label) {
    add({.talk = talk, .action = step::SendAgain{std::move(label)}});
}

void PeerScript::expect_nothing(std::optional<std::size_t> talk, Duration duration) {
    add({.talk = talk, .action = step::ExpectNothing{duration}});
}

void PeerScript::discard(std::optional<std::size_t> talk) {
    add({.talk = talk, .action = step::Discard{}});
}

void PeerScript::wait(Duration duration) {
    add({.action = step::Wait{duration}});
}

void PeerScript::let(std::size_t talk, std::string name, Quantity value) {
    add({.talk = talk, .action = step::Let{std::move(name), std::move(value)}});
}

}  // namespace owsk::net::script
