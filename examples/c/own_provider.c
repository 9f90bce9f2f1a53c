/* A provider of the program's own: asked like any other, it answers from a thread: own_provider PROMPT.
 * In place of the words below there would be a model that runs on this machine. */
#include <openclaw.h>
#include <pthread.h>
#include <stdio.h>

static void *answer(void *data) {
  static const char *const words[] = {"This ", "program ", "answers ", "itself."};
  openclaw_reply *reply = data;
  for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
    /* Not faster than it is read; and not at all once nobody wants it any more. */
    if (openclaw_reply_wait(reply, -1, NULL) < 0) break;
    if (openclaw_reply_text(reply, openclaw_cstr(words[i]), NULL) < 0) break;
  }
  openclaw_reply_done(reply, NULL);
  openclaw_reply_free(reply);
  return NULL;
}

/* Called by the library's thread, which must not be held up. */
static void stream(void *user_data, openclaw_str request_json, openclaw_str options_json, openclaw_reply *reply) {
  pthread_t thread;
  (void)user_data, (void)options_json;
  fprintf(stderr, "asked: %s\n", request_json.ptr);
  if (pthread_create(&thread, NULL, answer, reply) == 0) {
    pthread_detach(thread);
  } else {
    openclaw_reply_fail(reply, OPENCLAW_ERR_OVERLOADED, openclaw_cstr("no thread is left"), NULL);
    openclaw_reply_free(reply);
  }
}

int main(int argc, char **argv) {
  openclaw_provider provider = OPENCLAW_PROVIDER_INIT;
  openclaw_client *client = NULL;
  openclaw_request *request = NULL;
  openclaw_stream *call = NULL;
  openclaw_error *error = NULL;
  openclaw_event event = OPENCLAW_EVENT_INIT;
  openclaw_status status;

  provider.id = openclaw_cstr("mine");
  provider.stream = stream;
  status = openclaw_client_new_with_provider(NULL, &provider, &client, &error);
  if (status == OPENCLAW_OK) status = openclaw_request_new(&request, &error);
  if (status == OPENCLAW_OK)
    status = openclaw_request_set_input_text(request, openclaw_cstr(argc > 1 ? argv[1] : "Who answers?"), &error);
  if (status == OPENCLAW_OK) status = openclaw_client_stream(client, request, &call, &error);
  while (call && (status = openclaw_stream_next(call, -1, &event, &error)) == OPENCLAW_EVENT)
    if (event.kind == OPENCLAW_EVENT_TEXT_DELTA) fwrite(event.text.ptr, 1, event.text.len, stdout);
  putchar('\n');
  if (status < 0) fprintf(stderr, "%s\n", openclaw_error_message(error).ptr);
  openclaw_error_free(error);
  openclaw_stream_free(call);
  openclaw_request_free(request);
  openclaw_client_free(client);
  return status < 0;
}
