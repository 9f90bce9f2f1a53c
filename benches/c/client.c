/* One sample: client WAY PORT EVENTS. Reads a stream, takes `type` and `delta` of every event, prints the CPU time of this
 * process, all threads, in µs per event. */
#define _GNU_SOURCE
#include <cjson/cJSON.h>
#include <curl/curl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "openclaw.h"

static double cpu(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static size_t deltas, bytes;

/* --- libcurl and cJSON, as a C programmer would: split lines, parse each `data:` line. */

struct lines {
  char *text;
  size_t size, room;
};

static void line(const char *text, size_t size) {
  if (size < 6 || memcmp(text, "data: ", 6) != 0) return;
  cJSON *json = cJSON_ParseWithLength(text + 6, size - 6);
  const char *type = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "type"));
  if (type != NULL && strcmp(type, "response.output_text.delta") == 0) {
    const char *delta = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "delta"));
    deltas++;
    bytes += delta ? strlen(delta) : 0;
  }
  cJSON_Delete(json);
}

static size_t on_bytes(char *data, size_t one, size_t size, void *user) {
  struct lines *kept = user;
  char *from = data, *end = data + size, *stop;
  (void)one;
  while ((stop = memchr(from, '\n', (size_t)(end - from))) != NULL) {
    size_t more = (size_t)(stop - from);
    if (kept->size == 0) {
      line(from, more);
    } else {
      if (kept->size + more > kept->room) kept->text = realloc(kept->text, kept->room = kept->size + more);
      memcpy(kept->text + kept->size, from, more);
      line(kept->text, kept->size + more);
      kept->size = 0;
    }
    from = stop + 1;
  }
  size_t rest = (size_t)(end - from);
  if (rest > 0) {
    if (kept->size + rest > kept->room) kept->text = realloc(kept->text, kept->room = kept->size + rest);
    memcpy(kept->text + kept->size, from, rest);
    kept->size += rest;
  }
  return size;
}

static double with_curl(const char *port, int multi) {
  char url[128];
  struct lines kept = {0};
  struct curl_slist *headers = curl_slist_append(NULL, "content-type: application/json");
  curl_global_init(CURL_GLOBAL_DEFAULT);
  CURL *easy = curl_easy_init();
  headers = curl_slist_append(headers, "accept: text/event-stream");
  snprintf(url, sizeof url, "http://127.0.0.1:%s/responses", port);
  curl_easy_setopt(easy, CURLOPT_URL, url);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, "{\"model\":\"m\",\"stream\":true}");
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_bytes);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &kept);
  double before = cpu();
  if (multi) {
    CURLM *all = curl_multi_init();
    int running = 1;
    curl_multi_add_handle(all, easy);
    while (running) {
      curl_multi_perform(all, &running);
      if (running) curl_multi_poll(all, NULL, 0, 1000, NULL);
    }
  } else {
    curl_easy_perform(easy);
  }
  return cpu() - before;
}

/* --- libopenclaw */

static void die(openclaw_error *error) {
  fprintf(stderr, "%s\n", openclaw_error_to_json(error).ptr);
  exit(1);
}

static void seen(const openclaw_event *event) {
  if (event->kind == OPENCLAW_EVENT_TEXT_DELTA) {
    deltas++;
    bytes += event->text.len;
  }
}

static void on_event(void *over, openclaw_stream *stream, const openclaw_event *event, openclaw_status status,
                     const openclaw_error *error) {
  (void)stream, (void)status, (void)error;
  if (event)
    seen(event);
  else
    *(int *)over = 1;
}

static double with_openclaw(const char *way, const char *port) {
  char url[128], token[4096];
  openclaw_test_server *server = NULL;
  openclaw_client_options options = OPENCLAW_CLIENT_OPTIONS_INIT;
  openclaw_client *client = NULL;
  openclaw_request *request = NULL;
  openclaw_stream *stream = NULL;
  openclaw_error *error = NULL;
  openclaw_event event = OPENCLAW_EVENT_INIT, batch[64];
  openclaw_status status = 0;
  size_t count;
  if (openclaw_test_server_start(openclaw_cstr(NULL), openclaw_cstr(NULL), &server, &error) < 0) die(error);
  snprintf(token, sizeof token, "%s", openclaw_test_server_token(server).ptr);
  openclaw_test_server_free(server);
  snprintf(url, sizeof url, "http://127.0.0.1:%s/backend-api/codex", port);
  options.token = openclaw_cstr(token);
  options.base_url = openclaw_cstr(url);
  options.settings_json = openclaw_cstr("{\"max_retries\":0}");
  options.runtime = strncmp(way, "inline", 6) == 0 ? OPENCLAW_RUNTIME_INLINE : OPENCLAW_RUNTIME_THREADED;
  if (openclaw_client_new(&options, &client, &error) < 0) die(error);
  if (openclaw_request_from_json(openclaw_cstr("{\"model\":\"m\",\"input\":\"hi\"}"), &request, &error) < 0) die(error);
  double before = cpu();
  if (openclaw_client_stream(client, request, &stream, &error) < 0) die(error);
  if (strstr(way, "batch")) {
    while ((status = openclaw_stream_next_batch(stream, -1, batch, 64, sizeof batch[0], &count, &error)) == OPENCLAW_EVENT)
      for (size_t i = 0; i < count; i++) seen(&batch[i]);
  } else if (strcmp(way, "fd") == 0) {
    struct pollfd one = {-1, POLLIN, 0};
    if (openclaw_client_fd(client, &one.fd, &error) < 0) die(error);
    do {
      poll(&one, 1, -1);
      while ((status = openclaw_stream_try_next(stream, &event, &error)) == OPENCLAW_EVENT) seen(&event);
    } while (status == OPENCLAW_ERR_WOULD_BLOCK);
  } else if (strcmp(way, "dispatch") == 0) {
    int over = 0;
    if (openclaw_stream_set_callback(stream, on_event, &over, NULL, &error) < 0) die(error);
    while (!over)
      if (openclaw_client_dispatch(client, -1, NULL, &error) < 0) die(error);
  } else {
    while ((status = openclaw_stream_next(stream, -1, &event, &error)) == OPENCLAW_EVENT) seen(&event);
  }
  if (status < 0) die(error);
  return cpu() - before;
}

int main(int argc, char **argv) {
  if (argc != 4) return 2;
  size_t wanted = strtoul(argv[3], NULL, 10);
  double spent = strncmp(argv[1], "curl", 4) == 0 ? with_curl(argv[2], strcmp(argv[1], "curl multi") == 0)
                                                  : with_openclaw(argv[1], argv[2]);
  if (deltas != wanted || bytes != 6 * wanted) {
    fprintf(stderr, "%s: %zu events in place of %zu\n", argv[1], deltas, wanted);
    return 1;
  }
  printf("%.4f\n", spent / (double)wanted);
  return 0;
}
