/* With a library of the feature test-panic: a panic becomes a status, its handle is poisoned, the process goes on. */
#include "check.h"

openclaw_status openclaw_test_panic(const openclaw_stream *stream, openclaw_error **err);

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
  openclaw_stream_free(stream);
  openclaw_client_free(client);
  OK(openclaw_test_server_wait_connections(server, 0, err));
  openclaw_test_server_free(server);
  openclaw_global_shutdown(2000);
  puts("test_panic: good");
  return 0;
}
