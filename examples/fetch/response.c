// SPDX-License-Identifier: MIT
#include "response.h"

// What is left to be read.
typedef struct _TEXT {
    PCHAR Next;
    PCHAR End;
} TEXT, *PTEXT;

static SIZE_T Left(CONST TEXT *Text)
{
    return (SIZE_T)(Text->End - Text->Next);
}

// Takes a line without its end. FALSE: there is none.
static BOOLEAN TakeLine(PTEXT Text, PTEXT Line)
{
    PCHAR end;

    for (end = Text->Next; end + 1 < Text->End; ++end) {
        if (end[0] == '\r' && end[1] == '\n') {
            Line->Next = Text->Next;
            Line->End = end;
            Text->Next = end + 2;
            return TRUE;
        }
    }
    return FALSE;
}

static CHAR Lower(CHAR Letter)
{
    return Letter >= 'A' && Letter <= 'Z' ? (CHAR)(Letter - 'A' + 'a') : Letter;
}

// Whether it begins with these letters, in either case; then they are taken. `Word` is lower case.
static BOOLEAN TakeWord(PTEXT Text, PCSTR Word)
{
    PCHAR next = Text->Next;

    for (; *Word != '\0'; ++Word, ++next) {
        if (next == Text->End || Lower(*next) != *Word) {
            return FALSE;
        }
    }
    Text->Next = next;
    return TRUE;
}

static VOID SkipSpaces(PTEXT Text)
{
    while (Text->Next < Text->End && (*Text->Next == ' ' || *Text->Next == '\t')) {
        ++Text->Next;
    }
}

// FALSE: it is no number, or one that nobody can mean.
static BOOLEAN TakeNumber(PTEXT Text, ULONG Base, PSIZE_T Number)
{
    PCHAR first = Text->Next;

    *Number = 0;
    for (; Text->Next < Text->End; ++Text->Next) {
        CHAR letter = Lower(*Text->Next);
        ULONG digit = letter >= '0' && letter <= '9'   ? (ULONG)(letter - '0')
                      : letter >= 'a' && letter <= 'f' ? (ULONG)(letter - 'a' + 10)
                                                       : 16;
        if (digit >= Base) {
            break;
        }
        if (*Number > (MAXULONG - digit) / Base) {
            return FALSE;
        }
        *Number = *Number * Base + digit;
    }
    return Text->Next != first;
}

// Moves the chunks together.
static NTSTATUS JoinChunks(TEXT Text, PRESPONSE Response)
{
    TEXT line;
    SIZE_T length;

    Response->BodyLength = 0;
    for (;;) {
        if (!TakeLine(&Text, &line)) {
            return STATUS_CONNECTION_DISCONNECTED;
        }
        if (!TakeNumber(&line, 16, &length)) {
            return STATUS_INVALID_NETWORK_RESPONSE;
        }
        if (length == 0) {
            return STATUS_SUCCESS;
        }
        if (Left(&Text) < length) {
            return STATUS_CONNECTION_DISCONNECTED;
        }
        RtlMoveMemory(Response->Body + Response->BodyLength, Text.Next, length);
        Response->BodyLength += length;
        Text.Next += length;
        if (!TakeLine(&Text, &line)) {
            return STATUS_CONNECTION_DISCONNECTED;
        }
        if (line.Next != line.End) {
            return STATUS_INVALID_NETWORK_RESPONSE;
        }
    }
}

NTSTATUS ReadResponse(PCHAR Bytes, SIZE_T Length, PRESPONSE Response)
{
    TEXT text = {Bytes, Bytes + Length};
    TEXT line;
    SIZE_T number, announced = MAXSIZE_T;
    BOOLEAN chunked = FALSE;

    if (!TakeLine(&text, &line)) {
        return Length == 0 ? STATUS_CONNECTION_DISCONNECTED : STATUS_INVALID_NETWORK_RESPONSE;
    }
    if (!TakeWord(&line, "http/1.") || !TakeNumber(&line, 10, &number)) {
        return STATUS_INVALID_NETWORK_RESPONSE;
    }
    SkipSpaces(&line);
    if (!TakeNumber(&line, 10, &number)) {
        return STATUS_INVALID_NETWORK_RESPONSE;
    }
    Response->Status = (ULONG)number;
    for (;;) {
        if (!TakeLine(&text, &line)) {
            return STATUS_CONNECTION_DISCONNECTED;
        }
        if (line.Next == line.End) {
            break;
        }
        if (TakeWord(&line, "content-length:")) {
            SkipSpaces(&line);
            if (!TakeNumber(&line, 10, &announced)) {
                return STATUS_INVALID_NETWORK_RESPONSE;
            }
        } else if (TakeWord(&line, "transfer-encoding:")) {
            SkipSpaces(&line);
            chunked = TakeWord(&line, "chunked");
        }
    }
    Response->Body = text.Next;
    Response->BodyLength = Left(&text);
    if (chunked) {
        return JoinChunks(text, Response);
    }
    if (announced == MAXSIZE_T) {
        return STATUS_SUCCESS; // up to the end of the connection
    }
    if (announced > Response->BodyLength) {
        return STATUS_CONNECTION_DISCONNECTED;
    }
    Response->BodyLength = announced;
    return STATUS_SUCCESS;
}
