/* With a library of the feature test-panic: a panic becomes a status, its handle is poisoned, the process goes on. */
#include "check.h"

openclaw_status openclaw_test_panic(const openclaw_stream *stream, openclaw_error **err);
int32_t openclaw_test_panic_in_accessor(const openclaw_stream *stream);
void openclaw_test_panic_in_free(openclaw_stream *stream);
openclaw_status openclaw_test_panic_client(uint32_t runtime, openclaw_client **out, openclaw_error **err);

/* A call that panics is a failed stream, every time it is asked; where the host's own thread drives it, that stream is
 * poisoned. The client works on, or is at least to be freed. */
static void in_a_call(uint32_t runtime) {
  openclaw_client *client = NULL;
  openclaw_event event = OPENCLAW_EVENT_INIT;
  OK(openclaw_test_panic_client(runtime, &client, err));
  for (int i = 0; i < 3; i++) {
    openclaw_stream *stream = stream_of(client);
    openclaw_error *error = NULL;
    CHECK(openclaw_stream_next(stream, WAIT, &event, &error) == OPENCLAW_ERR_PANIC);
    CHECK(same(openclaw_error_code(error), "panic") && !has(openclaw_error_to_json(error), "sk-secret"));
    openclaw_error_free(error);
    CHECK(openclaw_stream_next(stream, WAIT, &event, NULL) ==
          (runtime == OPENCLAW_RUNTIME_INLINE ? OPENCLAW_ERR_POISONED : OPENCLAW_ERR_PANIC));
    openclaw_stream_free(stream);
  }
  openclaw_client_free(client);
}

static int seen;

static void on_event(void *data, openclaw_stream *stream, const openclaw_event *event, openclaw_status status,
                     const openclaw_error *error) {
  (void)data, (void)stream;
  CHECK(event == NULL && status == OPENCLAW_ERR_PANIC && error != NULL);
  seen++;
}

static void in_a_dispatched_call(void) {
  openclaw_client *client = NULL;
  openclaw_stream *stream;
  OK(openclaw_test_panic_client(OPENCLAW_RUNTIME_THREADED, &client, err));
  stream = stream_of(client);
  OK(openclaw_stream_set_callback(stream, on_event, NULL, NULL, err));
  while (seen == 0) OK(openclaw_client_dispatch(client, WAIT, NULL, err));
  OK(openclaw_client_dispatch(client, 0, NULL, err));
  CHECK(seen == 1);
  openclaw_stream_free(stream);
  openclaw_client_free(client);
}

int main(void) {
  openclaw_test_server *server = server_of("stall");
  openclaw_client *client = client_of(server, OPENCLAW_RUNTIME_THREADED);
  openclaw_stream *stream = stream_of(client);
  openclaw_event event = OPENCLAW_EVENT_INIT;
  openclaw_error *error = NULL;
  openclaw_str text;
  for (int i = 0; i < 3; i++) {
    CHECK(openclaw_test_panic(NULL, &error) == OPENCLAW_ERR_PANIC);
    CHECK(same(openclaw_error_code(error), "panic") && has(openclaw_error_message(error), "on purpose"));
    CHECK(!has(openclaw_error_message(error), "sk-secret"));
    openclaw_error_free(error);
    CHECK(openclaw_test_panic(NULL, NULL) == OPENCLAW_ERR_PANIC);
  }
  CHECK(openclaw_test_panic(stream, &error) == OPENCLAW_ERR_PANIC);
  openclaw_error_free(error);
  CHECK(openclaw_stream_next(stream, 0, &event, &error) == OPENCLAW_ERR_POISONED);
  CHECK(same(openclaw_error_code(error), "poisoned"));
  openclaw_error_free(error);
  CHECK(openclaw_stream_final_json(stream, &text, NULL) == OPENCLAW_ERR_POISONED);
  openclaw_stream_cancel(stream);
  openclaw_stream_free(stream);
  /* Others are not touched. */
  stream = stream_of(client);
  CHECK(openclaw_stream_next(stream, WAIT, &event, NULL) == OPENCLAW_EVENT);
  CHECK(openclaw_test_panic_in_accessor(stream) == 7 && openclaw_test_panic_in_accessor(NULL) == 7);
  CHECK(openclaw_stream_try_next(stream, &event, NULL) == OPENCLAW_ERR_POISONED);
  CHECK(openclaw_stream_state(stream) == OPENCLAW_STREAM_RUNNING);
  openclaw_stream_free(stream);
  openclaw_test_panic_in_free(stream_of(client));
  in_a_call(OPENCLAW_RUNTIME_THREADED);
  in_a_call(OPENCLAW_RUNTIME_INLINE);
  in_a_dispatched_call();
  openclaw_client_free(client);
  OK(openclaw_test_server_wait_connections(server, 0, err));
  openclaw_test_server_free(server);
  openclaw_global_shutdown(2000);
  puts("test_panic: good");
  return 0;
}
