/* Blocking pull, in both modes: events, ends, errors, requests, JSON forms. */
#include "check.h"

static void events_and_ends(uint32_t runtime) {
  openclaw_test_server *server = server_of("plain");
  openclaw_client *client = client_of(server, runtime);
  openclaw_stream *stream = stream_of(client);
  openclaw_event event = OPENCLAW_EVENT_INIT;
  openclaw_string *info = NULL;
  openclaw_str json, text;
  char all[4096] = "";
  uint64_t count = 0;
  uint32_t last = 0;
  openclaw_status status;
  if (runtime == OPENCLAW_RUNTIME_INLINE) {
    OK(openclaw_stream_info_json(stream, &info, err));
    CHECK(same(openclaw_string_view(info), "{\"began\":false}"));
    openclaw_string_free(info);
  }
  while ((status = openclaw_stream_next(stream, WAIT, &event, NULL)) == OPENCLAW_EVENT) {
    CHECK(event.struct_size == sizeof event && event.sequence == count++);
    last = event.kind;
    CHECK(event.text.ptr[event.text.len] == 0 && event.json.ptr[event.json.len] == 0);
    OK(openclaw_stream_event_json(stream, 0, &json, err));
    CHECK(json.ptr[0] == '{' && json.ptr[json.len] == 0);
    if (event.kind == OPENCLAW_EVENT_TEXT_DELTA) {
      CHECK(event.json.len == 0 && event.item_id.len > 0 && has(json, "\"type\":\"text_delta\""));
      strncat(all, event.text.ptr, sizeof all - strlen(all) - 1);
    } else if (event.kind < OPENCLAW_EVENT_TEXT_DELTA || event.kind > OPENCLAW_EVENT_TOOL_INPUT_DELTA) {
      CHECK(same(event.json, json.ptr));
    }
    CHECK(openclaw_stream_event_json(stream, 1, &json, NULL) == OPENCLAW_ERR_INVALID_ARGUMENT);
  }
  CHECK(status == OPENCLAW_OK && count > 10 && last == OPENCLAW_EVENT_COMPLETED && event.kind == 0);
  for (int i = 0; i < 3; i++) {
    CHECK(openclaw_stream_next(stream, WAIT, &event, NULL) == OPENCLAW_OK);
    OK(openclaw_stream_text(stream, &text, err));
    OK(openclaw_stream_final_json(stream, &json, err));
    CHECK(same(text, all) && has(json, "\"finish_reason\":\"stop\""));
    CHECK(openclaw_stream_state(stream) == OPENCLAW_STREAM_COMPLETED);
    CHECK(openclaw_stream_status(stream, NULL) == OPENCLAW_OK);
  }
  openclaw_stream_cancel(stream);
  CHECK(openclaw_stream_state(stream) == OPENCLAW_STREAM_COMPLETED);
  OK(openclaw_stream_info_json(stream, &info, err));
  CHECK(has(openclaw_string_view(info), "\"began\":true") && has(openclaw_string_view(info), "\"http_status\":200"));
  CHECK(has(openclaw_string_view(info), "\"request_id\":\"") && has(openclaw_string_view(info), "[\"content-type\",\""));
  openclaw_string_free(info);
  openclaw_stream_free(stream);

  /* The same in batches; a stride beyond our struct is what a newer header would have. */
  struct wider {
    openclaw_event event;
    uint64_t later;
  } batch[7];
  size_t written, total = 0;
  stream = stream_of(client);
  memset(batch, 0xff, sizeof batch);
  while ((status = openclaw_stream_next_batch(stream, WAIT, &batch[0].event, 7, sizeof batch[0], &written, NULL)) ==
         OPENCLAW_EVENT) {
    CHECK(written > 0 && written <= 7);
    for (size_t i = 0; i < written; i++) {
      CHECK(batch[i].event.sequence == total++ && batch[i].later == 0);
      CHECK(batch[i].event.struct_size == sizeof batch[0]);
    }
    OK(openclaw_stream_event_json(stream, written - 1, &json, err));
  }
  CHECK(status == OPENCLAW_OK && total == count && written == 0);
  openclaw_stream_free(stream);

  stream = stream_of(client);
  CHECK(openclaw_stream_finish(stream, WAIT, NULL) == OPENCLAW_OK);
  openclaw_stream_free(stream);
  openclaw_client_free(client);
  openclaw_test_server_free(server);
}

