/* Leaks a handle on purpose: the sanitizers must see it. */
#include "check.h"

int main(void) {
  openclaw_request *request = NULL;
  OK(openclaw_request_new(&request, err));
  request = NULL;
  return request != NULL;
}
