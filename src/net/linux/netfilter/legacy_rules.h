// SPDX-License-Identifier: MIT
// LegacyRules: SynRules by the programs iptables-legacy and ip6tables-legacy, for kernels whose
// nf_tables cannot queue.
#pragma once

#include <array>
#include <string>
#include <vector>

#include "net/linux/netfilter/run_program.h"
#include "net/linux/netfilter/syn_rules.h"

namespace owsk::net {

// Removes the chains of that name from the legacy tables that are in use. Starts no program if none
// is, or if this user cannot see it.
void remove_used_legacy_chains(const std::string& name) noexcept;

class LegacyRules final : public SynRules {
  public:
    LegacyRules(std::string name, QueueRange queues) noexcept;
    LegacyRules(const LegacyRules&) = delete;
    LegacyRules& operator=(const LegacyRules&) = delete;
    ~LegacyRules() override;

    NTSTATUS add(const Address& local, bool with_ipv4) noexcept override;
    NTSTATUS remove(const Address& local, bool with_ipv4) noexcept override;
    // Their REJECT is for the table `filter` alone, which is past when a verdict is given.
    bool refuses() const override { return false; }
    std::string name() const override { return "iptables-legacy"; }
    std::string refusal() const override { return refusal_; }

  private:
    // Our chain of one family; made when its first rule needs it.
    struct Chain {
        std::string program;
        std::string table;
    };

    struct Rule {
        Family family;
        std::vector<std::string> words;
    };

    NTSTATUS make_chain(Family family) noexcept;
    std::vector<Rule> rules_for(const std::vector<Address>& matched) const;
    // `operation`: "-A" or "-D".
    ProgramEnd change(const std::string& operation, const Rule& rule) const;
    NTSTATUS refuse(const std::string& complaint) noexcept;

    const std::string name_;
    const QueueRange queues_;
    std::array<Chain, 2> chains_;  // of IPv4 and of IPv6
    std::vector<std::vector<Address>> added_;
    std::string refusal_;
};

}  // namespace owsk::net
