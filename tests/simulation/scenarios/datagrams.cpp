// SPDX-License-Identifier: MIT
// Drivers send datagrams to one that sends them back. It is shown them one by one or in lists, and
// takes, keeps or refuses them; what it refuses it is shown again, or receives by request. The
// others hear nobody but it, although a stranger sends them something, too. Nothing is lost, as the
// network loses nothing, and nothing comes twice.
#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/status_name.h"
#include "simulation/driver/datagram_end.h"
#include "simulation/run.h"
#include "simulation/scenario.h"
#include "simulation/server.h"

namespace owsk::scenarios {
namespace {

constexpr std::uint16_t datagram_port = 7;
constexpr const char* group = "239.0.0.7";
constexpr const char* to_all = "to all, ";

// The one that sends everything back.
struct DatagramEcho {
    Run& run;
    DatagramEnd& end;
    bool is_over = false;
    struct Kept {
        PWSK_DATAGRAM_INDICATION list;
        std::vector<DatagramEnd::Datagram> datagrams;
    };
    std::deque<Kept> kept = {};
    unsigned refused = 0;

    NTSTATUS shown(PWSK_DATAGRAM_INDICATION list,
                   const std::vector<DatagramEnd::Datagram>& datagrams) {
        for (const DatagramEnd::Datagram& datagram : datagrams) {
            if (datagram.is_multicast != datagram.text.starts_with(to_all)) {
                run.fail("the flags of WskReceiveFromEvent are not those of a datagram");
            }
        }
        const std::uint64_t what = run.below(5);
        run.note(end.server().name(), [&] {
            return "is shown " + std::to_string(datagrams.size()) + " datagrams, answer " +
                   std::to_string(what) + ": " + datagrams[0].text.substr(0, 40);
        });
        switch (what) {
            case 0:
                ++refused;
                return STATUS_DATA_NOT_ACCEPTED;
            case 1:
            case 2:
                kept.push_back({list, datagrams});
                return STATUS_PENDING;
            default:
                answer(datagrams);
                return STATUS_SUCCESS;
        }
    }

    void answer(const std::vector<DatagramEnd::Datagram>& datagrams) {
        for (const DatagramEnd::Datagram& datagram : datagrams) {
            end.send_to(
                datagram.from,
                std::make_shared<Buffer>(datagram.text, static_cast<unsigned>(run.between(1, 3))),
                [this](NTSTATUS status, ULONG_PTR) {
                    if (!NT_SUCCESS(status)) {
                        run.fail("an answer could not be sent: " + status_name(status));
                    }
                });
        }
    }

    // A thread that gives back what was kept, and enables the callback after a refusal.
    void look_after() {
        while (!is_over || !kept.empty()) {
            Server::sleep(run.moment(300us));
            if (!kept.empty()) {
                give_back();
            }
            if (refused != 0) {
                --refused;
                const bool enables_first = run.chance(50);
                if (enables_first) {
                    end.enable(WSK_EVENT_RECEIVE_FROM);
                }
                if (run.chance(50)) {
                    receive_instead();
                }
                if (!enables_first) {
                    end.enable(WSK_EVENT_RECEIVE_FROM);
                }
            }
        }
    }

    // What was refused, or what comes next; if it is too late for that, the callback has it.
    void receive_instead() {
        const CallRef call =
            end.receive_from(64 * 1024, [this](NTSTATUS status, const DatagramEnd::Datagram& got) {
                if (NT_SUCCESS(status)) {
                    answer({got});
                }
            });
        if (call != nullptr && run.chance(30)) {
            Server::sleep(run.moment(300us));
            call->cancel();
        }
    }

    void give_back() {
        const std::size_t index = run.below(kept.size());
        const Kept entry = kept[index];
        kept.erase(kept.begin() + static_cast<std::ptrdiff_t>(index));
        std::size_t number = 0;
        for (PWSK_DATAGRAM_INDICATION each = entry.list; each != nullptr; each = each->Next) {
            if (text_of(each->Buffer) != entry.datagrams.at(number++).text) {
                run.fail("a retained datagram has changed");
            }
        }
        answer(entry.datagrams);
        // As a whole, or one by one.
        const bool whole = run.chance(50);
        PWSK_DATAGRAM_INDICATION list = entry.list;
        while (list != nullptr) {
            const PWSK_DATAGRAM_INDICATION next = whole ? nullptr : list->Next;
            if (!whole) {
                list->Next = nullptr;
            }
            if (end.release(list) != STATUS_SUCCESS) {
                run.fail("a retained datagram could not be released");
            }
            list = next;
        }
    }
};

// One that sends, and waits for the echo.
struct DatagramSender {
    Run& run;
    DatagramEnd& end;
    const PeerAddress echo;
    unsigned rounds;
    unsigned number = 0;  // of datagrams
    std::multiset<std::string> on_its_way = {};
    bool is_done = false;