static void waits(uint32_t runtime) {
  openclaw_test_server *server = server_of("stall");
  openclaw_client *client = client_of(server, runtime);
  openclaw_stream *stream = stream_of(client);
  openclaw_event event = OPENCLAW_EVENT_INIT;
  openclaw_error *error = NULL;
  openclaw_str text;
  openclaw_status status;
  while ((status = openclaw_stream_next(stream, 300, &event, &error)) == OPENCLAW_EVENT) {
  }
  CHECK(status == OPENCLAW_ERR_WAIT_TIMEOUT && error == NULL);
  CHECK(openclaw_stream_try_next(stream, &event, &error) == OPENCLAW_ERR_WOULD_BLOCK && error == NULL);
  CHECK(openclaw_stream_text(stream, &text, &error) == OPENCLAW_ERR_NOT_ENDED && error == NULL);
  CHECK(openclaw_stream_state(stream) == OPENCLAW_STREAM_RUNNING);
  openclaw_stream_cancel(stream);
  CHECK(openclaw_stream_state(stream) == OPENCLAW_STREAM_CANCELLED);
  CHECK(openclaw_stream_next(stream, WAIT, &event, &error) == OPENCLAW_ERR_CANCELLED);
  CHECK(same(openclaw_error_kind(error), "cancelled"));
  openclaw_error_free(error);
  openclaw_stream_free(stream);
  /* A live stream is freed; its connection goes with it. */
  stream = stream_of(client);
  CHECK(openclaw_stream_next(stream, WAIT, &event, NULL) == OPENCLAW_EVENT);
  openclaw_stream_free(stream);
  openclaw_client_free(client);
  OK(openclaw_test_server_wait_connections(server, 0, err));
  CHECK(openclaw_test_server_open_connections(server) == 0);
  openclaw_test_server_free(server);
}

