/* Signs in with ChatGPT: sign_in [browser | paste | device].
 * The login is stored where OpenClaw has it. Without an argument nobody is asked: an embedded login server and a person of its
 * own show how it goes, in a folder that is gone afterwards. */
#define _XOPEN_SOURCE 700
#include <openclaw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fail(openclaw_error *error) {
  fprintf(stderr, "%s: %s\n", openclaw_error_kind(error).ptr, openclaw_error_message(error).ptr);
  openclaw_error_free(error);
  return 1;
}

int main(int argc, char **argv) {
  char folder[] = "/tmp/openclaw-sign-in-XXXXXX", settings[512] = "", asked[128], line[4096], path[256];
  openclaw_sign_in_step step = OPENCLAW_SIGN_IN_STEP_INIT;
  openclaw_test_server *server = NULL;
  openclaw_logins *logins = NULL;
  openclaw_sign_in *sign_in = NULL;
  openclaw_string *back = NULL, *list = NULL;
  openclaw_error *error = NULL;
  openclaw_status status;

  if (argc < 2) {
    if (mkdtemp(folder) == NULL || openclaw_test_server_start(openclaw_cstr("plain"), openclaw_cstr(NULL), &server, &error) < 0)
      return fail(error);
    snprintf(settings, sizeof settings, "{\"store\":\"%s/auth-profiles.json\",\"issuer\":\"%s\"}", folder,
             openclaw_test_server_issuer_url(server).ptr);
  }
  snprintf(asked, sizeof asked, "{\"method\":\"%.16s\"}", argc < 2 ? "paste" : argv[1]);
  if (openclaw_logins_new(openclaw_cstr(settings), &logins, &error) < 0 ||
      openclaw_sign_in_start(logins, openclaw_cstr(asked), &sign_in, &error) < 0)
    return fail(error);

  while ((status = openclaw_sign_in_next(sign_in, -1, &step, &error)) == OPENCLAW_EVENT) {
    switch (step.kind) {
      case OPENCLAW_SIGN_IN_OPEN_URL:
        printf("Open this address:\n\n  %s\n\n", step.url.ptr);
        if (server && openclaw_test_server_decide_sign_in(server, step.url, 1, &back, &error) < 0) return fail(error);
        break;
      case OPENCLAW_SIGN_IN_SHOW_CODE:
        printf("Open %s on any device and type %s\n", step.url.ptr, step.code.ptr);
        break;
      case OPENCLAW_SIGN_IN_ASK:
        printf("%s%sPaste the address of the page that comes then: ", step.text.ptr, step.text.len ? "\n" : "");
        fflush(stdout);
        if (server) {
          openclaw_sign_in_answer(sign_in, openclaw_string_view(back), NULL);
          puts("(pasted)");
        } else if (fgets(line, sizeof line, stdin) != NULL) {
          openclaw_sign_in_answer(sign_in, openclaw_cstr(line), NULL);
        } else {
          openclaw_sign_in_cancel(sign_in);
        }
        break;
      default: /* How far it is, and what a later version adds. */
        break;
    }
  }
  if (status < 0) return fail(error);

  if (openclaw_logins_list_json(logins, &list, &error) < 0) return fail(error);
  printf("%s\n", openclaw_string_view(list).ptr);
  openclaw_string_free(list);
  openclaw_string_free(back);
  openclaw_sign_in_free(sign_in);
  openclaw_logins_free(logins);
  openclaw_test_server_free(server);
  if (argc < 2) {
    snprintf(path, sizeof path, "%s/auth-profiles.json", folder);
    unlink(path);
    snprintf(path, sizeof path, "%s/auth-profiles.json.claw-lock", folder);
    unlink(path);
    rmdir(folder);
  }
  return 0;
}
