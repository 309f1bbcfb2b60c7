// On real files below a temporary folder, which is the root that is changed.

#include "fix/apply.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/text.h"
#include "fix/plan.h"
#include "tests/pki.h"

namespace tlswhy::fix {
namespace {

namespace fs = std::filesystem;
using findings::Change;
using findings::EditKind;

class Apply : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string form = "/tmp/fix-XXXXXX";
    folder_ = ::mkdtemp(form.data());
    fs::create_directories(folder_ + "/root/etc");
    before_ = std::getenv("XDG_STATE_HOME") != nullptr ? std::getenv("XDG_STATE_HOME") : "";
    ::setenv("XDG_STATE_HOME", (folder_ + "/state").c_str(), 1);
  }
  void TearDown() override {
    before_.empty() ? ::unsetenv("XDG_STATE_HOME") : ::setenv("XDG_STATE_HOME", before_.c_str(), 1);
    fs::remove_all(folder_);
  }

  [[nodiscard]] std::string real(const std::string& path) const { return folder_ + "/root" + path; }
  void write(const std::string& path, const std::string& text, unsigned mode = 0644) const {
    fs::create_directories(fs::path(real(path)).parent_path());
    std::ofstream(real(path)) << text;
    ::chmod(real(path).c_str(), mode);
  }
  [[nodiscard]] static std::string read(const std::string& path) {
    std::ifstream in(path);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
  }
  // Everything below the root: kinds, modes, owners, times of files and links, attributes, contents.
  [[nodiscard]] std::string picture() const {
    std::string out;
    std::vector<std::string> paths;
    for (const auto& one : fs::recursive_directory_iterator(folder_ + "/root")) paths.push_back(one.path().string());
    std::ranges::sort(paths);
    for (const std::string& path : paths) {
      const State state = *state_at(*root_, path.substr(folder_.size() + 5));
      out += path + " " + state.text() + " " + std::to_string(state.uid) + " " + state.content;
      if (state.kind != Kind::kDirectory) out += " " + std::to_string(state.modified);
      for (const auto& [name, value] : state.attributes) out += " " + name + "=" + value;
      out += "\n";
    }
    return out;
  }
  base::Result<findings::Applied> apply_change(const Change& change, const ApplyOptions& options = {}) const {
    TRY(plan, plan_for(*root_, "test", change));
    return apply(*root_, plan, options);
  }
  void open() { root_ = std::make_unique<Root>(std::move(*Root::open(folder_ + "/root"))); }

  std::string folder_, before_;
  std::unique_ptr<Root> root_;
};

TEST_F(Apply, WritesRepairsLinksAndModesAndUndoesAllByteForByte) {
  const std::string good = test::authority().root;
  write("/etc/bundle.pem", "# ours\n" + good + "-----BEGIN CERTIFICATE-----\nMII*\n-----END CERTIFICATE-----\n", 0640);
  write("/etc/closed/store.pem", good, 0600);
  fs::create_directories(real("/etc/hashed"));
  write("/etc/hashed/a.pem", good);
  fs::create_symlink("nowhere", real("/etc/hashed/01234567.0"));
  ::setxattr(real("/etc/bundle.pem").c_str(), "user.note", "kept", 4, 0);
  open();
  const std::string before = picture();
  const Change change{{{EditKind::kRepairBundle, "/etc/bundle.pem", ""},
                       {EditKind::kMakeLink, "/opt/ssl/cert.pem", "/etc/bundle.pem"},
                       {EditKind::kSetMode, "/etc/closed/store.pem", "a+rX"},
                       {EditKind::kRehash, "/etc/hashed", ""}}};
  const auto dry = apply_change(change, {true, false});
  ASSERT_TRUE(dry) << dry.error().text();
  EXPECT_EQ(dry->state, "planned");
  EXPECT_EQ(picture(), before);
  const auto done = apply_change(change);
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(done->state, "applied");
  EXPECT_EQ(done->notes, std::vector<std::string>{"left out of /etc/bundle.pem: line " + std::to_string(2 + std::ranges::count(good, '\n')) +
                                                  ": a certificate that can't be read"});
  EXPECT_EQ(read(real("/etc/bundle.pem")), "# ours\n" + good);
  EXPECT_EQ(fs::read_symlink(real("/opt/ssl/cert.pem")), "/etc/bundle.pem");
  const State state = *state_at(*root_, "/etc/bundle.pem");
  EXPECT_EQ(state.mode, 0640U);
  EXPECT_TRUE(!state.attributes.contains("user.note") || state.attributes.at("user.note") == "kept");
  EXPECT_EQ(state_at(*root_, "/etc/closed/store.pem")->mode, 0644U);
  EXPECT_EQ(state_at(*root_, "/etc/hashed/01234567.0")->kind, Kind::kAbsent);
  // Twice is once.
  EXPECT_EQ(apply_change(change)->state, "nothing to do");
  const auto undone = undo("", {});
  ASSERT_TRUE(undone) << undone.error().text();
  EXPECT_EQ(picture(), before);
  EXPECT_EQ(undo("", {}).error().code, base::Code::kNotFound);
}

