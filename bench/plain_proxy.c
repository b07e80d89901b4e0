// SPDX-License-Identifier: MIT
// plain_proxy TARGET_PORT [splice]: the yardstick for a proxy, as one would write it for epoll
// without any library. Each client is joined with a connection to 127.0.0.1:TARGET_PORT.
//
// One thread, level-triggered. What is received on one side is sent on the other at once; while that
// side takes no more, nothing is received. With `splice` the bytes go through a pipe of the kernel
// and never come to this process.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_SIZE (64 * 1024) // as the driver it is compared with
#define EVENTS_MAX 64

struct pair;

// One connection, and the way from it to the other one.
struct side {
    struct pair *pair;
    struct side *other;
    int descriptor;
    uint32_t watched;
    int ended;      // nothing more comes from here
    char *pending;  // what the other side has not taken yet
    size_t begin, end;
    int pipe[2];    // with splice, instead
    size_t in_pipe;
};

struct pair {
    struct side sides[2]; // client, target
    int connected;
    struct pair *next_dead;
};

static int epoll;
static int use_splice;
static char buffer[BUFFER_SIZE];
static struct sockaddr_in target;
static struct pair *dead; // freed when no event can name them any more

static void fail(const char *what)
{
    fprintf(stderr, "plain_proxy: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void watch(struct side *side, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = side};

    if (side->watched != events) {
        if (epoll_ctl(epoll, EPOLL_CTL_MOD, side->descriptor, &event) != 0) {
            fail("epoll_ctl");
        }
        side->watched = events;
    }
}

static void begin_watch(struct side *side, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = side};

    if (epoll_ctl(epoll, EPOLL_CTL_ADD, side->descriptor, &event) != 0) {
        fail("epoll_ctl");
    }
    side->watched = events;
}

static int is_temporary(int error)
{
    return error == EAGAIN || error == EINTR;
}

static void kill_pair(struct pair *pair)
{
    int index;

    for (index = 0; index < 2; ++index) {
        struct side *side = &pair->sides[index];

        close(side->descriptor); // which also takes it out of epoll
        side->descriptor = -1;
        free(side->pending);
        if (use_splice) {
            close(side->pipe[0]);
            close(side->pipe[1]);
        }
    }
    pair->next_dead = dead;
    dead = pair;
}

static int has_pending(const struct side *side)
{
    return side->pending != NULL || side->in_pipe != 0;
}

// Each side waits for bytes, unless the other has not taken the last ones, and for room where the
// other has some for it.
static void watch_pair(struct pair *pair)
{
    int index;

    for (index = 0; index < 2; ++index) {
        struct side *side = &pair->sides[index];

        watch(side, (side->ended || has_pending(side) ? 0 : EPOLLIN) |
                        (has_pending(side->other) ? EPOLLOUT : 0));
    }
}

// These return -1 when the pair is over.

static int end_way(struct side *side)
{
    side->ended = 1;
    if (shutdown(side->other->descriptor, SHUT_WR) != 0) {
        return -1;
    }
    return side->other->ended ? -1 : 0;
}

static int flush(struct side *side)
{
    ssize_t sent = send(side->other->descriptor, side->pending + side->begin, side->end - side->begin,
                        MSG_NOSIGNAL);

    if (sent < 0) {
        return is_temporary(errno) ? 0 : -1;
    }
    side->begin += (size_t)sent;
    if (side->begin == side->end) {
        free(side->pending);
        side->pending = NULL;
    }
    return 0;
}

static int keep(struct side *side, const char *data, size_t length)
{
    side->pending = malloc(length);
    if (side->pending == NULL) {
        return -1;
    }
    memcpy(side->pending, data, length);
    side->begin = 0;
    side->end = length;
    return 0;
}

static int pass_on(struct side *side)
{
    ssize_t sent;
    ssize_t received = recv(side->descriptor, buffer, sizeof(buffer), 0);

    if (received < 0) {
        return is_temporary(errno) ? 0 : -1;
    }
    if (received == 0) {
        return end_way(side);
    }
    sent = send(side->other->descriptor, buffer, (size_t)received, MSG_NOSIGNAL);
    if (sent < 0) {
        if (!is_temporary(errno)) {
            return -1;
        }
        sent = 0;
    }
    return sent == received ? 0 : keep(side, buffer + sent, (size_t)(received - sent));
}

