/* What the tests share: a check that names its place, and the embedded server. */
#ifndef CHECK_H
#define CHECK_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "openclaw.h"

#define CHECK(condition)                                                      \
  do {                                                                        \
    if (!(condition)) {                                                       \
      fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition); \
      abort();                                                                \
    }                                                                         \
  } while (0)

/* The call succeeds; else the error is shown. */
#define OK(call)                                                                                   \
  do {                                                                                             \
    openclaw_error *ok_error = NULL;                                                               \
    openclaw_error **err = &ok_error;                                                              \
    openclaw_status ok_status = (call);                                                            \
    if (ok_status < 0) {                                                                           \
      fprintf(stderr, "%s:%d: %s\n%d %s\n", __FILE__, __LINE__, #call, ok_status,                  \
              openclaw_error_to_json(ok_error).ptr);                                               \
      abort();                                                                                     \
    }                                                                                              \
  } while (0)

#define WAIT 20000

/* No test forks under the address sanitizer: its allocator may be locked by another thread, and then stays so in the child. */
#if defined(__SANITIZE_ADDRESS__)
#define UNDER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UNDER_ASAN 1
#endif
#endif
#ifndef UNDER_ASAN
#define UNDER_ASAN 0
#endif

static inline openclaw_str cs(const char *text) { return openclaw_cstr(text); }

static inline int same(openclaw_str a, const char *b) {
  return a.len == strlen(b) && memcmp(a.ptr, b, a.len) == 0 && a.ptr[a.len] == 0;
}

static inline int has(openclaw_str a, const char *b) { return strstr(a.ptr, b) != NULL; }

/* What stands in a file; to be freed. */
static inline char *file(const char *path) {
  FILE *f = fopen(path, "rb");
  size_t size = 0, room = 1 << 20;
  char *text = malloc(room + 1);
  CHECK(f != NULL && text != NULL);
  while (!feof(f)) {
    size += fread(text + size, 1, room - size, f);
    if (size == room) CHECK((text = realloc(text, (room *= 2) + 1)) != NULL);
  }
  text[size] = 0;
  fclose(f);
  return text;
}

static inline openclaw_test_server *server_of(const char *scenario) {
  openclaw_test_server *server = NULL;
  OK(openclaw_test_server_start(cs(scenario), cs(""), &server, err));
  return server;
}

static inline openclaw_client *client_of(const openclaw_test_server *server, uint32_t runtime) {
  openclaw_client_options options = OPENCLAW_CLIENT_OPTIONS_INIT;
  openclaw_client *client = NULL;
  options.runtime = runtime;
  options.token = openclaw_test_server_token(server);
  options.base_url = openclaw_test_server_url(server);
  options.settings_json = cs("{\"max_retries\":0}");
  OK(openclaw_client_new(&options, &client, err));
  return client;
}

static inline openclaw_stream *stream_of(const openclaw_client *client) {
  openclaw_request *request = NULL;
  openclaw_stream *stream = NULL;
  OK(openclaw_request_new(&request, err));
  OK(openclaw_request_set_model(request, cs("gpt-5.4"), err));
  OK(openclaw_request_set_input_text(request, cs("hi"), err));
  OK(openclaw_client_stream(client, request, &stream, err));
  openclaw_request_free(request);
  return stream;
}

#endif
