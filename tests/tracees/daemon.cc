// Leaves a daemon behind that, after its parent has ended, makes calls that the tracer's filter stops at, and then
// writes "alive" to the file it was given.

#include <fcntl.h>
#include <unistd.h>

#include <cstring>

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  if (::fork() != 0) return 0;
  ::setsid();
  for (int fd = 0; fd < 3; ++fd) ::close(fd);
  ::usleep(3000 * 1000);
  const bool calls_work = ::access("/", R_OK) == 0;
  const int fd = ::open(argv[1], O_WRONLY | O_CREAT | O_TRUNC, 0644);
  const char* text = calls_work ? "alive" : "broken";
  return ::write(fd, text, std::strlen(text)) > 0 ? 0 : 1;
}
