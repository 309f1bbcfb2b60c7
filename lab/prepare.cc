#include "lab/prepare.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/unique_fd.h"
#include "lab/ca.h"
#include "lab/world.h"

namespace lab {

using tlswhy::base::Code;
using tlswhy::base::fail;
using tlswhy::base::fail_errno;
using tlswhy::base::Result;
using tlswhy::base::UniqueFd;

namespace {

namespace fs = std::filesystem;

constexpr const char* kSystemBundle = "/etc/ssl/certs/ca-certificates.crt";

std::string read_text(const std::string& path) {
  std::ifstream in(path);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

Result<void> write_text(const std::string& path, const std::string& text) {
  std::error_code ignored;
  fs::create_directories(fs::path(path).parent_path(), ignored);
  fs::remove(path, ignored);  // never write through a link
  std::ofstream out(path);
  out << text;
  if (!out.flush().good()) return fail(Code::kSystem, "can't write", path);
  return {};
}

// The lab's root beside the machine's own: first in the bundle, next free number in the hashed directory.
Result<void> add_to_system_store(const Authority& authority) {
  TRY_VOID(write_text(kSystemBundle, authority.root + read_text(kSystemBundle)));
  TRY_VOID(write_text("/etc/ssl/certs/lab-root.pem", authority.root));
  int number = 0;
  std::error_code ignored;
  const auto name = [&] { return fmt::format("/etc/ssl/certs/{}.{}", authority.root_hash, number); };
  while (fs::exists(fs::symlink_status(name(), ignored))) ++number;
  fs::create_symlink("lab-root.pem", name(), ignored);
  return {};
}

// The origin's engine is linked to the OpenSSL that it ships, so its libraries are mapped before Python asks for
// any. Ours is not: the copy in the bundle gets those two needs added. RUNPATH $ORIGIN it has of its own.
Result<void> add_engine(const Places& places, const std::string& bundle) {
  std::string version = read_text(places.data + "/soversion");
  while (version.ends_with('\n')) version.pop_back();
  TRY(status, run({"patchelf", "--add-needed", "libcrypto.so." + version, "--add-needed", "libssl.so." + version, "--output",
                   bundle + "/scriptengine", places.engine},
                  clean_environment({}, places), "", ""));
  if (status != 0) return fail(Code::kSystem, "patchelf can't make the lab's engine", bundle);
  return {};
}

std::string certificates_of(const std::string& word, const Authority& authority) {
  if (word == "anchor") return authority.root;
  if (word == "intermediate") return authority.intermediate;
  if (word == "other") return authority.other_root;
  if (word == "namesake") return authority.namesake;
  if (word == "unended") return authority.other_root.substr(0, authority.other_root.size() - 1);  // what follows is glued to it
  if (word == "bad") return "-----BEGIN CERTIFICATE-----\nMIIB*\n-----END CERTIFICATE-----\n";
  return word == "system" ? read_text(kSystemBundle) : "";
}

std::string content_of(const Placed& placed, const Authority& authority) {
  if (placed.content.starts_with("copy:")) return read_text(placed.content.substr(5));
  if (placed.content.starts_with("text:")) return placed.content.substr(5);
  std::istringstream words(placed.content);
  std::string out;
  for (std::string word; std::getline(words, word, '+');) out += certificates_of(word, authority);
  return out;
}

Result<void> place(const Placed& placed, const Authority& authority) {
  std::string path = placed.path;
  if (const std::size_t at = path.find("{hash}"); at != std::string::npos) path.replace(at, 6, authority.root_hash);
  std::error_code error;
  fs::create_directories(placed.directory ? fs::path(path) : fs::path(path).parent_path(), error);
  if (!placed.link.empty()) {
    fs::remove_all(path, error);
    fs::create_symlink(placed.link, path, error);
    if (error) return fail(Code::kSystem, "can't make the link", path);
    return {};
  }
  if (!placed.directory) TRY_VOID(write_text(path, content_of(placed, authority)));
  if (placed.mode != 0 && ::chmod(path.c_str(), placed.mode) != 0) return fail_errno(errno, "can't set the mode", path);
  const passwd* owner = placed.owner.empty() ? nullptr : ::getpwnam(placed.owner.c_str());
  if (owner != nullptr && ::chown(path.c_str(), owner->pw_uid, owner->pw_gid) != 0) return fail_errno(errno, "can't set the owner", path);
  return {};
}

// What the servers have besides a greeting: the intermediate, and a repository that `git ls-remote` can read.
Result<void> write_pages(const std::string& folder, const Authority& authority) {
  if (!authority.intermediate_der.empty()) TRY_VOID(write_text(folder + "/intermediate.cer", authority.intermediate_der));
  TRY_VOID(write_text(folder + "/repository.git/HEAD", "ref: refs/heads/main\n"));
  return write_text(folder + "/repository.git/info/refs", std::string(40, '1') + "\trefs/heads/main\n");
}

// What clients show, and whom servers trust for that: certificate and key in one file, as most programs take them.
Result<void> write_clients(const std::string& lab, const Authority& authority) {
  TRY_VOID(write_text(lab + "/client-root.pem", authority.client_root));
  TRY_VOID(write_text(lab + "/other-root.pem", authority.other_root));
  TRY_VOID(write_text(lab + "/client-key.pem", authority.client_key));
  TRY_VOID(write_text(lab + "/client-alone.pem", authority.client + authority.client_key));
  TRY_VOID(write_text(lab + "/client.pem", authority.client + authority.client_intermediate + authority.client_key));
  TRY_VOID(write_text(lab + "/client-expired.pem", authority.client_expired));
  return write_text(lab + "/client-server-only.pem", authority.client_server_only);
}

void become(const std::string& user) {
  const passwd* entry = ::getpwnam(user.c_str());
  if (entry == nullptr || ::setgroups(0, nullptr) != 0 || ::setgid(entry->pw_gid) != 0 || ::setuid(entry->pw_uid) != 0) ::_exit(125);
}

std::vector<char*> pointers(const std::vector<std::string>& words) {
  std::vector<char*> out;
  for (const std::string& word : words) out.push_back(const_cast<char*>(word.c_str()));
  out.push_back(nullptr);
  return out;
}

}  // namespace

Servers::~Servers() {
  for (const pid_t pid : pids_) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
}

Result<void> Servers::start(const std::vector<std::string>& argv) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0) return fail_errno(errno, "can't make a pipe");
  const UniqueFd reader(pipe[0]);
  UniqueFd writer(pipe[1]);
  const pid_t pid = ::fork();
  if (pid < 0) return fail_errno(errno, "can't start a server");
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(writer.get(), STDOUT_FILENO);
    ::execv(argv[0].c_str(), pointers(argv).data());
    ::_exit(127);
  }
  pids_.push_back(pid);
  writer.reset();
  char first = 0;
  if (::read(reader.get(), &first, 1) != 1) return fail(Code::kSystem, "the lab's server did not start", argv[0]);
  return {};
}

