/* Cancel from elsewhere, two readers, every order of freeing, a fork, many streams. */
#define _POSIX_C_SOURCE 200809L
#include <dirent.h>
#include <pthread.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "check.h"

static void a_while(long ms) {
  struct timespec pause = {0, ms * 1000000L};
  nanosleep(&pause, NULL);
}

static void *cancel(void *stream) {
  a_while(100);
  openclaw_stream_cancel(stream);
  return NULL;
}

static void cancel_ends_a_wait(uint32_t runtime) {
  openclaw_test_server *server = server_of("stall");
  openclaw_client *client = client_of(server, runtime);
  openclaw_stream *stream = stream_of(client);
  pthread_t thread;
  openclaw_error *error = NULL;
  CHECK(pthread_create(&thread, NULL, cancel, stream) == 0);
  CHECK(openclaw_stream_finish(stream, -1, &error) == OPENCLAW_ERR_CANCELLED);
  pthread_join(thread, NULL);
  openclaw_error_free(error);
  CHECK(openclaw_stream_state(stream) == OPENCLAW_STREAM_CANCELLED);
  openclaw_stream_free(stream);
  openclaw_client_free(client);
  openclaw_test_server_free(server);
}

static void *drain(void *stream) {
  openclaw_status status = openclaw_stream_finish(stream, -1, NULL);
  CHECK(status == OPENCLAW_ERR_CANCELLED);
  return NULL;
}

static void two_readers(uint32_t runtime) {
  openclaw_test_server *server = server_of("stall");
  openclaw_client *client = client_of(server, runtime);
  openclaw_stream *stream = stream_of(client);
  openclaw_event event = OPENCLAW_EVENT_INIT;
  openclaw_error *error = NULL;
  pthread_t thread;
  CHECK(pthread_create(&thread, NULL, drain, stream) == 0);
  a_while(200);
  CHECK(openclaw_stream_next(stream, 0, &event, &error) == OPENCLAW_ERR_BUSY);
  CHECK(same(openclaw_error_code(error), "busy"));
  openclaw_error_free(error);
  openclaw_stream_cancel(stream);
  pthread_join(thread, NULL);
  openclaw_stream_free(stream);
  openclaw_client_free(client);
  openclaw_test_server_free(server);
}

/* Server, client, request, stream, error: all 120 orders, both modes. */
static void free_one(int which, openclaw_test_server *server, openclaw_client *client, openclaw_request *request,
                     openclaw_stream *stream, openclaw_error *error) {
  switch (which) {
    case 0: openclaw_test_server_free(server); break;
    case 1: openclaw_client_free(client); break;
    case 2: openclaw_request_free(request); break;
    case 3: openclaw_stream_free(stream); break;
    default: openclaw_error_free(error); break;
  }
}

static void every_order(uint32_t runtime) {
  int orders = 0;
  for (int code = 0; code < 3125; code++) {
    int order[5], used = 0;
    for (int i = 0, rest = code; i < 5; i++, rest /= 5) used |= 1 << (order[i] = rest % 5);
    if (used != 31) continue;
    openclaw_test_server *server = server_of(orders % 2 ? "plain" : "stall");
    openclaw_client *client = client_of(server, runtime);
    openclaw_request *request = NULL;
    openclaw_stream *stream = NULL;
    openclaw_error *error = NULL;
    openclaw_event event = OPENCLAW_EVENT_INIT;
    OK(openclaw_request_from_json(cs("{\"model\":\"m\",\"input\":\"hi\"}"), &request, err));
    OK(openclaw_client_stream(client, request, &stream, err));
    if (orders % 3) CHECK(openclaw_stream_next(stream, WAIT, &event, NULL) == OPENCLAW_EVENT);
    CHECK(openclaw_stream_next(stream, 0, NULL, &error) == OPENCLAW_ERR_INVALID_ARGUMENT);
    for (int i = 0; i < 5; i++) free_one(order[i], server, client, request, stream, error);
    orders++;
  }
  CHECK(orders == 120);
}

static int descriptors(void) {
  int count = 0;
  DIR *folder = opendir("/proc/self/fd");
  if (folder == NULL) return 0;
  while (readdir(folder) != NULL) count++;
  closedir(folder);
  return count;
}

