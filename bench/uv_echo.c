// SPDX-License-Identifier: MIT
// uv_echo: an echo server as one would write it with libuv: what is read goes to uv_write as it is.
//
// One thread. libuv asks for a buffer when a connection is readable, and the write's callback gives it
// back, so an idle connection has none. Buffers are used again: malloc and free of 64 KiB for each
// message take and return pages, and would cost more than the echo. Nothing stops a client that sends
// without reading; those of the comparison read.
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#define BACKLOG 4096
#define BUFFER_SIZE (64 * 1024) // as the drivers it is compared with

struct echo {
    uv_write_t request;
    struct echo *next; // while it is not used
    char data[BUFFER_SIZE];
};

static struct echo *unused;

static void check(int status, const char *what)
{
    if (status != 0) {
        fprintf(stderr, "uv_echo: %s: %s\n", what, uv_strerror(status));
        exit(1);
    }
}

static void *allocate(size_t size)
{
    void *memory = malloc(size);

    if (memory == NULL) {
        check(UV_ENOMEM, "malloc");
    }
    return memory;
}

static struct echo *take(void)
{
    struct echo *echo = unused;

    if (echo == NULL) {
        return allocate(sizeof(*echo));
    }
    unused = echo->next;
    return echo;
}

static void give_back(struct echo *echo)
{
    echo->next = unused;
    unused = echo;
}

static struct echo *echo_of(const uv_buf_t *buffer)
{
    return (struct echo *)(buffer->base - offsetof(struct echo, data));
}

static void closed(uv_handle_t *connection)
{
    free(connection);
}

static void end_connection(uv_stream_t *connection)
{
    if (!uv_is_closing((uv_handle_t *)connection)) {
        uv_close((uv_handle_t *)connection, closed);
    }
}

static void provide_buffer(uv_handle_t *connection, size_t suggested_size, uv_buf_t *buffer)
{
    (void)connection;
    (void)suggested_size;
    *buffer = uv_buf_init(take()->data, BUFFER_SIZE);
}

static void written(uv_write_t *request, int status)
{
    if (status != 0) {
        end_connection(request->handle);
    }
    give_back((struct echo *)request);
}

static void received(uv_stream_t *connection, ssize_t length, const uv_buf_t *buffer)
{
    uv_buf_t data;

    if (length <= 0) {
        if (buffer->base != NULL) {
            give_back(echo_of(buffer));
        }
        if (length < 0) {
            end_connection(connection);
        }
        return;
    }
    data = uv_buf_init(buffer->base, (unsigned int)length);
    if (uv_write(&echo_of(buffer)->request, connection, &data, 1, written) != 0) {
        give_back(echo_of(buffer));
        end_connection(connection);
    }
}

static void connected(uv_stream_t *listener, int status)
{
    uv_tcp_t *connection;

    if (status != 0) {
        return;
    }
    connection = allocate(sizeof(*connection));
    check(uv_tcp_init(listener->loop, connection), "uv_tcp_init");
    if (uv_accept(listener, (uv_stream_t *)connection) != 0 ||
        uv_read_start((uv_stream_t *)connection, provide_buffer, received) != 0) {
        end_connection((uv_stream_t *)connection);
    }
}

int main(int argc, char **argv)
{
    uv_loop_t *loop = uv_default_loop();
    uv_tcp_t listener;
    struct sockaddr_in address;
    int length = sizeof(address);

    check(uv_tcp_init(loop, &listener), "uv_tcp_init");
    check(uv_ip4_addr("127.0.0.1", argc > 1 ? atoi(argv[1]) : 0, &address), "uv_ip4_addr");
    check(uv_tcp_bind(&listener, (const struct sockaddr *)&address, 0), "uv_tcp_bind");
    check(uv_listen((uv_stream_t *)&listener, BACKLOG, connected), "uv_listen");
    check(uv_tcp_getsockname(&listener, (struct sockaddr *)&address, &length), "uv_tcp_getsockname");
    // The same words as wskrun's, so that bench/run reads one language.
    printf("listening on 127.0.0.1:%u (libuv)\n", ntohs(address.sin_port));
    fflush(stdout);
    return uv_run(loop, UV_RUN_DEFAULT);
}
