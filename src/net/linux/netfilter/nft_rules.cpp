// SPDX-License-Identifier: MIT
// For what comes in and for what goes out: a chain at the hook sorts out in one step what no rule
// can want, so that data does not pay for the number of listeners; a chain behind it has the rules.
#include "net/linux/netfilter/nft_rules.h"

#include <arpa/inet.h>
#include <endian.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "net/linux/errno_map.h"
#include "net/linux/netfilter/nft_expressions.h"

namespace owsk::net {

namespace {

// The filter of the administrator is at 0.
constexpr std::uint32_t priority = 10;

constexpr std::array<std::uint8_t, 2> all_families = {NFPROTO_IPV4, NFPROTO_IPV6};

struct Way {
    std::uint32_t hook;
    const char* hook_chain;
    std::uint8_t wanted;  // one of these flags at least
    const char* rule_chain;
    End end;  // which is the listener
};
constexpr Way way_in = {NF_INET_LOCAL_IN, "input", TH_SYN | TH_RST, "incoming", End::destination};
constexpr Way way_out = {NF_INET_LOCAL_OUT, "output", TH_RST, "outgoing", End::source};

// What is queued of the segments of a listener: those whose flags under `mask` are `value`.
struct Selection {
    const Way& way;
    std::uint8_t mask;
    std::uint8_t value;
};
constexpr std::array selections = {
    Selection{way_in, TH_FIN | TH_SYN | TH_RST | TH_ACK, TH_SYN},
    Selection{way_in, TH_RST, TH_RST},
    Selection{way_out, TH_RST | TH_ACK, TH_RST},
};

constexpr std::uint16_t rules_message(int message) noexcept {
    return static_cast<std::uint16_t>((NFNL_SUBSYS_NFTABLES << 8) | message);
}

std::uint8_t family_of(const Address& address) noexcept {
    return address.family == Family::ipv4 ? NFPROTO_IPV4 : NFPROTO_IPV6;
}

void put_chain_at_hook(NetlinkMessages& messages,
                       std::uint8_t family,
                       const std::string& table,
                       const Way& way) noexcept {
    messages.begin(rules_message(NFT_MSG_NEWCHAIN), NLM_F_CREATE | NLM_F_ACK, family);
    messages.put_text(NFTA_CHAIN_TABLE, table);
    messages.put_text(NFTA_CHAIN_NAME, way.hook_chain);
    messages.put_text(NFTA_CHAIN_TYPE, "filter");
    messages.open(NFTA_CHAIN_HOOK);
    messages.put_be32(NFTA_HOOK_HOOKNUM, way.hook);
    messages.put_be32(NFTA_HOOK_PRIORITY, priority);
    messages.close();
    messages.put_be32(NFTA_CHAIN_POLICY, NF_ACCEPT);
}

void put_chain_of_rules(NetlinkMessages& messages,
                        std::uint8_t family,
                        const std::string& table,
                        const Way& way) noexcept {
    messages.begin(rules_message(NFT_MSG_NEWCHAIN), NLM_F_CREATE | NLM_F_ACK, family);
    messages.put_text(NFTA_CHAIN_TABLE, table);
    messages.put_text(NFTA_CHAIN_NAME, way.rule_chain);
}

// Asking is cheap; a transaction, even one that fails, waits until every CPU has come round.
bool has_table(NetlinkSocket& socket, std::uint8_t family, const std::string& name) noexcept {
    NetlinkMessages messages;
    messages.begin(rules_message(NFT_MSG_GETTABLE), NLM_F_ACK, family);
    messages.put_text(NFTA_TABLE_NAME, name);
    return socket.request(messages) == 0;
}

int remove_table(NetlinkSocket& socket, std::uint8_t family, const std::string& name) noexcept {
    NetlinkMessages messages;
    messages.begin_batch(NFNL_SUBSYS_NFTABLES);
    messages.begin(rules_message(NFT_MSG_DELTABLE), NLM_F_ACK, family);
    messages.put_text(NFTA_TABLE_NAME, name);
    messages.end_batch(NFNL_SUBSYS_NFTABLES);
    return socket.request(messages);
}

std::optional<std::uint64_t> rule_handle(const NetlinkMessage& message) noexcept {
    if (message.type != rules_message(NFT_MSG_NEWRULE)) {
        return std::nullopt;
    }
    std::span<const std::byte> rest = nfnetlink_attributes(message);
    while (const auto attribute = take_attribute(rest)) {
        if (attribute->type == NFTA_RULE_HANDLE) {
            const auto handle = read_value<std::uint64_t>(attribute->value);
            return handle ? std::optional(be64toh(*handle)) : std::nullopt;
        }
    }
    return std::nullopt;
}

}  // namespace

void remove_nft_tables(const std::string& name) noexcept {
    if (Result<NetlinkSocket> socket = NetlinkSocket::open()) {
        for (const std::uint8_t family : all_families) {
            if (has_table(*socket, family, name)) {
                static_cast<void>(remove_table(*socket, family, name));
            }
        }
    }
}

NftRules::NftRules(std::string name, QueueRange queues, bool native) noexcept
    : name_(std::move(name)), queues_(queues), native_(native) {
    Result<NetlinkSocket> socket = NetlinkSocket::open();
    if (socket) {
        socket_ = std::move(*socket);
    } else {
        socket_status_ = socket.status();
    }
}

NftRules::~NftRules() {
    for (const std::uint8_t family : families_) {
        static_cast<void>(remove_table(*socket_, family, name_));
    }
}

std::string NftRules::name() const {
    return native_ ? "nf_tables" : "nf_tables with xt_NFQUEUE";
}

NTSTATUS NftRules::refuse(const std::string& what, int error) noexcept {
    refusal_ = "the kernel refuses " + what + ", " + std::strerror(error);
    return status_from_errno(error);
}

NTSTATUS NftRules::add(const Address& local, bool with_ipv4) noexcept {
    if (!socket_) {
        refusal_ = "the kernel has no netfilter sockets";
        return socket_status_;
    }
    Added added = {.matched = matched_addresses(local, with_ipv4), .rules = {}};
    NetlinkMessages messages;
    messages.begin_batch(NFNL_SUBSYS_NFTABLES);
    for (const Address& address : added.matched) {
        if (const int error = make_table(family_of(address)); error != 0) {
            return refuse("a table", error);
        }
        put_rules(messages, address);
    }
    messages.end_batch(NFNL_SUBSYS_NFTABLES);

    std::vector<std::uint64_t> handles;
    int error = socket_->request(messages, [&handles](const NetlinkMessage& message) {
        if (const auto handle = rule_handle(message)) {
            handles.push_back(*handle);
        }
    });
    if (error == 0 && handles.size() != added.matched.size() * selections.size()) {
        // Without handles a rule could not be removed.
        error = EPROTO;
    }
    if (error != 0) {
        const std::string what = native_ ? "queue expression" : "NFQUEUE target";
        const NTSTATUS status = refuse("a rule with " + what, error);
        if (error == ENOENT) {
            refusal_ = "the kernel has no " + what;
        }
        return status;
    }
    for (std::size_t at = 0; at < handles.size(); ++at) {
        added.rules.push_back({.family = family_of(added.matched[at / selections.size()]),
                               .chain = selections[at % selections.size()].way.rule_chain,
                               .handle = handles[at]});
    }
    added_.push_back(std::move(added));
    return STATUS_SUCCESS;
}

NTSTATUS NftRules::remove(const Address& local, bool with_ipv4) noexcept {
    const std::vector<Address> matched = matched_addresses(local, with_ipv4);
    const auto found = std::find_if(added_.begin(), added_.end(), [&matched](const Added& added) {
        return added.matched == matched;
    });
    if (found == added_.end()) {
        refusal_ = "the rule was never added";
        return STATUS_NOT_FOUND;
    }
    NetlinkMessages messages;
    messages.begin_batch(NFNL_SUBSYS_NFTABLES);
    for (const Rule& rule : found->rules) {
        messages.begin(rules_message(NFT_MSG_DELRULE), NLM_F_ACK, rule.family);
        messages.put_text(NFTA_RULE_TABLE, name_);
        messages.put_text(NFTA_RULE_CHAIN, rule.chain);
        messages.put_be64(NFTA_RULE_HANDLE, rule.handle);
    }
    messages.end_batch(NFNL_SUBSYS_NFTABLES);
    const int error = socket_->request(messages);
    if (error != 0 && error != ENOENT) {
        return refuse("to remove a rule", error);
    }
    // ENOENT: somebody else has removed them.
    added_.erase(found);
    return STATUS_SUCCESS;
}

int NftRules::make_table(std::uint8_t family) noexcept {
    if (std::find(families_.begin(), families_.end(), family) != families_.end()) {
        return 0;
    }
    std::uint32_t flags = NFT_TABLE_F_OWNER;
    int error = make_table(family, flags);
    if (error == EOPNOTSUPP || error == EINVAL) {
        // Before Linux 5.12 tables have no owner.
        flags = 0;
        error = make_table(family, flags);
    }
    if (error == ENOENT && knows_destinations_) {
        knows_destinations_ = false;
        error = make_table(family, flags);
    }
    if (error == 0) {
        families_.push_back(family);
        refuses_ = make_refusal(family) == 0 && refuses_;
    }
    return error;
}

// Before all other rules of what comes in: who is to be refused is not asked about again.
int NftRules::make_refusal(std::uint8_t family) noexcept {
    NetlinkMessages messages;
    messages.begin_batch(NFNL_SUBSYS_NFTABLES);
    begin_rule(messages, family, way_in.rule_chain, 0);
    put_match_mark(messages, refusal_mark);
    put_match_tcp(messages);
    put_set_mark(messages, 0);
    put_reject_by_reset(messages);
    messages.close();
    messages.end_batch(NFNL_SUBSYS_NFTABLES);
    return socket_->request(messages);
}

int NftRules::make_table(std::uint8_t family, std::uint32_t flags) noexcept {
    NetlinkMessages messages;
    messages.begin_batch(NFNL_SUBSYS_NFTABLES);
    messages.begin(rules_message(NFT_MSG_NEWTABLE), NLM_F_CREATE | NLM_F_EXCL | NLM_F_ACK, family);
    messages.put_text(NFTA_TABLE_NAME, name_);
    messages.put_be32(NFTA_TABLE_FLAGS, flags);
    for (const Way* const way : {&way_in, &way_out}) {
        put_chain_at_hook(messages, family, name_, *way);
        put_chain_of_rules(messages, family, name_, *way);
        begin_rule(messages, family, way->hook_chain, 0);
        put_match_tcp(messages);
        put_match_any_flag(messages, way->wanted);
        if (way == &way_in) {
            put_match_for_this_host(messages);
            if (knows_destinations_) {
                put_match_one_destination(messages);
            }
        }
        put_jump(messages, way->rule_chain);
        messages.close();
    }
    messages.end_batch(NFNL_SUBSYS_NFTABLES);
    return socket_->request(messages);
}

void NftRules::begin_rule(NetlinkMessages& messages,
                          std::uint8_t family,
                          std::string_view chain,
                          std::uint16_t flags) const noexcept {
    messages.begin(rules_message(NFT_MSG_NEWRULE),
                   static_cast<std::uint16_t>(NLM_F_CREATE | NLM_F_APPEND | NLM_F_ACK | flags),
                   family);
    messages.put_text(NFTA_RULE_TABLE, name_);
    messages.put_text(NFTA_RULE_CHAIN, chain);
    messages.open(NFTA_RULE_EXPRESSIONS);
}

void NftRules::put_rules(NetlinkMessages& messages, const Address& local) const noexcept {
    for (const Selection& selection : selections) {
        // The echo tells the handle.
        begin_rule(messages, family_of(local), selection.way.rule_chain, NLM_F_ECHO);
        // Tested already; again for those who list the rules, where ports and flags then have
        // names.
        put_match_tcp(messages);
        put_match_address(messages, selection.way.end, local);
        put_match_flags(messages, selection.mask, selection.value);
        if (native_) {
            put_queue(messages, queues_);
        } else {
            put_queue_target(messages, queues_);
        }
        messages.close();
    }
}

}  // namespace owsk::net