TEST_F(Apply, UndoLosesNobodysLaterWork) {
  write("/etc/a.pem", test::authority().root, 0600);
  open();
  const auto done = apply_change({{{EditKind::kWriteFile, "/etc/a.pem", test::authority().root + "# more\n"}}});
  ASSERT_TRUE(done) << done.error().text();
  write("/etc/a.pem", "other", 0600);
  EXPECT_EQ(undo(done->id, {}).error().code, base::Code::kDenied);
  EXPECT_EQ(read(real("/etc/a.pem")), "other");
  ASSERT_TRUE(undo(done->id, {false, true}));
  EXPECT_EQ(read(real("/etc/a.pem")), test::authority().root);
}

TEST_F(Apply, RefusesWhatBelongsToAPackage) {
  write("/etc/a.pem", "x");
  write("/var/lib/dpkg/info/owner.list", "/.\n/etc\n/etc/a.pem\n");
  open();
  const Change change{{{EditKind::kWriteFile, "/etc/a.pem", "y"}}};
  const auto refused = apply_change(change);
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().message.find("owner (dpkg)"), std::string::npos);
  EXPECT_TRUE(apply_change(change, {false, true}));
}

TEST_F(Apply, RefusesAFileWithSeveralNames) {
  write("/etc/a.pem", "x");
  fs::create_hard_link(real("/etc/a.pem"), real("/etc/b.pem"));
  open();
  const Change change{{{EditKind::kWriteFile, "/etc/a.pem", "y"}}};
  EXPECT_EQ(apply_change(change).error().code, base::Code::kDenied);
  EXPECT_EQ(read(real("/etc/b.pem")), "x");
  EXPECT_TRUE(apply_change(change, {false, true}));
  // Undone twice is undone.
  ASSERT_TRUE(undo("", {}));
  EXPECT_TRUE(undo(Journal::look()->all().back().id, {})->steps.empty());
}

TEST_F(Apply, NeverLeavesTheRoot) {
  fs::create_directories(folder_ + "/outside");
  fs::create_symlink("../../outside", real("/etc/out"));
  fs::create_symlink(folder_ + "/outside", real("/etc/absolute"));
  open();
  (void)apply_change({{{EditKind::kWriteFile, "/etc/out/a.pem", "x"}}});
  (void)apply_change({{{EditKind::kWriteFile, "/etc/absolute/a.pem", "x"}}});
  EXPECT_TRUE(fs::is_empty(folder_ + "/outside"));
}

TEST_F(Apply, AnErrorInTheMiddleTakesAllBack) {
  write("/etc/a.pem", "x");
  fs::create_directories(real("/etc/full/of"));
  open();
  const std::string before = picture();
  Plan plan;
  plan.remedy = "test";
  plan.wanted = {{"/etc/a.pem", file_state("y")}, {"/etc/new", directory_state()}, {"/etc/full", file_state("z")}};
  const auto done = apply(*root_, plan, {});
  ASSERT_FALSE(done);
  EXPECT_NE(done.error().message.find("nothing was changed"), std::string::npos) << done.error().text();
  EXPECT_EQ(picture(), before);
  EXPECT_TRUE(Journal::look()->all().empty());
}

TEST_F(Apply, WhatIsSeenAfterwardsHasToBeAStore) {
  write("/etc/a.pem", "-----BEGIN CERTIFICATE-----\nMII*\n-----END CERTIFICATE-----\n");
  open();
  const std::string before = picture();
  EXPECT_FALSE(apply_change({{{EditKind::kRepairBundle, "/etc/a.pem", ""}}}));
  EXPECT_EQ(picture(), before);
}