static void errors(void) {
  openclaw_test_server *server = server_of("challenge");
  openclaw_client *client = client_of(server, OPENCLAW_RUNTIME_THREADED);
  openclaw_stream *stream = stream_of(client);
  openclaw_error *error = NULL;
  openclaw_error *again = NULL;
  CHECK(openclaw_stream_finish(stream, WAIT, &error) == OPENCLAW_ERR_EDGE_BLOCKED);
  CHECK(openclaw_stream_status(stream, &again) == OPENCLAW_ERR_EDGE_BLOCKED);
  openclaw_stream_free(stream);
  CHECK(openclaw_error_status(error) == OPENCLAW_ERR_EDGE_BLOCKED);
  CHECK(same(openclaw_error_kind(error), "edge_blocked") && same(openclaw_error_stage(error), "responded"));
  CHECK(same(openclaw_error_advice(error), "other_provider") && openclaw_error_message(error).len > 40);
  CHECK(same(openclaw_error_provider(error), "openai-codex") && same(openclaw_error_model(error), "gpt-5.4"));
  CHECK(openclaw_error_http_status(error) == 403 && has(openclaw_error_url(error), "/backend-api/codex/responses"));
  CHECK(same(openclaw_error_edge_vendor(error), "cloudflare") && same(openclaw_error_edge_action(error), "challenge"));
  CHECK(openclaw_error_cf_ray(error).len > 0 && openclaw_error_body_preview(error).ptr != NULL);
  CHECK(openclaw_error_retry_after_ms(error) == -1 && openclaw_error_resets_at(error) == -1);
  CHECK(openclaw_error_usable_at(error) == -1);
  CHECK(!openclaw_error_retryable(error) && openclaw_error_cause_count(error) == 0);
  CHECK(openclaw_error_cause(error, 0).len == 0);
  CHECK(same(openclaw_error_to_json(error), openclaw_error_to_json(again).ptr));
  openclaw_error_free(error);
  openclaw_error_free(again);

  OK(openclaw_test_server_play(server, cs("usage_limit"), cs(""), err));
  stream = stream_of(client);
  error = NULL;
  CHECK(openclaw_stream_finish(stream, WAIT, &error) == OPENCLAW_ERR_USAGE_LIMIT);
  CHECK(openclaw_error_resets_at(error) > 1500000000 && openclaw_error_http_status(error) == 429);
  openclaw_error_free(error);
  openclaw_stream_free(stream);
  openclaw_client_free(client);

  /* What is below an error is listed: nobody listens where the server was. */
  openclaw_test_server *gone = server_of("plain");
  client = client_of(gone, OPENCLAW_RUNTIME_INLINE);
  stream = stream_of(client);
  openclaw_test_server_free(gone);
  error = NULL;
  CHECK(openclaw_stream_finish(stream, WAIT, &error) == OPENCLAW_ERR_CONNECT && openclaw_error_retryable(error));
  CHECK(openclaw_error_cause_count(error) > 0 && openclaw_error_cause(error, 0).len > 0);
  CHECK(openclaw_error_cause(error, openclaw_error_cause_count(error)).len == 0);
  openclaw_error_free(error);
  openclaw_stream_free(stream);
  openclaw_client_free(client);

  /* Tries are listed. */
  openclaw_client_options options = OPENCLAW_CLIENT_OPTIONS_INIT;
  openclaw_attempt attempt = OPENCLAW_ATTEMPT_INIT;
  openclaw_request *request = NULL;
  OK(openclaw_test_server_play(server, cs("overloaded"), cs(""), err));
  options.token = openclaw_test_server_token(server);
  options.base_url = openclaw_test_server_url(server);
  OK(openclaw_client_new(&options, &client, err));
  OK(openclaw_request_from_json(cs("{\"model\":\"m\",\"input\":\"hi\"}"), &request, err));
  OK(openclaw_request_set_option_json(request, cs("max_retries"), cs("1"), err));
  OK(openclaw_request_set_option_json(request, cs("retry_base_delay_ms"), cs("1"), err));
  OK(openclaw_client_stream(client, request, &stream, err));
  error = NULL;
  CHECK(openclaw_stream_finish(stream, WAIT, &error) == OPENCLAW_ERR_OVERLOADED);
  CHECK(openclaw_error_attempt_count(error) == 2 && openclaw_error_retryable(error));
  OK(openclaw_error_attempt(error, 1, &attempt, err));
  CHECK(attempt.status == OPENCLAW_ERR_OVERLOADED && same(attempt.kind, "overloaded") && same(attempt.model, "m"));
  CHECK(openclaw_error_attempt(error, 2, &attempt, NULL) == OPENCLAW_ERR_INVALID_ARGUMENT);
  openclaw_error_free(error);
  openclaw_stream_free(stream);
  openclaw_request_free(request);
  openclaw_client_free(client);
  openclaw_test_server_free(server);
}

static void json_forms(uint32_t runtime) {
  openclaw_test_server *server = server_of("plain");
  openclaw_client *client = client_of(server, runtime);
  openclaw_string *string = NULL;
  OK(openclaw_client_models_json(client, WAIT, &string, err));
  CHECK(has(openclaw_string_view(string), "\"id\""));
  openclaw_string_free(string);
  OK(openclaw_client_plan_usage_json(client, WAIT, &string, err));
  CHECK(has(openclaw_string_view(string), "plan_type"));
  openclaw_string_free(string);
  OK(openclaw_client_login_json(client, &string, err));
  CHECK(has(openclaw_string_view(string), "\"source\":\"settings\""));
  openclaw_string_free(string);
  OK(openclaw_classify_json(cs("{\"id\":1,\"status\":429,\"headers\":{\"retry-after\":\"2\"}}"), &string, err));
  CHECK(has(openclaw_string_view(string), "\"retry_after_ms\":2000"));
  openclaw_string_free(string);
  openclaw_client_free(client);
  openclaw_test_server_free(server);
  CHECK(strcmp(openclaw_version(), OPENCLAW_VERSION) == 0 && openclaw_version_number() == OPENCLAW_VERSION_NUMBER);
  CHECK(openclaw_abi_version() == OPENCLAW_ABI_VERSION && has(openclaw_build_info(), "\"testing\":true"));
}

