#include "observe/breakpoints.h"

#include <algorithm>
#include <utility>

#include "base/text.h"
#include "host/proc_files.h"
#include "observe/tracee.h"

namespace tlswhy::observe {
namespace {

constexpr std::size_t kMaxAwaited = 64;       // per thread: left-overs of longjmp(3) and panics
constexpr std::size_t kMaxRoutines = 10'000;  // goroutines that wait inside a watched call

}  // namespace

Breakpoints::Space& Breakpoints::space(pid_t pid) {
  std::shared_ptr<Space>& entry = spaces_[pid];
  if (!entry) entry = std::make_shared<Space>();
  return *entry;
}

void Breakpoints::executed(pid_t pid) {
  if (lifeline_ != nullptr && spaces_.contains(pid)) lifeline_->lifted(pid);
  spaces_.erase(pid);
  awaited_.erase(pid);
  stepping_.erase(pid);
  std::erase_if(routines_, [&](const auto& one) { return one.first.first == pid; });
  watcher_.forget(pid);
  if (!libraries_.program_without(pid)) mapped(pid);  // libraries are not there yet
}

void Breakpoints::forked(pid_t parent, pid_t child, bool shares_memory) {
  const auto entry = spaces_.find(parent);
  if (entry == spaces_.end()) return;
  watcher_.forked(parent, child);
  if (lifeline_ != nullptr && !shares_memory && !entry->second->sites.empty()) lifeline_->inherited(parent, child);
  spaces_[child] = shares_memory ? entry->second : std::make_shared<Space>(*entry->second);
  if (const auto waiting = awaited_.find(parent); waiting != awaited_.end() && !shares_memory) awaited_[child] = waiting->second;
}

void Breakpoints::gone(pid_t tid) {
  spaces_.erase(tid);
  awaited_.erase(tid);
  stepping_.erase(tid);
  watcher_.forget(tid);
}

void Breakpoints::mapped(pid_t pid) {
  const auto text = host::read_proc(pid, "maps");
  if (!text) return;
  const std::string program = host::proc_link(pid, "exe");
  // What lay behind calls may have been unmapped since: it is planted anew at the next call.
  std::erase_if(space(pid).sites, [&](auto& site) {
    if (!site.second.behind_call) return false;
    const auto there = read_memory(pid, {site.first}, breakpoint_instruction().size());
    return !there || !std::ranges::equal(*there, breakpoint_instruction());
  });
  for (const host::MappedFile& file : host::parse_maps(*text)) {
    const bool is_program = file.path == program;
    if (!file.executable || (!is_program && !may_hold_tls(base::base_name(file.path)))) continue;
    const TlsLibrary* library = libraries_.get(pid, file, is_program);
    if (library == nullptr) continue;
    if (library->checks_itself) {
      watcher_.unseen(pid, "what happens inside " + base::printable(file.path) + ": it compares its own code with a hash, so no breakpoint was set");
      continue;
    }
    plant_all(pid, *library, file.start - library->first_address);
  }
}

void Breakpoints::plant_all(pid_t pid, const TlsLibrary& library, std::uint64_t bias) {
  CodeMemory memory(pid);
  for (const TlsLibrary::Entry& entry : library.entries) {
    Site* site = nullptr;
    if (!plant(pid, memory, entry.address + bias, site)) continue;
    site->library = &library;
    site->function = entry.function;
    site->bias = bias;
    if (is_out(space(pid), *site)) (void)memory.write({entry.address + bias}, site->saved);
  }
}

bool Breakpoints::plant(pid_t pid, CodeMemory& memory, std::uint64_t address, Site*& out) {
  constexpr std::size_t kLongest = 15;
  const auto trap = breakpoint_instruction();
  if (const auto known = space(pid).sites.find(address); known != space(pid).sites.end() && known->second.behind_call) {
    out = &known->second;
    return true;
  }
  auto code = read_memory(pid, {address}, kLongest);
  if (!code || code->size() < trap.size()) return false;
  Site& site = space(pid).sites[address];
  out = &site;
  if (stepped_over(space(pid), address)) return true;  // out for a moment
  // There already; otherwise new, or a library that was unloaded and has come back.
  if (!site.saved.empty() && std::equal(trap.begin(), trap.end(), code->begin())) return true;
  site.saved.assign(code->begin(), code->begin() + static_cast<std::ptrdiff_t>(trap.size()));
  site.code = std::move(*code);
  if (lifeline_ != nullptr) lifeline_->planted(pid, address, site.saved);
  if (memory.write({address}, trap)) return true;
  space(pid).sites.erase(address);
  return false;
}

void Breakpoints::lift(pid_t pid) {
  const auto trap = breakpoint_instruction();
  CodeMemory memory(pid);
  for (const auto& [address, site] : space(pid).sites) {
    const auto there = read_memory(pid, {address}, trap.size());
    if (there && std::ranges::equal(*there, trap)) (void)memory.write({address}, site.saved);
  }
}

bool Breakpoints::put_back(pid_t pid, pid_t tid) {
  if (stepping_.erase(tid) > 0) return true;  // the step is done
  auto registers = Registers::read(tid);
  if (!registers || !space(pid).sites.contains(registers->breakpoint())) return false;
  registers->set_instruction(registers->breakpoint());
  return registers->write(tid).has_value();
}

bool Breakpoints::loads_file(pid_t tid, std::uint64_t stack) const {
  const auto waiting = awaited_.find(tid);
  if (waiting == awaited_.end() || waiting->second.empty()) return false;
  const Awaited& last = waiting->second.back();
  return loads_one_file(last.function->call) && last.library->family == Family::kOpenSsl && stack < last.stack;
}

Breakpoints::Hit Breakpoints::hit(pid_t pid, pid_t tid) {
  const auto known = spaces_.find(pid);
  if (known == spaces_.end()) return Hit::kNotOurs;
  auto registers = Registers::read(tid);
  if (!registers) return Hit::kNotOurs;
  const std::uint64_t address = registers->breakpoint();
  const auto found = known->second->sites.find(address);
  if (found == known->second->sites.end()) return Hit::kNotOurs;
  // Not before: a program without TLS needs no disassembler, which takes two milliseconds to load.
  if (!found->second.code.empty()) found->second.step = elf::decode_step(std::exchange(found->second.code, {}));
  // The site of the entry may plant one for the return: a copy stays valid.
  const Site site = found->second;
  registers->set_instruction(address);
  if (site.behind_call) returned(pid, tid, *registers);
  if (site.function != nullptr) entered(pid, tid, site, *registers);
  if (registers->perform(tid, site.step, address) && registers->write(tid)) return Hit::kResume;
  if (!registers->write(tid)) return Hit::kResume;  // killed meanwhile
  (void)write_code(tid, {address}, site.saved);
  stepping_[tid] = {known->second.get(), address};
  return Hit::kStep;
}

void Breakpoints::stepped(pid_t pid, pid_t tid) {
  const auto entry = stepping_.find(tid);
  if (entry == stepping_.end()) return;
  const std::uint64_t address = entry->second.second;
  stepping_.erase(entry);
  Space& here = space(pid);
  const auto site = here.sites.find(address);
  const bool out = site == here.sites.end() || is_out(here, site->second);
  // Put back under another thread that is about to step over it, it would stop that one in the middle of an instruction.
  if (!out && !stepped_over(here, address)) (void)write_code(tid, {address}, breakpoint_instruction());
}

bool Breakpoints::stepped_over(const Space& where, std::uint64_t address) const {
  return std::ranges::any_of(stepping_, [&](const auto& one) { return one.second == std::pair(&where, address); });
}

// While a store is loaded, and before there is a peer, the breakpoints at parsing functions are out: they would stop once
// for each anchor. Others tell something only inside a verification: NSPR's error is set by each read that would block, too.
bool Breakpoints::is_out(const Space& where, const Site& site) {
  if (site.function == nullptr) return false;
  if (tells_inside(site.function->call)) return where.verifying == 0;
  if (where.loading > 0 && quiet_while_loading(site.function->call)) return true;
  return needs_peer(site.function->call) && !where.connected;
}

// Puts the breakpoints at those functions in, or takes them out.
void Breakpoints::settle(pid_t pid, bool (*concerned)(Call)) {
  const Space& here = space(pid);
  CodeMemory memory(pid);
  for (const auto& [address, site] : here.sites) {
    if (site.function == nullptr || !concerned(site.function->call) || stepped_over(here, address)) continue;
    (void)memory.write({address}, is_out(here, site) ? bytes::View(site.saved) : bytes::View(breakpoint_instruction()));
  }
}

void Breakpoints::connects(pid_t pid) {
  Space& here = space(pid);
  if (std::exchange(here.connected, true)) return;
  if (here.loading == 0) settle(pid, needs_peer);
}

void Breakpoints::inside(pid_t pid, Call call, bool begins) {
  if (loads_store(call)) loading(pid, begins);
  if (verifies(call)) verifying(pid, begins);
}

void Breakpoints::loading(pid_t pid, bool begins) {
  Space& here = space(pid);
  if (!begins && here.loading == 0) return;
  here.loading += begins ? 1U : ~0U;
  if (here.loading == (begins ? 1 : 0)) settle(pid, quiet_while_loading);
}

void Breakpoints::verifying(pid_t pid, bool begins) {
  Space& here = space(pid);
  if (!begins && here.verifying == 0) return;
  here.verifying += begins ? 1U : ~0U;
  if (here.verifying == (begins ? 1 : 0)) settle(pid, tells_inside);
}

// A call is over, by a return or without one.
void Breakpoints::drop_last(pid_t pid, std::vector<Awaited>& waiting) {
  const Call call = waiting.back().function->call;
  waiting.pop_back();
  inside(pid, call, false);
}

void Breakpoints::entered(pid_t pid, pid_t tid, const Site& site, const Registers& registers) {
  const Thread thread{pid, tid, site.bias};
  if (!watcher_.entered(thread, *site.library, *site.function, registers)) return;
  const auto address = registers.return_address(tid);
  Site* back = nullptr;
  CodeMemory memory(pid);
  if (!address || !plant(pid, memory, *address, back)) return;
  back->behind_call = true;
  const bool go = site.library->family == Family::kGo;
  if (go && routines_.size() >= kMaxRoutines) routines_.clear();
  auto& waiting = go ? routines_[{pid, registers.goroutine()}] : awaited_[tid];
  const Awaited one{*address, registers.stack_after_return(), site.bias, site.library, site.function, registers};
  // A step that was disturbed by a signal enters a second time.
  if (!waiting.empty() && waiting.back().stack == one.stack && waiting.back().function == one.function) drop_last(pid, waiting);
  if (waiting.size() >= kMaxAwaited) return;
  waiting.push_back(one);
  inside(pid, one.function->call, true);
}

void Breakpoints::returned(pid_t pid, pid_t tid, const Registers& registers) {
  const auto take = [&](std::vector<Awaited>& waiting, bool moves) {
    // Frames below this one were left without a return. Go moves stacks, so there only the address tells.
    while (!moves && !waiting.empty() && waiting.back().stack < registers.stack()) drop_last(pid, waiting);
    if (waiting.empty() || waiting.back().address != registers.instruction()) return;
    if (!moves && waiting.back().stack != registers.stack()) return;
    const Awaited one = waiting.back();
    drop_last(pid, waiting);
    watcher_.returned({pid, tid, one.bias}, *one.library, *one.function, one.at_entry, registers);
  };
  if (const auto waiting = awaited_.find(tid); waiting != awaited_.end()) take(waiting->second, false);
  const auto routine = routines_.find({pid, registers.goroutine()});
  if (routine == routines_.end()) return;
  take(routine->second, true);
  if (routine->second.empty()) routines_.erase(routine);
}

}  // namespace tlswhy::observe
