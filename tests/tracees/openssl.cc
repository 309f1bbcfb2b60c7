// TLS clients for the tests of breakpoints, with libssl loaded by dlopen(3) as plug-ins do it. Prints what must be seen.
//   threads PORT COUNT    COUNT threads shake hands at once; "verify CODE" for each
//   reload PORT           handshake, dlclose, dlopen, handshake
//   signals PORT          handshakes under a storm of signals; "signals ok" when their handler ran and every one was verified
//   loading FILE          loads a store out of a pipe that is given the FILE, with a fork and a signal meanwhile; prints what was looked for
//   exec PORT PROGRAM     a thread of it executes PROGRAM threads PORT 1

#include <arpa/inet.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

namespace {

struct Ssl {
  void* handle = ::dlopen("libssl.so.3", RTLD_NOW | RTLD_LOCAL);
  template <typename F>
  F* get(const char* name) const {
    return reinterpret_cast<F*>(::dlsym(handle, name));
  }
};

// The verification result of one handshake with 127.0.0.1:port, -1 when it did not come so far.
long shake(const Ssl& ssl, int port) {
  sockaddr_in peer{};
  peer.sin_family = AF_INET;
  peer.sin_port = htons(static_cast<unsigned short>(port));
  peer.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  while (::connect(fd, reinterpret_cast<sockaddr*>(&peer), sizeof peer) != 0)
    if (errno != EINTR) return -1;
  void* context = ssl.get<void*(const void*)>("SSL_CTX_new")(ssl.get<const void*()>("TLS_client_method")());
  ssl.get<void(void*, int, void*)>("SSL_CTX_set_verify")(context, 1, nullptr);
  void* session = ssl.get<void*(void*)>("SSL_new")(context);
  ssl.get<int(void*, int)>("SSL_set_fd")(session, fd);
  ssl.get<int(void*)>("SSL_connect")(session);
  const long result = ssl.get<long(const void*)>("SSL_get_verify_result")(session);
  ssl.get<void(void*)>("SSL_free")(session);
  ssl.get<void(void*)>("SSL_CTX_free")(context);
  ::close(fd);
  return result;
}

int threads(int port, int count) {
  const Ssl ssl;
  std::vector<std::thread> all;
  std::vector<long> results(static_cast<std::size_t>(count));
  for (long& result : results) all.emplace_back([&] { result = shake(ssl, port); });
  for (std::thread& one : all) one.join();
  for (const long result : results) std::printf("verify %ld\n", result);
  return 0;
}

int reload(int port) {
  for (int i = 0; i < 3; ++i) {
    const Ssl ssl;
    std::printf("verify %ld\n", shake(ssl, port));
    ::dlclose(ssl.handle);
  }
  return 0;
}

std::atomic<int> ticks;

int signals(int port) {
  struct sigaction action{};
  action.sa_handler = [](int) { ++ticks; };
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGALRM, &action, nullptr);
  const itimerval often{{0, 200}, {0, 200}};
  ::setitimer(ITIMER_REAL, &often, nullptr);
  const Ssl ssl;
  bool good = true;
  for (int i = 0; i < 20; ++i) {
    const long result = shake(ssl, port);
    std::printf("verify %ld\n", result);
    good = result > 0 && good;
  }
  const itimerval never{};
  ::setitimer(ITIMER_REAL, &never, nullptr);
  std::printf("signals %s\n", good && ticks > 0 ? "ok" : "lost");
  return 0;
}

void look_for(const char* path) {
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  if (fd >= 0) ::close(fd);
}

// In the middle of loading a store: what a child does that is made there, and what the handler of a signal does.
std::atomic<bool> forks;

void* allocate(std::size_t size, const char*, int) {
  if (forks.exchange(false)) {
    const pid_t child = ::fork();
    if (child == 0) look_for("/etc/ssl/missing-in-child"), ::_exit(0);
    ::waitpid(child, nullptr, 0);
  }
  return std::malloc(size);
}

// Pages of `pem`, until they are eaten.
void feed(int pipe, const std::string& pem, std::size_t first, std::size_t count) {
  (void)!::write(pipe, pem.data() + first * 4096, count * 4096);
  for (int left = 1; left > 0 && ::ioctl(pipe, FIONREAD, &left) == 0;) ::usleep(1000);
  ::usleep(20'000);
}

void feed_all(int pipe, const std::string& pem, pthread_t loader) {
  feed(pipe, pem, 0, 5);
  forks = true;
  feed(pipe, pem, 5, 4);
  ::pthread_kill(loader, SIGUSR1);
  (void)!::write(pipe, pem.data() + 9 * 4096, pem.size() - 9 * 4096);
  ::close(pipe);
}

int loading(const char* file) {
  const Ssl ssl;
  ssl.get<int(void* (*)(std::size_t, const char*, int), void*, void*)>("CRYPTO_set_mem_functions")(allocate, nullptr, nullptr);
  std::ifstream in(file);
  std::ostringstream pem;
  pem << in.rdbuf();
  struct sigaction action{};
  action.sa_handler = [](int) { look_for("/etc/ssl/missing-in-handler"); };
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGUSR1, &action, nullptr);
  int ends[2];
  if (::pipe(ends) != 0) return 1;
  std::thread feeder(feed_all, ends[1], pem.str(), ::pthread_self());
  void* store = ssl.get<void*()>("X509_STORE_new")();
  const int done =
      ssl.get<int(void*, const char*, const char*)>("X509_STORE_load_locations")(store, ("/dev/fd/" + std::to_string(ends[0])).c_str(), nullptr);
  look_for("/etc/ssl/missing-behind");
  feeder.join();
  std::puts("lookup newfstatat /etc/ssl/missing-included ENOENT");  // of the configuration, read with the first certificate
  for (const char* where : {"in-child", "in-handler", "behind"}) std::printf("lookup openat /etc/ssl/missing-%s ENOENT\n", where);
  return done == 1 ? 0 : 1;
}

int exec_in_thread(int port, const char* program) {
  const std::string number = std::to_string(port);
  std::thread([&] { ::execl(program, program, "threads", number.c_str(), "1", nullptr); }).join();
  return 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string what = argc > 2 ? argv[1] : "";
  const int port = argc > 2 ? std::atoi(argv[2]) : 0;
  if (what == "threads" && argc > 3) return threads(port, std::atoi(argv[3]));
  if (what == "reload") return reload(port);
  if (what == "signals") return signals(port);
  if (what == "loading") return loading(argv[2]);
  if (what == "exec" && argc > 3) return exec_in_thread(port, argv[3]);
  return 2;
}