static void images(void) {
  openclaw_string *url = NULL;
  openclaw_request *request = NULL;
  char item[256];
  OK(openclaw_image_url("\x89PNG\r\n", 6, cs(""), &url, err));
  CHECK(same(openclaw_string_view(url), "data:image/png;base64,iVBORw0K"));
  OK(openclaw_request_new(&request, err));
  snprintf(item, sizeof item,
           "{\"role\":\"user\",\"content\":[{\"type\":\"input_image\",\"image_url\":\"%s\"}]}",
           openclaw_string_view(url).ptr);
  OK(openclaw_request_add_item_json(request, cs(item), err));
  OK(openclaw_request_set_field_json(request, cs("effort"), cs("\"low\""), err));
  openclaw_string_free(url);
  OK(openclaw_request_json(request, &url, err));
  CHECK(has(openclaw_string_view(url), "iVBORw0K") && has(openclaw_string_view(url), "\"effort\":\"low\""));
  openclaw_string_free(url);
  openclaw_request_free(request);
  CHECK(openclaw_image_url("x", 1, cs(""), &url, NULL) == OPENCLAW_ERR_INVALID_REQUEST);
  CHECK(openclaw_image_url("x", 0, cs("image/png"), &url, NULL) == OPENCLAW_ERR_INVALID_REQUEST);
  CHECK(openclaw_image_url("x", SIZE_MAX, cs("image/png"), &url, NULL) == OPENCLAW_ERR_INVALID_ARGUMENT);
}

static void conversation(void) {
  openclaw_test_server *server = server_of("tool_call");
  openclaw_client *client = client_of(server, OPENCLAW_RUNTIME_INLINE);
  openclaw_request *request = NULL;
  openclaw_stream *stream = NULL;
  openclaw_string *string = NULL;
  openclaw_event event = OPENCLAW_EVENT_INIT;
  openclaw_error *error = NULL;
  char call_id[128] = "", name[128] = "";
  OK(openclaw_request_new(&request, err));
  OK(openclaw_request_set_model(request, cs("gpt-5.4"), err));
  OK(openclaw_request_set_instructions(request, cs("be short"), err));
  OK(openclaw_request_set_tools_json(
      request, cs("[{\"type\":\"function\",\"name\":\"clock\",\"parameters\":{\"type\":\"object\"}}]"), err));
  OK(openclaw_request_set_field_json(request, cs("parallel_tool_calls"), cs("false"), err));
  OK(openclaw_request_set_header(request, cs("x-extra"), cs("1"), err));
  OK(openclaw_request_set_timeout_ms(request, WAIT, err));
  OK(openclaw_request_add_text(request, cs("what time is it?"), err));
  OK(openclaw_client_stream(client, request, &stream, err));
  CHECK(openclaw_request_add_answer(request, stream, NULL) == OPENCLAW_ERR_NOT_ENDED);
  while (openclaw_stream_next(stream, WAIT, &event, NULL) == OPENCLAW_EVENT) {
    if (event.kind == OPENCLAW_EVENT_OUTPUT_ITEM_DONE && event.call_id.len > 0) {
      snprintf(call_id, sizeof call_id, "%s", event.call_id.ptr);
      snprintf(name, sizeof name, "%s", event.name.ptr);
      CHECK(event.text.ptr[0] == '{');
    }
  }
  CHECK(strcmp(name, "clock") == 0 && call_id[0] != 0);
  OK(openclaw_request_add_answer(request, stream, err));
  OK(openclaw_request_add_tool_result(request, cs(call_id), cs("noon"), err));
  openclaw_stream_free(stream);
  OK(openclaw_client_stream(client, request, &stream, err));
  CHECK(openclaw_stream_finish(stream, WAIT, NULL) == OPENCLAW_OK);
  openclaw_stream_free(stream);
  OK(openclaw_request_json(request, &string, err));
  CHECK(has(openclaw_string_view(string), "noon") && has(openclaw_string_view(string), "be short"));
  openclaw_string_free(string);
  OK(openclaw_test_server_requests_json(server, &string, err));
  CHECK(has(openclaw_string_view(string), "x-extra") && has(openclaw_string_view(string), "noon"));
  openclaw_string_free(string);

  /* What is wrong is named, at the call that set it. */
  CHECK(openclaw_request_set_field_json(request, cs("modle"), cs("1"), &error) == OPENCLAW_ERR_INVALID_REQUEST);
  CHECK(has(openclaw_error_message(error), "modle"));
  openclaw_error_free(error);
  CHECK(openclaw_request_set_input_json(request, cs("[{"), &error) == OPENCLAW_ERR_INVALID_REQUEST);
  openclaw_error_free(error);
  CHECK(openclaw_request_add_item_json(request, cs("{\"foo\":1}"), &error) == OPENCLAW_ERR_INVALID_REQUEST);
  CHECK(has(openclaw_error_message(error), "the item must be an object with \"type\" or \"role\""));
  openclaw_error_free(error);
  error = NULL;
  CHECK(openclaw_request_add_item_json(request, cs("7"), &error) == OPENCLAW_ERR_INVALID_REQUEST);
  openclaw_error_free(error);
  CHECK(openclaw_request_from_json(cs("[]"), &request, &error) == OPENCLAW_ERR_INVALID_REQUEST);
  openclaw_error_free(error);
  CHECK(openclaw_request_set_option_json(request, cs("timeout"), cs("1"), NULL) == OPENCLAW_ERR_INVALID_REQUEST);
  /* What does not fit is named and not shown: it may be a secret. */
  CHECK(openclaw_request_set_option_json(request, cs("headers"), cs("\"sk-secret\""), &error) == OPENCLAW_ERR_INVALID_REQUEST);
  CHECK(has(openclaw_error_message(error), "headers") && !has(openclaw_error_message(error), "sk-secret"));
  openclaw_error_free(error);
  openclaw_request_free(request);
  openclaw_client_free(client);
  openclaw_test_server_free(server);
}