// Whether the call that the child stands at may change a file.
bool may_change(pid_t pid) {
  __ptrace_syscall_info info{};
  if (::ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info) <= 0 || info.op != PTRACE_SYSCALL_INFO_ENTRY) return false;
  constexpr std::array kCalls{SYS_write,     SYS_openat,   SYS_openat2,  SYS_renameat,  SYS_renameat2, SYS_unlinkat, SYS_mkdirat,
                              SYS_symlinkat, SYS_fchmodat, SYS_fchownat, SYS_utimensat, SYS_lsetxattr, SYS_fsync,
#ifdef SYS_rename
                              SYS_rename,    SYS_unlink,   SYS_mkdir,    SYS_rmdir,
#endif
                              SYS_exit_group};
  return std::ranges::find(kCalls, static_cast<long>(info.entry.nr)) != kCalls.end();
}

// Kills `work` before the call number `call` of those; false when it ended before.
template <typename Work>
bool killed_at(int call, Work work) {
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
    ::raise(SIGSTOP);
    work();
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  ::ptrace(PTRACE_SETOPTIONS, pid, nullptr, PTRACE_O_TRACESYSGOOD);
  for (int seen = 0;;) {
    ::ptrace(PTRACE_SYSCALL, pid, nullptr, nullptr);
    if (::waitpid(pid, &status, 0) != pid || WIFEXITED(status) || WIFSIGNALED(status)) return false;
    if (!may_change(pid) || seen++ != call) continue;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, &status, 0);
    return true;
  }
}

// Before every system call of a remedy that may change something: the file is the old or the new one, and undo brings all of it back.
TEST_F(Apply, AKillAtAnyMomentCanBeUndone) {
  write("/etc/a.pem", "old", 0640);
  open();
  const std::string before = picture();
  Plan plan;
  plan.remedy = "test";
  plan.wanted = {{"/etc/a.pem", file_state("new")}, {"/etc/made", directory_state()}, {"/etc/made/link", link_state("../a.pem")}};
  int call = 0, interrupted = 0;
  for (; killed_at(call, [&] { (void)apply(*root_, plan, {}); }); ++call) {
    const std::string now = read(real("/etc/a.pem"));
    ASSERT_TRUE(now == "old" || now == "new") << call;
    const auto all = Journal::look()->all();
    if (!all.empty() && all.back().state != "undone") {
      ++interrupted;
      ASSERT_TRUE(undo("", {})) << call << ": " << undo("", {}).error().text();
    }
    ASSERT_EQ(picture(), before) << call;
    fs::remove_all(folder_ + "/state");
    ASSERT_LT(call, 5000);
  }
  EXPECT_GT(interrupted, 10);
  EXPECT_EQ(read(real("/etc/a.pem")), "new");
  // And the undoing itself.
  for (call = 0; killed_at(call, [&] { (void)undo("", {}); }); ++call) {
    ASSERT_TRUE(undo("", {}) || picture() == before) << call;
    ASSERT_EQ(picture(), before) << call;
    fs::remove_all(folder_ + "/state");
    ASSERT_TRUE(apply(*root_, plan, {}));
  }
  EXPECT_EQ(picture(), before);
}

// A tool of the distribution writes what it likes in the folders that are its own.
TEST_F(Apply, WhatAToolChangedIsUndoneAlsoWhenItKillsUs) {
  write("/etc/store/kept.pem", test::authority().root);
  write("/etc/store/old.pem", test::authority().other_root, 0600);
  open();
  const std::string before = picture(), store = real("/etc/store");
  Plan plan;
  plan.remedy = "test";
  plan.watched = {"/etc/store"};
  const std::string work = "cd " + store + " && echo new > new.pem && rm old.pem && mkdir sub && echo x > sub/x && echo more >> kept.pem";
  plan.tool = {"sh", "-c", work};
  const auto done = apply(*root_, plan, {});
  ASSERT_TRUE(done) << done.error().text();
  EXPECT_EQ(done->steps.size(), 6U);  // and the run itself
  ASSERT_TRUE(undo("", {}));
  EXPECT_EQ(picture(), before);
  plan.tool = {"sh", "-c", work + " && kill -9 $PPID"};
  const pid_t pid = ::fork();
  if (pid == 0) {
    (void)apply(*root_, plan, {});
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(pid, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  ASSERT_NE(picture(), before);
  EXPECT_EQ(Journal::look()->all().back().state, "interrupted");
  const auto undone = undo("", {});
  ASSERT_TRUE(undone) << undone.error().text();
  EXPECT_EQ(picture(), before);
  // A tool that fails has everything taken back.
  plan.tool = {"sh", "-c", work + " && exit 3"};
  EXPECT_FALSE(apply(*root_, plan, {}));
  EXPECT_EQ(picture(), before);
}

}  // namespace
}  // namespace tlswhy::fix
