// SPDX-License-Identifier: MIT
// plain_echo: the yardstick, an echo server as one would write it for epoll without any library.
//
// One thread. Listener and connections are level-triggered: a message then costs epoll_wait, recv and
// send, and no further recv that only finds that there is no more.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define BUFFER_SIZE (64 * 1024) // as the drivers it is compared with
#define EVENTS_MAX 64

// What the client has not taken yet. Nothing more is received until it has, so that a client which
// sends without reading is slowed down and costs one buffer.
struct connection {
    int descriptor;
    char *pending;
    size_t begin;
    size_t end;
};

static int epoll;
static char buffer[BUFFER_SIZE];

static void fail(const char *what)
{
    fprintf(stderr, "plain_echo: %s: %s\n", what, strerror(errno));
    exit(1);
}

static void end_connection(struct connection *connection)
{
    close(connection->descriptor); // which also takes it out of epoll
    free(connection->pending);
    free(connection);
}

static int watch(struct connection *connection, int operation, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = connection};

    return epoll_ctl(epoll, operation, connection->descriptor, &event);
}

static void accept_all(int listener)
{
    for (;;) {
        struct connection *connection;
        int descriptor = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (descriptor < 0) {
            if (errno == EAGAIN) {
                return;
            }
            if (errno == EINTR || errno == ECONNABORTED) {
                continue;
            }
            fail("accept4");
        }
        connection = calloc(1, sizeof(*connection));
        if (connection == NULL) {
            fail("calloc");
        }
        connection->descriptor = descriptor;
        if (watch(connection, EPOLL_CTL_ADD, EPOLLIN) != 0) {
            fail("epoll_ctl");
        }
    }
}

static int is_temporary(int error)
{
    return error == EAGAIN || error == EINTR;
}

// Keeps what could not be sent, and waits for room instead of data.
static int keep(struct connection *connection, const char *data, size_t length)
{
    connection->pending = malloc(length);
    if (connection->pending == NULL) {
        return -1;
    }
    memcpy(connection->pending, data, length);
    connection->begin = 0;
    connection->end = length;
    return watch(connection, EPOLL_CTL_MOD, EPOLLOUT);
}

// -1: the connection is over.
static int echo(struct connection *connection)
{
    ssize_t sent = 0;
    ssize_t received = recv(connection->descriptor, buffer, sizeof(buffer), 0);

    if (received <= 0) {
        return received < 0 && is_temporary(errno) ? 0 : -1;
    }
    sent = send(connection->descriptor, buffer, (size_t)received, MSG_NOSIGNAL);
    if (sent < 0) {
        if (!is_temporary(errno)) {
            return -1;
        }
        sent = 0;
    }
    return sent == received ? 0 : keep(connection, buffer + sent, (size_t)(received - sent));
}

// -1: the connection is over.
static int flush(struct connection *connection)
{
    ssize_t sent = send(connection->descriptor, connection->pending + connection->begin,
                        connection->end - connection->begin, MSG_NOSIGNAL);

    if (sent < 0) {
        return is_temporary(errno) ? 0 : -1;
    }
    connection->begin += (size_t)sent;
    if (connection->begin < connection->end) {
        return 0;
    }
    free(connection->pending);
    connection->pending = NULL;
    return watch(connection, EPOLL_CTL_MOD, EPOLLIN);
}

static int listen_on(uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof(address);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = NULL};
    int one = 1;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (listener < 0 || setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) != 0 ||
        bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(listener, SOMAXCONN) != 0 ||
        getsockname(listener, (struct sockaddr *)&address, &length) != 0) {
        fail("listening");
    }
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event) != 0) {
        fail("epoll_ctl");
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

    epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0) {
        fail("epoll_create1");
    }
    listener = listen_on(argc > 1 ? (uint16_t)atoi(argv[1]) : 0);
    for (;;) {
        count = epoll_wait(epoll, events, EVENTS_MAX, -1);
        for (index = 0; index < count; ++index) {
            struct connection *connection = events[index].data.ptr;

            if (connection == NULL) {
                accept_all(listener);
            } else if ((connection->pending != NULL ? flush(connection) : echo(connection)) != 0) {
                end_connection(connection);
            }
        }
    }
}