/* The runtime of the struct goes before that of the JSON, unless it is the default. */
static void which_runtime(void) {
  static const struct {
    uint32_t runtime;
    const char *settings;
    int threaded;
  } cases[] = {
      {OPENCLAW_RUNTIME_DEFAULT, "", 1},
      {OPENCLAW_RUNTIME_DEFAULT, "{\"inline\":true}", 0},
      {OPENCLAW_RUNTIME_DEFAULT, "{\"inline\":false}", 1},
      {OPENCLAW_RUNTIME_THREADED, "{\"inline\":true}", 1},
      {OPENCLAW_RUNTIME_INLINE, "{\"inline\":false}", 0},
  };
  for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
    openclaw_client_options options = OPENCLAW_CLIENT_OPTIONS_INIT;
    openclaw_client *client = NULL;
    int32_t fd;
    CHECK(options.runtime == OPENCLAW_RUNTIME_DEFAULT);
    options.api_key = cs("sk-none");
    options.runtime = cases[i].runtime;
    options.settings_json = cs(cases[i].settings);
    OK(openclaw_client_new(&options, &client, err));
    CHECK(openclaw_client_fd(client, &fd, NULL) == (cases[i].threaded ? OPENCLAW_OK : OPENCLAW_ERR_UNSUPPORTED));
    openclaw_client_free(client);
  }
}

int main(void) {
  which_runtime();
  events_and_ends(OPENCLAW_RUNTIME_THREADED);
  events_and_ends(OPENCLAW_RUNTIME_INLINE);
  waits(OPENCLAW_RUNTIME_THREADED);
  waits(OPENCLAW_RUNTIME_INLINE);
  errors();
  json_forms(OPENCLAW_RUNTIME_THREADED);
  json_forms(OPENCLAW_RUNTIME_INLINE);
  images();
  conversation();
  openclaw_global_shutdown(2000);
  puts("test_blocking: good");
  return 0;
}
