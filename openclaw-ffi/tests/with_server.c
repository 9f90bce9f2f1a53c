/* Runs a program with the embedded server's address and token in its environment: with_server PROGRAM. */
#define _POSIX_C_SOURCE 200809L
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"

int main(int argc, char **argv) {
  openclaw_test_server *server = server_of("plain");
  int status = -1;
  pid_t child;
  CHECK(argc > 1);
  CHECK(setenv("OPENCLAW_URL", openclaw_test_server_url(server).ptr, 1) == 0);
  CHECK(setenv("CHATGPT_TOKEN", openclaw_test_server_token(server).ptr, 1) == 0);
  child = fork();
  CHECK(child >= 0);
  if (child == 0) {
    execv(argv[1], argv + 1);
    _exit(127);
  }
  CHECK(waitpid(child, &status, 0) == child);
  openclaw_test_server_free(server);
  return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
