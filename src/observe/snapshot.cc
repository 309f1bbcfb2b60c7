#include "observe/snapshot.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>

#include "base/text.h"
#include "host/proc_files.h"

namespace tlswhy::observe {
namespace {

constexpr std::size_t kMaxWords = 64;  // of a command line that are kept
constexpr std::size_t kMaxWord = 1024;

// The name by which the kernel tells namespaces apart, e.g. "mnt:[4026531841]".
bool same_link(pid_t pid, const char* name) { return host::proc_link(pid, name) == host::proc_link(::getpid(), name); }

bool same_root(pid_t pid) {
  struct stat mine{}, other{};
  return ::stat("/proc/self/root/", &mine) == 0 && ::stat(fmt::format("/proc/{}/root/", pid).c_str(), &other) == 0 && mine.st_dev == other.st_dev &&
         mine.st_ino == other.st_ino;
}

// A deleted file can still be read through /proc/PID/map_files (needs CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN).
std::shared_ptr<const base::UniqueFd> save_deleted(pid_t pid, const host::MappedFile& file) {
  const std::string path = fmt::format("/proc/{}/map_files/{:x}-{:x}", pid, file.start, file.end);
  auto fd = std::make_shared<base::UniqueFd>(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  struct stat st{};
  return fd->valid() && ::fstat(fd->get(), &st) == 0 && S_ISREG(st.st_mode) ? std::move(fd) : nullptr;
}

void take_objects(pid_t pid, facts::Snapshot& out) {
  const auto text = host::read_proc(pid, "maps");
  if (!text) return out.unseen.push_back("the mapped libraries: " + text.error().text());
  for (host::MappedFile& file : host::parse_maps(*text)) {
    if (!file.executable) continue;
    facts::MappedObject object{file, nullptr};
    if (file.deleted) object.saved = save_deleted(pid, file);
    if (file.deleted && !object.saved) out.unseen.push_back(base::printable(file.path) + " was deleted and can't be read any more");
    out.objects.push_back(std::move(object));
  }
  const auto program = std::ranges::find_if(out.objects, [&](const facts::MappedObject& one) { return one.file.path == out.process.exe; });
  if (program != out.objects.end()) std::rotate(out.objects.begin(), program, program + 1);
}

void take_root(pid_t pid, facts::Snapshot& out) {
  const std::string path = fmt::format("/proc/{}/root", pid);
  out.process.root = base::printable(host::proc_link(pid, "root"));
  out.process.mount_namespace = host::proc_link(pid, "ns/mnt");
  out.process.own_root = !same_root(pid) || !same_link(pid, "ns/mnt");
  base::UniqueFd root(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root.valid()) {
    out.unseen.push_back("the root directory of the process: " + base::errno_name(errno));
    root.reset(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  }
  if (!same_link(pid, "ns/mnt"))
    out.mount_namespace = std::make_shared<base::UniqueFd>(::open(fmt::format("/proc/{}/ns/mnt", pid).c_str(), O_RDONLY | O_CLOEXEC));
  out.root = std::make_shared<base::UniqueFd>(::fcntl(root.get(), F_DUPFD_CLOEXEC, 3));
  out.files = std::make_shared<host::RealFiles>(std::move(root));
}

// The label that AppArmor or SELinux gave it: "snap.x.y (enforce)", "system_u:system_r:httpd_t:s0"; "" for none, and where there is neither.
std::string confinement(pid_t pid) {
  auto label = host::read_proc(pid, "attr/current");
  if (!label) return "";
  while (label->ends_with('\n') || label->ends_with('\0')) label->pop_back();
  return *label == "unconfined" || *label == "kernel" ? "" : base::printable(*label);
}

// The time of start, seconds since 1970: ticks since boot, and how long ago that was.
std::int64_t start_time(pid_t pid) {
  const auto text = host::read_proc(pid, "stat");
  timespec now{}, up{};
  const std::uint64_t ticks = text ? host::parse_stat_field(*text, 22).value_or(0) : 0;
  if (ticks == 0 || ::clock_gettime(CLOCK_REALTIME, &now) != 0 || ::clock_gettime(CLOCK_BOOTTIME, &up) != 0) return 0;
  constexpr std::int64_t kSecond = 1'000'000'000;
  const std::int64_t boot = (now.tv_sec - up.tv_sec) * kSecond + (now.tv_nsec - up.tv_nsec);
  return (boot + static_cast<std::int64_t>(ticks) * (kSecond / ::sysconf(_SC_CLK_TCK))) / kSecond;
}

}  // namespace

std::vector<std::string> read_command(pid_t pid) {
  std::vector<std::string> out;
  if (const auto command = host::read_proc(pid, "cmdline")) out = host::parse_cmdline(*command);
  if (out.size() > kMaxWords) out.resize(kMaxWords);
  for (std::string& word : out) word = base::printable(word, kMaxWord);
  return out;
}

facts::Process read_process(pid_t pid, std::span<const std::string_view> variables) {
  facts::Process out;
  out.pid = pid;
  out.exe = host::proc_link(pid, "exe");
  out.command = read_command(pid);
  if (const auto auxiliary = host::read_proc(pid, "auxv")) out.at_secure = host::parse_at_secure(*auxiliary);
  out.started = start_time(pid);
  out.trust_env = read_variables(pid, variables);
  return out;
}

std::map<std::string, std::string> read_variables(pid_t pid, std::span<const std::string_view> variables) {
  const auto environment = host::read_proc(pid, "environ");
  return environment ? host::choose_variables(host::parse_environ(*environment), variables) : std::map<std::string, std::string>{};
}

base::Result<std::shared_ptr<facts::Snapshot>> take_snapshot(pid_t pid, const facts::Process& known) {
  TRY(status_text, host::read_proc(pid, "status"));
  const host::ProcStatus status = host::parse_status(status_text);
  auto out = std::make_shared<facts::Snapshot>();
  out->process = known;
  out->process.parent = status.parent;
  out->who = status.who;
  out->process.uid = status.who.uid;
  out->process.gid = status.who.gid;
  out->process.groups.assign(status.who.groups.begin(), status.who.groups.end());
  out->process.reads_all = status.who.bypass;
  out->process.confinement = confinement(pid);
  out->process.filters = status.filters;
  out->process.no_new_privileges = status.no_new_privileges;
  take_root(pid, *out);
  take_objects(pid, *out);
  return out;
}

}  // namespace tlswhy::observe
