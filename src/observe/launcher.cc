#include "observe/launcher.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "base/text.h"
#include "observe/launched_child.h"
#include "observe/syscalls.h"

namespace tlswhy::observe {
namespace {

constexpr std::size_t kStack = std::size_t{64} * 1024;

// The files that execvp(3) tries.
std::vector<std::string> candidates(const std::string& name) {
  if (name.empty() || name.contains('/')) return {name};
  const char* path = std::getenv("PATH");
  std::vector<std::string> out = base::split(path != nullptr ? path : "/bin:/usr/bin", ':');
  for (std::string& folder : out) folder = folder.empty() ? name : folder + "/" + name;
  return out;
}

// Ours, and those to be set.
std::vector<std::string> environment_with(const std::map<std::string, std::string>& set) {
  std::vector<std::string> out;
  for (char** one = ::environ; *one != nullptr; ++one)
    if (!set.contains(std::string(*one, std::strcspn(*one, "=")))) out.emplace_back(*one);
  for (const auto& [name, value] : set) out.push_back(name + "=" + value);
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> out;
  for (std::string& word : words) out.push_back(word.data());
  return out;
}

}  // namespace

std::string find_program(const std::string& name) {
  if (name.contains('/')) return name;
  for (const std::string& file : candidates(name))
    if (!name.empty() && ::access(file.c_str(), X_OK) == 0) return file;
  return "";
}

// Everything that the child works with.
struct Launched::Orders {
  std::vector<std::string> words, files, variables;
  std::vector<char*> word_pointers, file_pointers, variable_pointers;
  std::vector<int> default_signals;
  sigset_t mask{};
  ChildOrders orders;
  std::unique_ptr<std::uint8_t[]> stack = std::make_unique_for_overwrite<std::uint8_t[]>(kStack);

  Orders(const std::vector<std::string>& command, const Setting& setting)
      : words(command), files(candidates(command.front())), default_signals(setting.default_signals.begin(), setting.default_signals.end()) {
    word_pointers = pointers(words);
    word_pointers.insert(word_pointers.begin(), nullptr);
    word_pointers.push_back(nullptr);
    file_pointers = pointers(files);
    if (!setting.environment.empty()) {
      variables = environment_with(setting.environment);
      variable_pointers = pointers(variables);
      variable_pointers.push_back(nullptr);
    }
    orders = {.files = file_pointers,
              .arguments = word_pointers,
              .environment = variables.empty() ? ::environ : variable_pointers.data(),
              .default_signals = default_signals};
    if (setting.filtered) orders.filter = call_filter();
    if (setting.mask != nullptr) mask = *setting.mask, orders.mask = &mask;
  }
};

Launched::Launched() = default;
Launched::Launched(Launched&& other) noexcept
    : pid_(other.pid_),
      maker_(std::exchange(other.maker_, 0)),
      orders_(std::move(other.orders_)),
      go_(std::move(other.go_)),
      report_(std::move(other.report_)),
      childs_go_(std::move(other.childs_go_)),
      childs_report_(std::move(other.childs_report_)) {}

Launched& Launched::operator=(Launched&& other) noexcept {
  if (this == &other) return *this;
  end();
  pid_ = other.pid_;
  maker_ = std::exchange(other.maker_, 0);
  orders_ = std::move(other.orders_);
  go_ = std::move(other.go_);
  report_ = std::move(other.report_);
  childs_go_ = std::move(other.childs_go_);
  childs_report_ = std::move(other.childs_report_);
  return *this;
}

Launched::~Launched() { end(); }

// Before the memory goes that it lives in.
void Launched::end() {
  if (std::exchange(maker_, 0) != ::getpid()) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, __WALL);
}

// Not with a sanitizer's care for the stack, which is that of the thread whose storage this has.
__attribute__((no_sanitize("address"))) int Launched::child(void* orders) { obey(static_cast<Orders*>(orders)->orders); }

base::Result<Launched> Launched::make(const std::vector<std::string>& command, const Setting& setting) {
  Launched out;
  for (const auto& [reader, writer] : {std::pair(&out.childs_go_, &out.go_), std::pair(&out.report_, &out.childs_report_)}) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return base::fail_errno(errno, "can't make a pipe");
    reader->reset(ends[0]);
    writer->reset(ends[1]);
  }
  out.orders_ = std::make_unique<Orders>(command, setting);
  TRY_VOID(out.begin());
  return out;
}

base::Result<void> Launched::begin() {
  ChildOrders& orders = orders_->orders;
  orders.parent = ::getpid();
  orders.go = childs_go_.get(), orders.parents_go = go_.get(), orders.report = childs_report_.get(), orders.parents_report = report_.get();
  pid_ = ::clone(child, orders_->stack.get() + kStack, CLONE_VM | SIGCHLD, orders_.get());
  if (pid_ < 0) return base::fail_errno(errno, "can't start a process");
  maker_ = ::getpid();
  childs_go_.reset();
  childs_report_.reset();
  return {};
}

void Launched::start() {
  maker_ = 0;
  (void)!::write(go_.get(), "", 1);
  go_.reset();
}

void Launched::leave() {
  maker_ = 0;
  go_.reset();
  report_.reset();
}

void Launched::read_report(StartReport& report, bool wait) {
  if (!report_.valid()) return;
  const int flags = ::fcntl(report_.get(), F_GETFL);
  ::fcntl(report_.get(), F_SETFL, wait ? flags & ~O_NONBLOCK : flags | O_NONBLOCK);
  char word = 0;
  while (::read(report_.get(), &word, 1) == 1) {
    if (word == kNoFilter) report.filtered = false;
    if (word != kExecFailed) continue;
    char error = 0;
    if (::read(report_.get(), &error, 1) == 1) report.exec_error = static_cast<unsigned char>(error);
  }
}

}  // namespace tlswhy::observe
