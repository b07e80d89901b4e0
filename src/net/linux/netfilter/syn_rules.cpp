// SPDX-License-Identifier: MIT
// Which kind of rules works is found out by trying: configuration and versions tell only half of
// it.
#include "net/linux/netfilter/syn_rules.h"

#include <sys/socket.h>

#include <array>
#include <utility>

#include "host/linux/unique_fd.h"
#include "net/flow.h"
#include "net/linux/netfilter/legacy_rules.h"
#include "net/linux/netfilter/nft_rules.h"

namespace owsk::net {

namespace {

constexpr std::array kinds = {RuleKind::nft_queue, RuleKind::nft_compat, RuleKind::legacy};

std::unique_ptr<SynRules> make_rules(RuleKind kind, const std::string& name, QueueRange queues) {
    if (kind == RuleKind::legacy) {
        return std::make_unique<LegacyRules>(name, queues);
    }
    return std::make_unique<NftRules>(name, queues, kind == RuleKind::nft_queue);
}

bool has_ipv6() noexcept {
    return static_cast<bool>(host::UniqueFd(::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0)));
}

// No segment is ever for port 0.
NTSTATUS try_rules(SynRules& rules) noexcept {
    std::vector<Address> addresses = {{.family = Family::ipv4, .ip = {127, 0, 0, 1}}};
    if (has_ipv6()) {
        addresses.push_back({.family = Family::ipv6});
    }
    for (const Address& address : addresses) {
        if (const NTSTATUS status = rules.add(address, false); !NT_SUCCESS(status)) {
            return status;
        }
        if (const NTSTATUS status = rules.remove(address, false); !NT_SUCCESS(status)) {
            return status;
        }
    }
    return STATUS_SUCCESS;
}

constexpr auto get_privilege =
    "run as root, or with CAP_NET_ADMIN and CAP_NET_RAW as ambient capabilities, or inside "
    "'unshare -Urn'";

constexpr auto get_support =
    "the kernel needs nft_queue, or xt_NFQUEUE together with nft_compat or the iptables-legacy "
    "programs";

// The end of a sentence.
std::string objection(const std::string& refusals, const char* remedy) {
    return "no rule that queues SYN segments can be added in this network namespace (" + refusals +
           "); " + remedy;
}

template <typename Kinds>
OpenedRules open_first(const Kinds& candidates, const std::string& name, QueueRange queues) {
    remove_leftovers(name);
    std::string refusals;
    for (const RuleKind kind : candidates) {
        std::unique_ptr<SynRules> rules = make_rules(kind, name, queues);
        const NTSTATUS status = try_rules(*rules);
        if (NT_SUCCESS(status)) {
            return {.rules = std::move(rules), .reason = {}};
        }
        const std::string refusal = rules->name() + ": " + rules->refusal();
        if (status == STATUS_ACCESS_DENIED) {
            // All kinds need the same privilege.
            return {.rules = nullptr, .reason = objection(refusal, get_privilege)};
        }
        refusals += (refusals.empty() ? "" : "; ") + refusal;
    }
    return {.rules = nullptr, .reason = objection(refusals, get_support)};
}

}  // namespace

OpenedRules open_syn_rules(const std::string& name, QueueRange queues) noexcept {
    return open_first(kinds, name, queues);
}

OpenedRules open_syn_rules(RuleKind kind, const std::string& name, QueueRange queues) noexcept {
    return open_first(std::array{kind}, name, queues);
}

void remove_leftovers(const std::string& name) noexcept {
    remove_nft_tables(name);
    remove_used_legacy_chains(name);
}

std::vector<Address> matched_addresses(const Address& local, bool with_ipv4) noexcept {
    const Address plain = v4_unmapped(local);
    std::vector<Address> matched = {{.family = plain.family, .port = plain.port, .ip = plain.ip}};
    if (local.family == Family::ipv6 && local.is_wildcard() && with_ipv4) {
        matched.push_back({.family = Family::ipv4, .port = local.port});
    }
    return matched;
}

}  // namespace owsk::net