static int flush_pipe(struct side *side)
{
    ssize_t sent = splice(side->pipe[0], NULL, side->other->descriptor, NULL, side->in_pipe,
                          SPLICE_F_NONBLOCK | SPLICE_F_MOVE);

    if (sent < 0) {
        return is_temporary(errno) ? 0 : -1;
    }
    side->in_pipe -= (size_t)sent;
    return 0;
}

static int splice_on(struct side *side)
{
    ssize_t received = splice(side->descriptor, NULL, side->pipe[1], NULL, BUFFER_SIZE,
                              SPLICE_F_NONBLOCK | SPLICE_F_MOVE);

    if (received < 0) {
        return is_temporary(errno) ? 0 : -1;
    }
    if (received == 0) {
        return end_way(side);
    }
    side->in_pipe = (size_t)received;
    return flush_pipe(side);
}

static int begin_pair(struct pair *pair)
{
    int error = 0;
    socklen_t length = sizeof(error);

    if (getsockopt(pair->sides[1].descriptor, SOL_SOCKET, SO_ERROR, &error, &length) != 0 || error != 0) {
        return -1;
    }
    pair->connected = 1;
    begin_watch(&pair->sides[0], EPOLLIN);
    watch(&pair->sides[1], EPOLLIN);
    return 0;
}

static int go_on(struct side *side, uint32_t events)
{
    int status = 0;

    if (!side->pair->connected) {
        return begin_pair(side->pair);
    }
    if (has_pending(side->other) && (events & (EPOLLOUT | EPOLLERR | EPOLLHUP))) {
        status = use_splice ? flush_pipe(side->other) : flush(side->other);
    }
    if (status == 0 && !side->ended && !has_pending(side) && (events & (EPOLLIN | EPOLLERR | EPOLLHUP))) {
        status = use_splice ? splice_on(side) : pass_on(side);
    }
    if (status == 0) {
        watch_pair(side->pair);
    }
    return status;
}

static void join(int client)
{
    struct pair *pair = calloc(1, sizeof(*pair));
    int index;

    if (pair == NULL) {
        fail("calloc");
    }
    pair->sides[0].descriptor = client;
    pair->sides[1].descriptor = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (pair->sides[1].descriptor < 0) {
        fail("socket");
    }
    for (index = 0; index < 2; ++index) {
        pair->sides[index].pair = pair;
        pair->sides[index].other = &pair->sides[1 - index];
        if (use_splice && pipe2(pair->sides[index].pipe, O_NONBLOCK | O_CLOEXEC) != 0) {
            fail("pipe2");
        }
    }
    if (connect(pair->sides[1].descriptor, (struct sockaddr *)&target, sizeof(target)) != 0 &&
        errno != EINPROGRESS) {
        fail("connect");
    }
    begin_watch(&pair->sides[1], EPOLLOUT);
}

static void accept_all(int listener)
{
    for (;;) {
        int client = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (client >= 0) {
            join(client);
        } else if (errno == EAGAIN) {
            return;
        } else if (errno != EINTR && errno != ECONNABORTED) {
            fail("accept4");
        }
    }
}

static void free_dead(void)
{
    while (dead != NULL) {
        struct pair *next = dead->next_dead;

        free(dead);
        dead = next;
    }
}

static int listen_anywhere(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(listener, SOMAXCONN) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0 ||
        epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0) {
        fail("listening");
    }
    // The same words as wskrun's, so that bench/run reads one language.
    printf("listening on 127.0.0.1:%u (plain epoll)\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

int main(int argc, char **argv)
{
    struct epoll_event events[EVENTS_MAX];
    int listener, count, index;

    if (argc < 2) {
        fputs("usage: plain_proxy TARGET_PORT [splice]\n", stderr);
        return 2;
    }
    use_splice = argc > 2 && strcmp(argv[2], "splice") == 0;
    target.sin_family = AF_INET;
    target.sin_port = htons((uint16_t)atoi(argv[1]));
    target.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) {
        fail("epoll_create1");
    }
    listener = listen_anywhere();
    for (;;) {
        count = epoll_wait(epoll, events, EVENTS_MAX, -1);
        for (index = 0; index < count; ++index) {
            struct side *side = events[index].data.ptr;

            if (side == NULL) {
                accept_all(listener);
            } else if (side->descriptor >= 0 && go_on(side, events[index].events) != 0) {
                kill_pair(side->pair);
            }
        }
        free_dead();
    }
}
