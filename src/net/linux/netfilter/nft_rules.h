// SPDX-License-Identifier: MIT
// NftRules: SynRules of nf_tables, one table for each family. No program is needed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "net/linux/netfilter/netlink_socket.h"
#include "net/linux/netfilter/syn_rules.h"

namespace owsk::net {

// Removes the tables of that name. Harmless when there are none, or when they are not ours.
void remove_nft_tables(const std::string& name) noexcept;

class NftRules final : public SynRules {
  public:
    // `native`: by the queue expression, else by the NFQUEUE target.
    NftRules(std::string name, QueueRange queues, bool native) noexcept;
    NftRules(const NftRules&) = delete;
    NftRules& operator=(const NftRules&) = delete;
    ~NftRules() override;

    NTSTATUS add(const Address& local, bool with_ipv4) noexcept override;
    NTSTATUS remove(const Address& local, bool with_ipv4) noexcept override;
    bool refuses() const override { return refuses_; }
    std::string name() const override;
    std::string refusal() const override { return refusal_; }

  private:
    struct Rule {
        std::uint8_t family;
        const char* chain;
        std::uint64_t handle;
    };
    struct Added {
        std::vector<Address> matched;
        std::vector<Rule> rules;
    };

    NTSTATUS refuse(const std::string& what, int error) noexcept;
    // The table and chains of a family are made when its first rule needs them.
    int make_table(std::uint8_t family) noexcept;
    int make_table(std::uint8_t family, std::uint32_t flags) noexcept;
    int make_refusal(std::uint8_t family) noexcept;
    void put_rules(NetlinkMessages& messages, const Address& local) const noexcept;
    void begin_rule(NetlinkMessages& messages,
                    std::uint8_t family,
                    std::string_view chain,
                    std::uint16_t flags) const noexcept;

    const std::string name_;
    const QueueRange queues_;
    const bool native_;
    // The tables belong to this socket: the kernel removes them with it, even if we are killed.
    std::optional<NetlinkSocket> socket_;
    NTSTATUS socket_status_ = STATUS_SUCCESS;
    std::vector<std::uint8_t> families_;  // that have a table
    std::vector<Added> added_;
    bool knows_destinations_ = true;  // the kernel can tell what kind of address one is
    bool refuses_ = true;
    std::string refusal_;
};

}  // namespace owsk::net