    std::string next_text() {
        std::string text =
            std::to_string(end.port()) + " sends number " + std::to_string(++number) + " ";
        text.resize(text.size() + (run.chance(10) ? run.below(8'000) : run.below(300)), '.');
        return text;
    }

    void go_on() {
        if (rounds == 0) {
            is_done = true;
            return;
        }
        --rounds;
        const std::uint64_t count = run.between(1, 4);
        // A callback may not wait: everything that is sent is known before.
        std::vector<BufferRef> buffers;
        const bool multicasts = run.chance(30);
        for (std::uint64_t i = 0; i < count; ++i) {
            const std::string text = (multicasts ? to_all : "") + next_text();
            on_its_way.insert(text);
            buffers.push_back(std::make_shared<Buffer>(text));
        }
        for (std::uint64_t i = 0; i < count; ++i) {
            receive();
        }
        const auto sent = [this](NTSTATUS status, ULONG_PTR) {
            if (!NT_SUCCESS(status)) {
                run.fail("a datagram could not be sent: " + status_name(status));
            }
        };
        const std::optional<PeerAddress> to = multicasts
                                                  ? std::optional(PeerAddress{group, echo.port})
                                              : run.chance(50) ? std::optional(echo)
                                                               : std::nullopt;
        if (run.chance(50)) {
            end.send_messages(to, buffers, sent);
            return;
        }
        for (const BufferRef& buffer : buffers) {
            end.send_to(to, buffer, sent);
        }
    }

    void receive() {
        const SIZE_T room = run.chance(20) ? run.between(40, 200) : 64 * 1024;
        end.receive_from(room, [this, room](NTSTATUS status, const DatagramEnd::Datagram& got) {
            if (!NT_SUCCESS(status)) {
                run.fail("an echo could not be received: " + status_name(status));
            }
            arrived(got, room);
        });
    }

    void arrived(const DatagramEnd::Datagram& got, SIZE_T room) {
        run.note(end.server().name(), [&] { return "has " + got.text.substr(0, 40); });
        if (got.from != echo) {
            run.fail("a datagram of a stranger was received");
        }
        const auto found = std::ranges::find_if(on_its_way, [&](const std::string& sent) {
            return sent == got.text || (got.text.size() == room && sent.starts_with(got.text));
        });
        if (found == on_its_way.end()) {
            run.fail("an echo came twice, or of nothing: " + got.text.substr(0, 40));
        }
        if (got.is_truncated != (found->size() > got.text.size())) {
            run.fail("MSG_TRUNC does not say whether an echo was cut");
        }
        on_its_way.erase(found);
        if (on_its_way.empty()) {
            go_on();
        }
    }
};

}  // namespace

OWSK_SCENARIO(datagrams, "drivers send datagrams to one that keeps, refuses and answers them") {
    Server& echoing = run.add_server();
    Server& sending = run.add_server();
    if (run.chance(60)) {
        echoing.machine().faults().fail_with(Fault::indication_list, 1);
    }
    DatagramEcho* echo = nullptr;
    echoing.perform([&] {
        DatagramEnd& end = echoing.keep<DatagramEnd>(echoing);
        echo = &echoing.keep<DatagramEcho>(DatagramEcho{.run = run, .end = end});
        end.on_datagrams = [echo](PWSK_DATAGRAM_INDICATION list,
                                  const std::vector<DatagramEnd::Datagram>& datagrams) {
            return echo->shown(list, datagrams);
        };
        end.open(datagram_port);
        end.join(group);
        end.enable(WSK_EVENT_RECEIVE_FROM);
        echoing.start("keeper", [echo] { echo->look_after(); });
    });
    std::vector<DatagramSender*> senders;
    DatagramEnd* stranger = nullptr;
    sending.perform([&] {
        stranger = &sending.keep<DatagramEnd>(sending);
        stranger->open(19'999);
        const std::uint64_t count = run.between(1, 4);
        for (std::uint64_t i = 0; i < count; ++i) {
            DatagramEnd& end = sending.keep<DatagramEnd>(sending);
            end.open(static_cast<std::uint16_t>(20'000 + i));
            end.hear_only({echoing.ip(), datagram_port});
            senders.push_back(&sending.keep<DatagramSender>(
                DatagramSender{.run = run,
                               .end = end,
                               .echo = {echoing.ip(), datagram_port},
                               .rounds = static_cast<unsigned>(run.between(1, 6))}));
        }
        for (DatagramSender* sender : senders) {
            stranger->send_to(PeerAddress{sending.ip(), sender->end.port()},
                              std::make_shared<Buffer>("nobody asked for this"),
                              [](NTSTATUS, ULONG_PTR) {});
            sender->go_on();
        }
    });
    run.until(
        "every echo is back",
        [&] {
            return std::ranges::all_of(senders,
                                       [](DatagramSender* sender) { return sender->is_done; });
        },
        10s);
    echo->is_over = true;
    run.until_quiet();
    sending.perform([&] {
        stranger->close_and_wait();
        for (DatagramSender* sender : senders) {
            sender->end.close_and_wait();
        }
    });
    echoing.perform([&] { echo->end.close_and_wait(); });
    run.finish();
}

}  // namespace owsk::scenarios
