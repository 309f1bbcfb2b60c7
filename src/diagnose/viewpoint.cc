#include "diagnose/viewpoint.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <map>

#include "base/text.h"
#include "base/time.h"
#include "diagnose/real_laboratory.h"
#include "facts/reasons.h"
#include "host/proc_files.h"
#include "host/self.h"
#include "loader/loader.h"
#include "observe/snapshot.h"
#include "stacks/stack.h"

namespace tlswhy::diagnose {

using base::Code;
using base::fail;
using base::Result;

namespace {

using Seen = std::shared_ptr<const facts::Snapshot>;

// Where a shell would find `name`; "" if nowhere.
std::string on_path(const std::string& name) {
  if (name.find('/') != std::string::npos) return ::access(name.c_str(), R_OK) == 0 ? name : "";
  const char* path = std::getenv("PATH");
  for (const std::string& directory : base::split(path != nullptr ? path : "/usr/bin:/bin", ':')) {
    const std::string full = directory + "/" + name;
    struct stat st{};
    if (::stat(full.c_str(), &st) == 0 && S_ISREG(st.st_mode) && (st.st_mode & 0111) != 0) return full;
  }
  return "";
}

// The process that `program` would be, started from here.
Seen would_be(const std::string& program) {
  auto out = std::make_shared<facts::Snapshot>();
  out->process = observe::read_process(::getpid(), stacks::trust_variables());
  out->process.pid = 0;
  out->process.exe = host::real_path(program);
  out->process.command = {base::printable(program)};
  out->who = host::our_credentials();
  base::UniqueFd root(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
  out->root = std::make_shared<base::UniqueFd>(::fcntl(root.get(), F_DUPFD_CLOEXEC, 3));
  out->files = std::make_shared<host::RealFiles>(std::move(root));
  for (const loader::Object& object : loader::closure(*out->files, out->process.exe, out->process.trust_env)) {
    host::MappedFile file;
    file.path = object.path;
    file.executable = true;
    out->objects.push_back({file, nullptr});
  }
  return out;
}

Result<Seen> of_process(pid_t pid) {
  auto shot = observe::take_snapshot(pid, observe::read_process(pid, stacks::trust_variables()));
  if (!shot) return std::unexpected(shot.error());
  return Seen(std::move(*shot));
}

// The program here that stands for this stack, "" for none: a well-known one, or one of its name that is it.
std::string program_of(const stacks::Stack& row) {
  for (const stacks::Program& program : row.programs)
    if (::access(std::string(program.path).c_str(), X_OK) == 0) return std::string(program.path);
  const std::string path = on_path(std::string(row.id));
  if (path.empty()) return "";
  const auto found = stacks::recognise_at(host::RealFiles::machine(), host::real_path(path));
  return std::ranges::find(found, row.id, &facts::Stack::model) == found.end() ? "" : path;
}

// What `stores --as` takes: as the program here, else as the model alone says.
Result<Seen> of_stack(const std::string& name) {
  TRY(spec, stacks::parse_spec(name));
  const stacks::Stack& row = *stacks::find_stack(spec.name);
  if (const std::string program = name == spec.name ? program_of(row) : ""; !program.empty()) return would_be(program);
  auto out = std::make_shared<facts::Snapshot>(*would_be(""));
  out->objects.clear();
  out->assumed = stacks::named(spec);
  return out;
}

}  // namespace

Result<Seen> viewpoint(const std::string& as) {
  pid_t pid = 0;
  const auto [end, error] = std::from_chars(as.data(), as.data() + as.size(), pid);
  if (error == std::errc() && end == as.data() + as.size() && pid > 0) return of_process(pid);
  const auto stack = of_stack(as);
  if (stack && as.find('/') == std::string::npos) return stack;
  if (const std::string program = on_path(as); !program.empty()) return would_be(program);
  return fail(Code::kNotFound, "neither a process number, a program, nor a stack (`tlswhy stacks` lists them)", base::printable(as));
}

namespace {

struct Opinion {
  Result<findings::Answer> answer;
  std::string by;  // "library", "model"
};

// The library itself where its code can be run, else the model of the stack.
Opinion ask_stack(prove::Laboratory& laboratory, std::int64_t handshake, std::int64_t stack, std::int64_t time) {
  findings::Change then;  // what was captured is judged at that time
  if (time != 0) then.edits.push_back({findings::EditKind::kTime, "", base::time_text(time)});
  auto answer = laboratory.ask(findings::Means::kLibrary, handshake, stack, then);
  if (answer) return {std::move(answer), "library"};
  auto modelled = laboratory.ask(findings::Means::kModel, handshake, stack, then);
  return modelled ? Opinion{std::move(modelled), "model"} : Opinion{std::move(answer), "library"};
}

}  // namespace

bool verify_as_seen(Analysis& analysis) {
  constexpr int kRefused = -1;  // by a stack that has no number for it
  bool any = false;
  RealLaboratory laboratory(analysis, false);
  std::map<std::string, Opinion> asked;  // by stack and chain
  for (std::size_t i = 0; i < analysis.facts.handshakes.size(); ++i) {
    facts::Handshake& shake = analysis.facts.handshakes[i];
    if (i >= analysis.handshakes.size() || analysis.handshakes[i].chain.empty()) continue;
    if (shake.stack_index < 0) {
      analysis.facts.unseen.push_back("what it would say of " + shake.peer + ": no TLS stack with a model among its libraries");
      continue;
    }
    constexpr std::int64_t kHour = 3600;
    const std::int64_t time = analysis.handshakes[i].time;
    std::string key = fmt::format("{} {} ", shake.stack_index, time / kHour);
    for (const facts::Certificate& one : shake.chain) key += one.sha256;
    auto known = asked.find(key);
    if (known == asked.end()) known = asked.emplace(key, ask_stack(laboratory, static_cast<std::int64_t>(i), shake.stack_index, time)).first;
    const auto& answer = known->second.answer;
    if (!answer) {
      analysis.facts.unseen.push_back("what its library says of the chain of " + shake.peer + ": " + answer.error().message);
      continue;
    }
    any = true;
    const int code = !answer->ok && answer->code == 0 ? kRefused : answer->code;
    shake.verify = facts::Verify{code, answer->text, answer->depth, known->second.by, answer->reason};
    const x509::Certificate& leaf = analysis.handshakes[i].chain.front();
    if (answer->ok && !shake.servername.empty() && !leaf.is_for(shake.servername)) shake.verify = hostname_mismatch();
    if (shake.verify->code != 0) shake.result = "failed";
    shake.reason = facts::reason_of(shake);
  }
  return any;
}

}  // namespace tlswhy::diagnose
