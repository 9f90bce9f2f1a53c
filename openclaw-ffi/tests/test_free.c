/* Streams are freed while two threads deliver them: a callback can use its stream until it returns, none runs or begins
 * after the free returned, and the data of each is freed once. */
#define _POSIX_C_SOURCE 200809L
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "check.h"

enum { THREADS = 2, ROUNDS = 200 };

static void a_while(long us) {
  struct timespec pause = {0, us * 1000L};
  nanosleep(&pause, NULL);
}

struct watch {
  openclaw_stream *stream;
  int free_at; /* Its callback frees it at this call; 0: it does not. */
  atomic_int calls, inside, freed, data_freed;
};

static void on_event(void *data, openclaw_stream *stream, const openclaw_event *event, openclaw_status status,
                     const openclaw_error *error) {
  struct watch *watch = data;
  int call = ++watch->calls;
  openclaw_str json;
  CHECK(!watch->freed && !watch->data_freed);
  CHECK(++watch->inside == 1);
  CHECK(stream == watch->stream);
  CHECK(event == NULL || (error == NULL && status == OPENCLAW_OK));
  a_while(call % 3 * 100);
  if (event != NULL) {
    OK(openclaw_stream_event_json(stream, 0, &json, err));
    CHECK(has(json, "\"type\""));
    CHECK(event->text.ptr[event->text.len] == 0);
  }
  CHECK(openclaw_stream_finish(stream, 0, NULL) == OPENCLAW_ERR_BUSY);
  watch->inside--;
  if (call == watch->free_at) {
    watch->freed = 1;
    openclaw_stream_free(stream);
  }
}

static void on_free(void *data) {
  struct watch *watch = data;
  CHECK(watch->inside == 0);
  CHECK(++watch->data_freed == 1);
}

struct loop {
  openclaw_client *client;
  atomic_int stop;
};

static void *dispatch(void *data) {
  struct loop *loop = data;
  while (!loop->stop) OK(openclaw_client_dispatch(loop->client, 20, NULL, err));
  return NULL;
}

static void watched_stream(const openclaw_client *client, struct watch *watch) {
  watch->stream = stream_of(client);
  OK(openclaw_stream_set_callback(watch->stream, on_event, watch, on_free, err));
}

static void free_under_dispatch(const char *scenario, int rounds) {
  static struct watch watches[ROUNDS], own[ROUNDS];
  openclaw_test_server *server = server_of(scenario);
  struct loop loop = {client_of(server, OPENCLAW_RUNTIME_THREADED), 0};
  pthread_t threads[THREADS];
  memset(watches, 0, sizeof watches);
  memset(own, 0, sizeof own);
  for (int i = 0; i < THREADS; i++) CHECK(pthread_create(&threads[i], NULL, dispatch, &loop) == 0);
  for (int i = 0; i < rounds; i++) {
    watched_stream(loop.client, &watches[i]);
    own[i].free_at = 1 + i % 3;
    watched_stream(loop.client, &own[i]);
    while (i % 2 && !watches[i].calls) a_while(100); /* Every other one has begun to be delivered. */
    a_while(i % 17 * 250);                           /* 0 to 4 ms. */
    openclaw_stream_free(watches[i].stream);
    watches[i].freed = 1;
    CHECK(watches[i].inside == 0 && watches[i].data_freed == 1);
  }
  for (int i = 0; i < rounds; i++)
    while (!own[i].data_freed) a_while(1000);
  loop.stop = 1;
  OK(openclaw_client_wakeup(loop.client, err));
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  for (int i = 0; i < rounds; i++) {
    CHECK(watches[i].data_freed == 1 && own[i].data_freed == 1 && own[i].calls == own[i].free_at);
  }
  openclaw_client_free(loop.client);
  OK(openclaw_test_server_wait_connections(server, 0, err));
  openclaw_test_server_free(server);
}

int main(int argc, char **argv) {
  int rounds = argc > 1 && strcmp(argv[1], "few") == 0 ? 20 : ROUNDS;
  free_under_dispatch("plain", rounds);
  free_under_dispatch("slow", rounds / 4);
  openclaw_global_shutdown(2000);
  puts("test_free: good");
  return 0;
}
