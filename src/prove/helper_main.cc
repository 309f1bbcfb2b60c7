// tlswhy-prove: the process in which a proof runs. Started by tlswhy; its last descriptor argument is where the
// answer goes. Links no OpenSSL (see helper.h).

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <string>
#include <vector>

#include "prove/helper.h"
#include "prove/library_answer.h"

int main(int argc, char** argv) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const auto request = tlswhy::prove::from_arguments({argv + 1, argv + argc});
  const auto answer =
      request ? tlswhy::prove::answer_request(*request) : tlswhy::base::Result<tlswhy::prove::LibraryAnswer>(std::unexpected(request.error()));
  const std::string line = tlswhy::prove::encode(answer);
  (void)!::write(STDOUT_FILENO, line.data(), line.size());
  ::_exit(request ? 0 : 2);  // no destructors of a library that may be broken
}
