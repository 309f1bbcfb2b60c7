#pragma once
// What was seen, as plain values. Rules see nothing else; renderers see these and findings. Every struct
// goes to JSON and back (facts/json.h), so that a saved run can be judged again on another machine.
// Field names are the public JSON names: add, never rename.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "facts/words.h"

namespace tlswhy::facts {

// A certificate of a peer's chain.
struct Certificate {
  std::string subject, issuer;
  std::string sha256;                 // hex of the DER's digest
  std::string not_before, not_after;  // UTC, ISO 8601
  std::string subject_hash;           // the hashed-directory name of its subject
  std::vector<std::string> names;     // subjectAltNames
  bool ca = false;
  bool self_issued = false;
  std::string der;                               // base64
  std::vector<std::string> aia;                  // where it says its issuer can be had
  std::string key_id, issuer_key_id;             // subjectKeyIdentifier, authorityKeyIdentifier: hex, "" for none
  std::string key, signature;                    // "RSA 2048", "sha256WithRSAEncryption"
  std::vector<std::string> key_usage, purposes;  // as RFC 5280 spells them: "keyCertSign", "serverAuth"
  std::optional<std::int64_t> path_length;       // of basicConstraints
  std::vector<std::string> constraints;          // nameConstraints: "permitted DNS:example.com"
  std::vector<std::string> revocation;           // where it says CRLs and OCSP answers can be had
  std::vector<std::string> oddities;             // what strict readers refuse: "a negative serial number"
  bool must_staple = false;                      // TLS feature status_request (RFC 7633)
};

// A TLS alert (RFC 8446 §6). `encrypted`: seen only by its size and place; level, code and name unknown.
struct Alert {
  std::string level;  // "warning", "fatal", ""
  std::optional<int> code;
  std::string name;    // "unknown_ca"
  std::string sender;  // "client", "server"
  bool encrypted = false;
};

// A verification result as OpenSSL numbers it (x509_vfy.h).
struct Verify {
  int code = 0;
  std::string text;
  int depth = 0;
  std::string seen_by;               // "process": as it happened; "library": the process's own library in the proof; "model"
  Reason reason = Reason::kUnknown;  // what the code means; rules ask for this
};

// A store and whether it holds the anchor that a chain needs.
struct AnchorPlace {
  std::string path;
  bool directory = false;
  std::string status;  // as Source::status
  bool holds_anchor = false;
  std::uint64_t anchors = 0;
  std::uint64_t expired = 0;              // of those
  std::vector<std::string> used_by = {};  // well-known programs here that find anchors in it
  std::string error = {};                 // errno name, "" if none
  std::vector<std::string> links = {};    // those that lead there
  std::uint64_t unusable = 0;             // certificates that OpenSSL does not find
  std::string detail = {};
};

// Anchors that one store or program of the machine has and another does not.
struct StoreDifference {
  std::string has, lacks;  // paths, or names of programs
  std::vector<std::string> subjects;
};

// A certificate that has to do with the anchor that a chain needs, and is not that anchor in a store.
struct NearAnchor {
  Certificate certificate;
  std::string path;  // the file or store that it is in
  std::string why;   // it does not count: "deselected in /etc/ca-certificates.conf", "only .crt is taken"
};

// The trust anchor that a chain needs, and where on this machine it is and is not.
struct AnchorNeed {
  std::string subject;
  std::string subject_hash;
  std::vector<AnchorPlace> places;
  std::string related = {};                  // where no place holds it: an anchor here of the same organisation, by its subject
  std::vector<NearAnchor> uninstalled = {};  // the anchor itself, in a folder that stores are made from
  std::vector<NearAnchor> namesakes = {};    // anchors of that name with another key
  std::vector<NearAnchor> out_of_date = {};  // the anchor itself, out of date
  bool public_name = false;                  // its name is that of a root of the public authorities, as of our build
};

// A certificate that the peer should have sent and did not, and where it was found.
struct FoundIssuer {
  Certificate certificate;
  std::string from;  // a file, or the address that a certificate names
};

// What a peer sent that is no TLS.
struct ClearText {
  std::string protocol;  // "HTTP", "SSH", "SMTP", "" unknown
  std::string text;      // its first line
};

// Another hello that the peer was sent to see what it takes.
struct HelloProbe {
  std::string changed;  // "no post-quantum key share", "no server name"
  bool answered = false;
  std::string answer;  // "TLSv1.3", "alert 40 (handshake_failure)", "ECONNRESET"
};

struct Handshake {
  std::int32_t pid = 0;
  std::string peer;                  // "127.0.0.1:443", "[::1]:443"
  std::string servername;            // SNI
  std::vector<std::string> offered;  // versions in the ClientHello
  std::string version;               // what the ServerHello chose
  std::string result;                // "ok", "failed", "incomplete"
  std::optional<Alert> alert;
  std::optional<Verify> verify;
  std::vector<Certificate> chain;
  std::string chain_from;  // "wire", "process" (parsed by its library), "probe", ""
  std::optional<AnchorNeed> anchor;
  std::vector<FoundIssuer> found_issuers;       // from the last certificate that was sent upwards
  std::string stack;                            // name and version of the stack it went through
  std::int64_t stack_index = -1;                // into Report::stacks, -1 unknown
  std::int32_t thread = 0;                      // that verified the chain, 0 unknown
  std::string library;                          // the file whose code verified it
  std::optional<std::uint64_t> anchors_loaded;  // in the store as it verified
  std::uint64_t store = 0;                      // that it was verified with: its place in the process's memory; 0 unknown
  std::string expected_name;                    // that the leaf had to be for
  std::string via;                              // what went before TLS: "CONNECT host:443", "STARTTLS (SMTP)", ""
  std::string client;                           // of a capture: the client's address
  std::uint64_t packet = 0;                     // of a capture: the first packet of its connection, from 1
  // Whether the client enforced its verdict: "verify" or "none" as it set its library up, "" unknown.
  std::string verify_mode;
  bool client_finished = false;   // the client went past its Finished
  bool client_sent_data = false;  // and sent something of its own after it, not only a closing alert
  bool server_sent_data = false;
  bool unused = false;   // completed, and the client left without sending anything
  std::string ended_by;  // who ended the connection: "client", "server", "" unknown
  Ending ended = Ending::kUnknown;
  std::optional<Verify> own_chain;   // the client's library about the client's own certificate (mutual TLS)
  Reason reason = Reason::kUnknown;  // why it failed: of the verdict, or of the alert where there is none (facts/reasons.h)
  // The ClientHello and what the server chose of it.
  std::vector<std::string> ciphers, groups, signatures;  // offered, by their registered names, "0x1234" for others
  std::vector<std::string> alpn_offered;
  std::string alpn, cipher;      // chosen, as far as it was seen
  std::uint64_t hello_size = 0;  // of the ClientHello on the wire, with record heads
  // Mutual TLS, as far as it was seen.
  bool certificate_requested = false;
  std::vector<std::string> requested_authorities;  // subjects
  std::string client_certificate;                  // "sent", "none" (an empty list), "" unknown
  std::vector<Certificate> client_chain;
  std::optional<ClearText> clear_answer;
  std::vector<HelloProbe> hello_probes;
};

// A call inside a process that loads anchors or steers verification.
struct TrustCall {
  std::uint64_t order = 0;
  std::int32_t pid = 0, thread = 0;
  std::string library, call;
  std::uint64_t store = 0;  // which store it fills, as Handshake::store names it; 0 unknown
  std::vector<std::string> arguments;
  std::optional<std::int64_t> result;
};

// What a library was built with, read from its file.
struct Build {
  std::string version;  // of the OpenSSL
  std::string openssldir, enginesdir, modulesdir;
  std::string cert_file, cert_dir;
  std::string read_by;  // "accessor" (machine code), "strings", ""
};

// One place a stack reads anchors from, in its order.
struct Source {
  std::string kind;      // "env", "compiled", "config", "bundled", "probe", "explicit"
  std::string what;      // "file", "directory"
  std::string variable;  // for "env"
  std::string path;
  std::string status;     // "ok", "missing", "dangling_link", "denied", "empty", "malformed", "unhashed", "unreadable", "ignored"
  std::string error;      // errno name, "" if none
  std::string failed_at;  // the component the errno belongs to
  std::vector<std::string> links;
  std::uint64_t anchors = 0;
  std::optional<bool> holds_anchor;    // unknown without a chain
  bool holds_unusable_anchor = false;  // there, but not reachable (no hash name, file given up)
  std::string detail;
  std::int64_t modified = 0;                // of the file or directory, seconds since 1970; 0 unknown
  std::vector<std::string> refused;         // of a denied place: every component that refuses, from the root on
  std::string anchor_file;                  // of a directory with an anchor that is not found there: the name of its file
  std::vector<std::string> anchor_digests;  // SHA-256 of their DER, in hex, where they were read one by one; the first thousand
};

// Something that steers where a stack looks for anchors.
struct Knob {
  std::string name;                 // "NODE_EXTRA_CA_CERTS", "--cacert", "http.sslCAInfo"
  std::string kind;                 // "variable", "option" of the command line, "property" of a file or of the program
  std::string holds;                // "file", "directory", "either", "flag", "pin": of the peer's key
  bool adds = false;                // to what is read anyway; else it replaces that
  bool empty_counts = false;        // "" is a value, too
  bool at_secure_silences = false;  // with AT_SECURE it is not read
  std::string only_with;            // the option or variable without which it is not read
};

// What a process was seen to fill its store with.
struct Loaded {
  std::string what;           // "file", "directory", "list" of certificates that it added one by one
  std::string path;           // "" for a list
  std::string by;             // the call: "X509_STORE_load_locations"
  std::uint64_t anchors = 0;  // of a list
  std::string variable = {};  // of the process's environment that names the path, "" for none
  std::string option = {};    // of its command line, as it stands before the path
};

// What a stack makes of a chain that it was asked about.
struct StackVerdict {
  Reason reason = Reason::kUnknown;  // kAccepted; kStoreRefused: it does not look at the chain
  int depth = 0;                     // of the certificate that it is about, 0 for the leaf
  std::string certificate;           // the subject of that; "" for an accepted chain
  std::vector<std::string> path;     // subjects from the leaf as far as it goes
};

// A TLS stack inside one process or file.
struct Stack {
  std::int32_t pid = 0;  // 0: a file that was scanned
  std::string name;      // "OpenSSL", "CPython ssl"
  std::string model;     // as --as takes it: "openssl", "gnutls"
  std::string version;   // "1.1.1w"
  std::string linkage;   // "shared", "static"
  std::string path;
  bool deleted = false;    // the file is gone from its path, still mapped
  std::string why_loaded;  // how ld.so came to this file
  Build build;
  std::vector<Source> sources;
  std::string over;                          // for a stack on top of another: the path of that library
  std::optional<bool> default_holds_anchor;  // whether the compiled-in places would give the anchor
  std::string glibc;                         // the oldest glibc the file runs with ("2.34"), for a scanned file
  std::vector<std::string> compiled_roots;   // subjects of authorities in the file's own data, when asked for
  std::vector<std::string> needed;           // the libraries it asks for, for a scanned file
  bool base = false;                         // a library that others stand on: what it was built with is its own
  std::string refusal;                       // it gives up before it connects: why
  std::vector<Knob> knobs;                   // what steers where it looks
  std::vector<Loaded> loaded;                // what its process was seen to fill its store with
  std::string asked_by;                      // of a scanned library: the file whose code asks for its default places, "" for none that was seen
  bool own_stores = false;                   // it was seen to load stores itself, and not to ask for the library's defaults
  // How it is known where it looks: "code" or "text" of its file, "model" (the same in all builds), "guess" (this distribution's own builds have
  // it so), "unknown" (nothing shows that it looks anywhere by itself), "" for a stack of a process.
  std::string places_by = {};
  std::string compiled_file = {}, compiled_directory = {};  // its own, not those of the library below it
  // On a chain it was asked about: "ok", "refused" (it does not start), "untrusted", "unverified" (it verifies nothing), or an X509_V_ERR_* number.
  std::string verdict;
  std::string verdict_text;                     // what that number means
  std::optional<StackVerdict> verdict_details;  // nothing: it was asked about none

