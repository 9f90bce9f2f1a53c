/* Says what is wrong with an openclaw.json, and how it would be repaired: check_config [FILE].
 * Without FILE it is the one that OpenClaw itself would read. */
#include <openclaw.h>
#include <stdio.h>

static int fail(openclaw_error *error) {
  fprintf(stderr, "%s: %s\n", openclaw_error_kind(error).ptr, openclaw_error_message(error).ptr);
  openclaw_error_free(error);
  return 2;
}

int main(int argc, char **argv) {
  openclaw_config_source source = OPENCLAW_CONFIG_SOURCE_INIT;
  openclaw_config_issue issue = OPENCLAW_CONFIG_ISSUE_INIT;
  openclaw_config_report *report = NULL;
  openclaw_repair *repair = NULL;
  openclaw_error *error = NULL;
  int valid;

  if (argc > 1) source.path = openclaw_cstr(argv[1]);
  if (openclaw_config_check(&source, &report, &error) < 0) return fail(error);
  valid = openclaw_config_report_valid(report);
  printf("%s is %s\n", openclaw_config_report_path(report).ptr, valid ? "valid" : "invalid");
  for (size_t i = 0; i < openclaw_config_report_issue_count(report); i++) {
    if (openclaw_config_report_issue(report, i, &issue, &error) < 0) return fail(error);
    printf("%s:", issue.file.ptr);
    if (issue.line > 0) printf("%u:%u:", (unsigned)issue.line, (unsigned)issue.column);
    printf(" %s: %s: %s\n", issue.severity == OPENCLAW_SEVERITY_ERROR ? "error" : "warning",
           issue.path.len > 0 ? issue.path.ptr : "<root>", issue.message.ptr);
  }

  /* OPENCLAW_REPAIR_WRITE would write it. A file that cannot be read cannot be repaired. */
  if (!valid && openclaw_config_repair(&source, OPENCLAW_REPAIR_DRY_RUN, &repair, NULL) == OPENCLAW_OK)
    printf("\n%s", openclaw_repair_rendered(repair).ptr);

  openclaw_repair_free(repair);
  openclaw_config_report_free(report);
  return 0;
}
