// SPDX-License-Identifier: MIT
// Reads the text of a script. One line is one thing; "#" begins a comment. First come the talks:
//
//     connection NAME [from PLACE] to ADDRESS [iss NUMBER]    this computer sends to ADDRESS
//     connection NAME at PLACE [iss NUMBER]                   whoever sends a SYN to PLACE
//     datagrams NAME [from PLACE] to ADDRESS                  the same for UDP
//     datagrams NAME at PLACE
//
// ADDRESS is 192.0.2.1:7 or [2001:db8::1]:7. PLACE may leave the IP address away, ":7". Then come
// the steps, one after another in virtual time. "NAME:" says in which talk, and may be left away if
// there is only one.
//
//     NAME: send FLAGS [data PAYLOAD] [seq Q] [ack Q] [window Q] [mss Q] [scale Q] [as LABEL]
//     NAME: send again [LABEL]              what was sent, the last time or as LABEL
//     NAME: expect FLAGS [data PAYLOAD] [seq R] [ack R] [window R] [mss R] [scale R]
//                  [no mss] [no scale] [after TIME] [within TIME]
//     NAME: await ...                       as expect, but passes over what does not fit
//     NAME: expect nothing for TIME         without NAME: in no talk, nor beside them
//     NAME: discard                         forgets what has come and was not expected
//     NAME: let WORD = Q
//     wait TIME
//
// FLAGS are SYN, ACK, FIN, RST, PSH and so on, joined by commas, or "none". They may be left away
// before data, and are PSH,ACK then (ACK for expect, which looks at PSH only if it is named).
// Datagrams have nothing but data. PAYLOAD is "text" (with \n \r \t \" \\ \x00) or N bytes; expect
// takes a range of bytes too, 1..1460 bytes. What expect does not name it does not look at, but for
// flags and data: without "data" there must be none.
//
// Q is a sum of numbers, variables and words of "let": 5, snd.nxt + 100, start - 1. Variables are
// those of RFC 9293: snd.nxt, snd.una, rcv.nxt, and seg.seq, seg.ack, seg.len, seg.wnd of the
// segment that was expected last. Sequence numbers count from the initial ones, so that a SYN has
// 0 and the first octet 1; those of a peer that has sent no SYN are as in the header. Without "seq"
// a segment has snd.nxt, which then moves on; without "ack" it has rcv.nxt, which moves with what
// was expected; without "window" 65535. R is Q or Q..Q. TIME is 300ms, 1.5s, 20us, 7ns or 2min, and
// counts from the beginning of the step. Without "within" it is 10 s.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/script/script.h"

namespace owsk::net::script {

struct ScriptError {
    int line = 0;  // beginning with 1
    // Names the thing, what is allowed there, and what to do, without a full stop.
    std::string message;

    bool operator==(const ScriptError&) const = default;
};

// "line 3: ..." for each, each with a line end.
std::string to_string(const std::vector<ScriptError>& errors);

struct ReadScript {
    PeerScript script;
    std::vector<ScriptError> errors;  // at most one for each line; empty: the script can be played
};

ReadScript read_script(std::string_view text);

}  // namespace owsk::net::script
