/* A server that is gone: what the host's own thread writes to it must not end the program by SIGPIPE. */
#define _POSIX_C_SOURCE 200809L
#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

/* Answers one request and keeps the connection, which an inline client watches only while it is asked something. Then the
 * connection is closed and broken, in this order: only so a write to it is answered with EPIPE. */
static void *answer_and_go(void *listener) {
  static const char answer[] = "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";
  static char request[1 << 16];
  struct linger at_once = {1, 0};
  size_t size = 0;
  int connection = accept(*(int *)listener, NULL, NULL);
  CHECK(connection >= 0);
  while (size < sizeof request - 1 && strstr(request, "stop here") == NULL) {
    ssize_t more = recv(connection, request + size, sizeof request - 1 - size, 0);
    CHECK(more > 0);
    size += (size_t)more;
  }
  CHECK(send(connection, answer, sizeof answer - 1, 0) == (ssize_t)sizeof answer - 1);
  /* The client has the answer, and lets the connection rest. */
  struct timespec pause = {0, 200000000L};
  nanosleep(&pause, NULL);
  CHECK(shutdown(connection, SHUT_WR) == 0);
  CHECK(setsockopt(connection, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0);
  close(connection);
  close(*(int *)listener);
  return NULL;
}

static openclaw_status ask(const openclaw_client *client) {
  openclaw_request *request = NULL;
  openclaw_stream *stream = NULL;
  openclaw_status status;
  OK(openclaw_request_from_json(cs("{\"model\":\"m\",\"input\":\"stop here\"}"), &request, err));
  OK(openclaw_client_stream(client, request, &stream, err));
  status = openclaw_stream_finish(stream, WAIT, NULL);
  openclaw_stream_free(stream);
  openclaw_request_free(request);
  return status;
}

int main(void) {
  openclaw_client_options options = OPENCLAW_CLIENT_OPTIONS_INIT;
  openclaw_client *client = NULL;
  openclaw_status status;
  struct sockaddr_in address;
  socklen_t size = sizeof address;
  pthread_t server;
  sigset_t pending;
  char url[64];
  int listener = socket(AF_INET, SOCK_STREAM, 0);
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  CHECK(bind(listener, (struct sockaddr *)&address, size) == 0 && listen(listener, 1) == 0);
  CHECK(getsockname(listener, (struct sockaddr *)&address, &size) == 0);
  snprintf(url, sizeof url, "http://127.0.0.1:%d/v1", ntohs(address.sin_port));
  CHECK(signal(SIGPIPE, SIG_DFL) != SIG_ERR);
  CHECK(pthread_create(&server, NULL, answer_and_go, &listener) == 0);

  options.runtime = OPENCLAW_RUNTIME_INLINE;
  options.api_key = cs("sk-x");
  options.base_url = cs(url);
  options.settings_json = cs("{\"max_retries\":0,\"proxy\":\"\"}");
  OK(openclaw_client_new(&options, &client, err));
  CHECK(ask(client) == OPENCLAW_ERR_INVALID_REQUEST);
  pthread_join(server, NULL);
  status = ask(client);
  if (status != OPENCLAW_ERR_CONNECT) fprintf(stderr, "%d\n", status);
  CHECK(status == OPENCLAW_ERR_CONNECT);
  /* None is left for the host either. */
  CHECK(sigpending(&pending) == 0 && sigismember(&pending, SIGPIPE) == 0);
  openclaw_client_free(client);
  puts("test_sigpipe: good");
  return 0;
}
