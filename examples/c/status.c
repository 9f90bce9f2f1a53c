/* Says what is wrong on this machine: status [probe]. With "probe" the provider is asked, once each for three things. */
#include <openclaw.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
  const char *settings = argc > 1 && strcmp(argv[1], "probe") == 0 ? "{\"probe\":true}" : "";
  openclaw_diagnosis *diagnosis = NULL;
  openclaw_error *error = NULL;
  int check;

  if (openclaw_diagnose(openclaw_cstr(settings), 60000, &diagnosis, &error) < 0) {
    fprintf(stderr, "%s\n", openclaw_error_message(error).ptr);
    openclaw_error_free(error);
    return 3;
  }
  puts(openclaw_diagnosis_says(diagnosis).ptr);
  /* What a program does about it depends on the number, never on the words. */
  if (openclaw_diagnosis_verdict(diagnosis) == OPENCLAW_VERDICT_EDGE_BLOCKED)
    puts("the login is good: signing in again would change nothing");
  puts(openclaw_diagnosis_to_json(diagnosis).ptr);
  check = openclaw_diagnosis_check(diagnosis);
  openclaw_diagnosis_free(diagnosis);
  return argc > 1 ? check : 0;
}