  // The knob that brings a file (or a directory) of anchors in: a variable before an option before a property; null: none does.
  [[nodiscard]] const Knob* knob_for(bool directory) const;
};

struct Process {
  std::int32_t pid = 0, parent = 0;
  std::string exe;
  std::vector<std::string> command;
  std::map<std::string, std::string> trust_env;  // only variables that concern trust and loading
  bool at_secure = false;
  bool own_root = false;        // another root or mount namespace than tlswhy's
  std::string root;             // as /proc/PID/root names it
  std::string mount_namespace;  // "mnt:[4026531841]"
  std::uint32_t uid = 0, gid = 0;
  std::vector<std::uint32_t> groups;
  bool reads_all = false;        // CAP_DAC_OVERRIDE or CAP_DAC_READ_SEARCH
  std::optional<int> exit_code;  // 128+n for signal n
  std::int64_t started = 0;      // seconds since 1970, 0 unknown
  std::string confinement;       // its AppArmor profile or SELinux context, "" for none
  std::uint32_t filters = 0;     // of seccomp(2) in force
  bool no_new_privileges = false;
};

// A library that a process could not load.
struct LibraryFailure {
  std::int32_t pid = 0;
  std::string library;                // as it was asked for: "libssl.so.3"
  std::string wanted_by;              // the file that asks for it, "" unknown
  std::string why;                    // "missing", "version" (a symbol version that is not there), "machine", "denied", "unreadable"
  std::string detail;                 // "GLIBC_2.38 is not in /lib/x86_64-linux-gnu/libc.so.6"
  std::string found;                  // the file that was there, "" for none
  std::vector<std::string> searched;  // paths in the order of the search
};

// A line of a configuration file that steers a TLS library.
struct CryptoSetting {
  std::int32_t pid = 0;
  std::string file;
  std::uint32_t line = 0;   // 0 unknown
  std::string name, value;  // "MinProtocol", "TLSv1.2"
  std::string problem;      // why the library can't follow it, "" if it can
};

// A file look-up that concerns trust.
struct Lookup {
  std::uint64_t order = 0;
  std::int32_t pid = 0;
  std::string call;       // "openat"
  std::string path;       // absolute where the call's directory was known
  std::string error;      // errno name, "" for success
  bool gave_up = false;   // somebody had named this path, it was refused, and the process connected to nothing afterwards
  std::string said = {};  // what the program itself printed of this path afterwards, where it was refused and somebody had named it
};

struct Connection {
  std::int32_t pid = 0;
  std::string peer;
  std::string error;  // errno name, "" for success or in progress
  bool tls = false;
};

struct Target {
  std::vector<std::string> command;
  std::optional<int> exit_code = {};
  std::string root = "/";     // that paths were looked up below
  std::uint32_t watched = 0;  // seconds for which a running process was attached to
};

// A file that was scanned.
struct ScannedFile {
  std::string path;
  std::vector<std::int64_t> stacks;          // indices into Facts::stacks
  std::vector<std::string> compiled_roots;   // subjects of authorities in its own data, when asked for
  std::vector<std::string> needed;           // the libraries it asks for
  std::string glibc;                         // the oldest that it runs with ("2.34")
  std::string container = {};                // the archive or image that it is in, "" for none
  std::string machine = {};                  // what it was built for: "x86-64", "i386"
  bool program = false;                      // it can be started by itself
  std::vector<std::int64_t> decides = {};    // of `stacks`: those whose places count for it
  std::vector<std::string> same_as = {};     // other paths of the same file, of which the same holds
  std::vector<LibraryFailure> missing = {};  // libraries that it asks for and its loader would not find
  std::string trouble = {};                  // why no more is known of it
};

// How a distribution takes a new anchor.
struct Distribution {
  std::string name;
  std::string drop_in;  // the place for its file
  std::string command;  // to run after that, "" for none
};

// The clock that dates were compared with, and what else tells the day.
struct Clock {
  std::optional<bool> synchronised;  // as the kernel was told (adjtimex(2)); null where it can't be asked
  std::string newest_file;           // a file of the system that was written late, by the clock of then
  std::string newest_file_time;      // when: UTC, ISO 8601. Later than observed_at: one of the two clocks was wrong
};

// The system by its os-release(5), as it calls itself.
struct System {
  std::string id, version, name;  // "debian", "12", "Debian GNU/Linux 12 (bookworm)"
};

// Who looked: what another would not have seen.
struct Observer {
  std::uint32_t uid = 0;
  bool reads_all = false;           // CAP_DAC_OVERRIDE or CAP_DAC_READ_SEARCH
  bool traces_all = false;          // CAP_SYS_PTRACE
  std::optional<int> ptrace_scope;  // of Yama; null: there is none
};

// Everything that was seen.
struct Facts {
  Target target;
  std::vector<Process> processes;  // those that concern trust, and their ancestors
  std::uint64_t processes_total = 0;
  std::vector<Connection> connections;
  std::vector<Handshake> handshakes;
  std::vector<Stack> stacks;
  std::vector<Lookup> lookups;
  std::vector<TrustCall> trust_calls;
  std::vector<AnchorPlace> machine_stores;  // the machine's usable and unusable stores
  std::vector<StoreDifference> store_differences, program_differences;
  std::optional<AnchorPlace> offered_store;  // the bundle of --store, to try out
  std::vector<std::string> unseen;           // what could not be seen, and why
  bool untraced = false;                     // the command ran unwatched: only the set-up is known
  std::vector<ScannedFile> files;
  std::optional<Distribution> distribution;
  std::string observed_at;  // when it was looked into: UTC, ISO 8601
  Clock clock;
  System system;
  Observer observer;
  std::vector<LibraryFailure> library_failures;
  std::vector<CryptoSetting> crypto_settings;

  [[nodiscard]] const Process* process(std::int32_t pid) const;
};

}  // namespace tlswhy::facts