Result<Servers> prepare(const Scenario& scenario, const Places& places, const std::string& tls) {
  TRY(authority, make_authority(*scenario.peer, kServerName));
  const std::string lab = kLab, chain = lab + "/chain.pem", key = lab + "/key.pem", pages = lab + "/www";
  TRY_VOID(write_text(chain, authority.chain));
  TRY_VOID(write_text(key, authority.key));
  TRY_VOID(write_text(lab + "/root.pem", authority.root));
  TRY_VOID(write_pages(pages, authority));
  TRY_VOID(write_clients(lab, authority));
  const std::string scratch = places.data + "/scratch";
  TRY_VOID(show_at(places.share + "/clients", kFunctions, scratch));
  TRY_VOID(show_at(places.data + "/bundle", kBundle, scratch));
  TRY_VOID(show_at(places.data + "/bundle-debian", kDebianBundle, scratch));
  for (const char* bundle : {kBundle, kDebianBundle}) TRY_VOID(add_engine(places, bundle));
  std::error_code ignored;
  if (scenario.anchor_in_system) TRY_VOID(add_to_system_store(authority));
  for (const std::string& path : scenario.remove) fs::remove_all(path, ignored);
  for (const Placed& one : scenario.placed) TRY_VOID(place(one, authority));
  for (const auto& command : scenario.prepare) {
    TRY(status, run(expand_all(command, places), clean_environment({}, places), "", "/dev/null"));
    if (status != 0) return fail(Code::kSystem, fmt::format("'{}' failed in the set-up with status {}", command.front(), status));
  }
  Servers servers;
  std::vector<std::string> server{places.server, "127.0.0.1", "443", tls, pages, chain, key};
  if (!authority.nameless_chain.empty()) {
    for (const char* name : {"/nameless.pem", "/nameless-key.pem"}) server.push_back(lab + name);
    TRY_VOID(write_text(lab + "/nameless.pem", authority.nameless_chain));
    TRY_VOID(write_text(lab + "/nameless-key.pem", authority.nameless_key));
  }
  std::istringstream options{std::string(scenario.peer->serves)};
  for (std::string option; options >> option;) server.push_back(expand(option, places));
  TRY_VOID(servers.start(server));
  TRY_VOID(servers.start({places.server, "127.0.0.1", "80", "plain", pages}));
  return servers;
}

std::string expand(std::string text, const Places& places) {
  const std::array<std::pair<std::string, std::string>, 8> names{{{"{bundle}", kBundle},
                                                                  {"{debian}", kDebianBundle},
                                                                  {"{functions}", kFunctions},
                                                                  {"{host}", kServerName},
                                                                  {"{lab}", kLab},
                                                                  {"{tlswhy}", places.tlswhy},
                                                                  {"{static}", places.static_client},
                                                                  {"{clients}", places.data + "/clients"}}};
  for (const auto& [name, value] : names)
    for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name, at + value.size())) text.replace(at, name.size(), value);
  return text;
}

std::vector<std::string> expand_all(std::vector<std::string> words, const Places& places) {
  for (std::string& word : words) word = expand(word, places);
  return words;
}

Environment clean_environment(const Environment& more, const Places& places) {
  Environment out{{"PATH", "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"}, {"HOME", "/tmp"}, {"LANG", "C.UTF-8"}, {"PYTHONDONTWRITEBYTECODE", "1"}};
  if (const char* term = std::getenv("TERM")) out["TERM"] = term;
  for (const auto& [name, value] : more) out[name] = expand(value, places);
  return out;
}

Result<int> run(const std::vector<std::string>& argv, const Environment& env, const std::string& user, const std::string& output) {
  std::vector<std::string> settings;
  for (const auto& [name, value] : env) settings.push_back(name + "=" + value);
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) return fail_errno(errno, "can't start a process");
  if (pid == 0) {
    if (!output.empty()) {
      const int fd = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
      if (fd < 0) ::_exit(127);
      ::dup2(fd, STDOUT_FILENO);
      ::dup2(fd, STDERR_FILENO);
      if (const int nothing = ::open("/dev/null", O_RDONLY | O_CLOEXEC); nothing >= 0) ::dup2(nothing, STDIN_FILENO);
    }
    if (!user.empty()) become(user);
    const std::vector<char*> environment = pointers(settings);
    ::environ = const_cast<char**>(environment.data());  // execvp looks for the program with the new PATH
    ::execvp(argv[0].c_str(), pointers(argv).data());
    ::_exit(127);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace lab
