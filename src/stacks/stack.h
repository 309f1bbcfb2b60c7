#pragma once
// A TLS stack is one row, in one file: how it is recognised, what steers it, what it trusts, what it asks of a chain. table.cc lists the
// rows; facts about them and where they are from: docs/stacks.md. Nothing outside a stack's own file asks for its name.

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "elf/elf_file.h"
#include "elf/image.h"
#include "elf/search.h"
#include "facts/facts.h"
#include "stacks/trust.h"

namespace tlswhy::stacks {

struct Policy;

// A file that may hold stacks, and which of the texts that any recogniser knows it holds.
struct Candidate {
  const elf::ElfFile& file;
  const elf::Texts& texts;
  std::string_view path;
  std::function<std::vector<std::string>()> places = {};  // the paths of bundles and directories that are literals in it

  [[nodiscard]] bool holds(std::string_view text) const { return !texts.find(text).empty(); }
  [[nodiscard]] bool exports(std::string_view symbol) const;
  // Whether it asks for a library whose name begins so.
  [[nodiscard]] bool needs(std::string_view library) const;
};

// "libpq.so.5" of "libpq-a17e3caa.so.5.17": auditwheel(1) and its like put a digest into the names of the libraries that they pack.
std::string plain_soname(std::string_view soname);

// What only this stack holds. All that is given must fit: an exported function, or two of the others, since a single text may be a mere word.
struct Mark {
  std::string_view soname = "";        // what a library's begins with
  std::string_view symbol = "";        // what a program or library exports
  std::string_view text = "";          // what a file holds
  std::string_view also = "";          // and this, by another part of its code
  std::string_view never = "";         // and not this
  std::string_view needs = "";         // the beginning of a library that it asks for as well
  std::string_view version_text = "";  // what stands before the version
  std::size_t version_at = 0;          // how far after the beginning of that text; 0: at its end
  bool versioned = false;              // counts only with that text
  bool lowest = false;                 // counts only in a file that nothing else was found in: who stands on it decides
  bool library = false;                // a file with it is that library itself, whatever it is called
};

// Something that steers where a stack looks for anchors.
enum class KnobKind { kVariable, kOption, kProperty };         // an option of the command line; a property of a file or of -D
enum class Holds { kFile, kDirectory, kEither, kFlag, kPin };  // the last: no place, but a key that the peer must have
struct Knob {
  std::string_view name;
  KnobKind kind = KnobKind::kVariable;
  Holds holds = Holds::kFile;
  bool adds = false;           // to what is read anyway; else it replaces that
  bool empty_counts = false;   // "" is a value, too
  bool silenced = false;       // with AT_SECURE it is not read
  std::string_view with = "";  // the option or variable without which it is not read
};

// A well-known program whose stack this is.
struct Program {
  std::string_view path, name;
  std::string_view needs;  // the library that decides it, "" for any
};

struct Stack {
  std::string_view id;             // as in --as
  std::string_view title = "";     // as people call it, and facts::Stack::name
  std::string_view versions = "";  // that the model tells apart
  Standing standing = Standing::kRecognised;
  std::string_view steered_by = "";  // for `tlswhy stacks`
  std::span<const Mark> marks = {};
  std::span<const Knob> knobs = {};
  std::string_view stands_on = "";  // how the ids of the libraries begin that it goes through and whose places it does not leave to them
  std::span<const Program> programs = {};
  std::span<const std::string_view> texts = {};                               // that `recognise` asks for, beside those of the marks
  std::optional<facts::Stack> (*recognise)(const Candidate& file) = nullptr;  // null: by the marks
  bool base = false;                                           // a library that others stand on: their build is its, and its code can be asked itself
  bool asks_base = false;                                      // it has no places of its own: those of that library count
  bool own_places = false;                                     // its bundle and directory are chosen at build time: literals in its file
  std::string_view default_look_up = "";                       // the text without which its code looks nowhere by itself
  std::string (*version_of)(const Candidate& file) = nullptr;  // where no text of its marks tells it
  bool needs_base = false;                                     // without one it never speaks TLS
  bool opens_base = false;                          // it opens that library as it needs it (dlopen(3)), so that its file does not ask for one
  std::string_view module = "";                     // how the file of the part begins that asks for it, where the runtime itself does not
  store::Dialect loads = store::Dialect::kOpenSsl;  // how it takes a file that a program names
  Trust (*trust)(const Spec& spec, TrustBuilder& builder) = nullptr;  // null: recognised only
  Policy (*policy)(const Spec& spec) = nullptr;
  // How its runtime shakes hands by itself and leaves, its status 0 if it is content: a command with {exe} (the process's program), {options}
  // (those of the process that steer trust), {helpers} (the folder of what we run), {address}, {port} and {name}. Empty: by none.
  std::span<const std::string_view> shake = {};
  std::string_view runtime = "";  // the name of the program that this works with, "" for any
};

std::span<const Stack* const> stacks();
// By --as name; null for none.
const Stack* find_stack(std::string_view id);
// Of a stack in facts.
const Stack* row_of(const facts::Stack& stack);

// Every stack found in the file; empty for none.
std::vector<facts::Stack> recognise(const elf::ElfFile& file, std::string_view path);
std::vector<facts::Stack> recognise(elf::Image& image, std::string_view path);
// The same for the file at `path`; none when it can't be read or is not ELF.
std::vector<facts::Stack> recognise_at(const host::Files& files, const std::string& path);
// The command by which the runtime of a process shakes hands with a peer; empty where its stack has none.
std::vector<std::string> shake_command(const facts::Stack& stack, const facts::Process& process, const std::string& address, unsigned port,
                                       const std::string& name, const std::string& helpers);
// Whether a command line pins the peer's key, by an option of any stack.
bool pins_key(std::span<const std::string> command);
// Gives the stacks of one process or program, in the order of its files, what the library below them was built for.
void settle(std::vector<facts::Stack>& all);
// Gives programs the bundle and directory of the library that they go through, where those were read from its file (one process's stacks).
void share_places(std::span<facts::Stack> all);
// One of them on the library that it goes through.
void stand_on(facts::Stack& stack, const facts::Stack& library);
// True for one without places of its own, which stands for the library below it.
bool is_runtime(const facts::Stack& stack);
bool opens_its_library(const facts::Stack& stack);
// Whether the stack has a model to be asked.
bool has_model(const facts::Stack& stack);
// False for one that needs a library below it and has none: an interpreter that never loaded its ssl module.
bool speaks(const facts::Stack& stack);

// Who looks, with what was read so far of the same files, and for what.
struct Look {
  const host::Viewpoint& as;
  const store::AnchorReader& reader;       // of the viewpoint's files, with its rights
  const x509::Certificate* top = nullptr;  // the last certificate of the chain in question, if any
};

// Adds what the stack's process was seen to load itself, for describe() and sources_of(). `library`: whose calls they are; `filled`: the store
// in question, as TrustCall::store names it, 0 for all.
void note_calls(facts::Stack& stack, const std::string& library, std::span<const facts::TrustCall> calls, std::uint64_t filled);
// The same of a stack whose stores are not filled by calls that are seen: it did not ask for the machine's roots, and read these files, which
// somebody named.
void note_files(facts::Stack& stack, std::span<const facts::TrustCall> calls, std::span<const facts::Lookup> lookups, const facts::Process& process);

// What makes a package load another bundle than its own, where the stack's process was seen to load that (certifi's, botocore's); none where it
// can't be told which package did, or where one of these is set already and was not heeded.
std::vector<facts::Knob> knobs_of_package(const facts::Stack& stack, const Look& look);
// As facts have it.
facts::Knob fact_of(const Knob& knob);

// The sources the stack reads, in its order, each with its state.
std::vector<facts::Source> sources_of(const facts::Stack& stack, const Look& look);
// The same into the stack, with its refusal and its knobs.
void describe(facts::Stack& stack, const Look& look);

// The stack that a user named, as facts: no file of it was seen.
facts::Stack named(const Spec& spec);

// The variables that steer trust or library loading in any known stack, as host::choose_variables takes them; values of
// others are never kept.
std::span<const std::string_view> trust_variables();

// The digests of anchors that were read one by one, of the first thousand: with them a saved run can be judged again.
std::vector<std::string> digests_of(std::span<const x509::Certificate> anchors);

}  // namespace tlswhy::stacks