static void many_streams(int count) {
  openclaw_test_server *server = server_of("stall");
  openclaw_client *client = client_of(server, OPENCLAW_RUNTIME_THREADED);
  int before, after;
  openclaw_stream_free(stream_of(client));
  OK(openclaw_test_server_wait_connections(server, 0, err));
  before = descriptors();
  for (int i = 0; i < count; i++) {
    openclaw_stream *stream = stream_of(client);
    openclaw_event event = OPENCLAW_EVENT_INIT;
    if (i % 2) CHECK(openclaw_stream_next(stream, WAIT, &event, NULL) == OPENCLAW_EVENT);
    openclaw_stream_free(stream);
  }
  OK(openclaw_test_server_wait_connections(server, 0, err));
  after = descriptors();
  CHECK(after <= before + 4);
  openclaw_client_free(client);
  openclaw_test_server_free(server);
}

/* The child goes on with the client; the stream of before is refused there, and works on in the parent. */
static void fork_in_between(void) {
  openclaw_test_server *server = server_of("slow");
  openclaw_client *client = client_of(server, OPENCLAW_RUNTIME_THREADED);
  openclaw_stream *stream = stream_of(client);
  openclaw_event event = OPENCLAW_EVENT_INIT;
  int status = -1;
  pid_t child;
  CHECK(openclaw_stream_next(stream, WAIT, &event, NULL) == OPENCLAW_EVENT);
  fflush(NULL);
  child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    openclaw_stream *fresh;
    alarm(30);
    while (openclaw_stream_next(stream, 0, &event, NULL) == OPENCLAW_EVENT) {
    }
    CHECK(openclaw_stream_next(stream, 0, &event, NULL) == OPENCLAW_ERR_FORKED);
    fresh = stream_of(client);
    CHECK(openclaw_stream_finish(fresh, WAIT, NULL) == OPENCLAW_OK);
    _exit(0);
  }
  CHECK(openclaw_stream_finish(stream, WAIT, NULL) == OPENCLAW_OK);
  CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
  openclaw_stream_free(stream);
  openclaw_client_free(client);
  openclaw_test_server_free(server);
}

/* After the shutdown everything still answers. */
static void shut_down(void) {
  openclaw_test_server *server = server_of("stall");
  openclaw_client *client = client_of(server, OPENCLAW_RUNTIME_THREADED);
  openclaw_stream *stream = stream_of(client);
  openclaw_request *request = NULL;
  openclaw_stream *late = NULL;
  openclaw_event event = OPENCLAW_EVENT_INIT;
  CHECK(openclaw_stream_next(stream, WAIT, &event, NULL) == OPENCLAW_EVENT);
  openclaw_global_shutdown(2000);
  CHECK(openclaw_stream_finish(stream, WAIT, NULL) == OPENCLAW_ERR_CLOSED);
  OK(openclaw_request_from_json(cs("{\"model\":\"m\"}"), &request, err));
  CHECK(openclaw_client_stream(client, request, &late, NULL) == OPENCLAW_ERR_CLOSED && late == NULL);
  openclaw_global_shutdown(2000);
  openclaw_request_free(request);
  openclaw_stream_free(stream);
  openclaw_client_free(client);
  openclaw_test_server_free(server);
}

int main(int argc, char **argv) {
  int few = argc > 1 && strcmp(argv[1], "few") == 0; /* Under valgrind, which is slow and follows no fork here. */
  cancel_ends_a_wait(OPENCLAW_RUNTIME_THREADED);
  cancel_ends_a_wait(OPENCLAW_RUNTIME_INLINE);
  two_readers(OPENCLAW_RUNTIME_THREADED);
  two_readers(OPENCLAW_RUNTIME_INLINE);
  if (!few) {
    every_order(OPENCLAW_RUNTIME_THREADED);
    every_order(OPENCLAW_RUNTIME_INLINE);
    if (!UNDER_ASAN) fork_in_between();
  }
  many_streams(few ? 20 : argc > 1 ? 1000 : 200);
  shut_down();
  puts("test_threads: good");
  return 0;
}
