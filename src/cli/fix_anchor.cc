// tlswhy fix anchor: a root is added to this machine's store, or taken out of it. It is shown, and asked about, first.

#include <fmt/format.h>

#include <iostream>

#include "base/text.h"
#include "cli/command.h"
#include "cli/deliver.h"
#include "cli/fix_change.h"
#include "fix/anchor.h"

namespace tlswhy::cli {
namespace {

struct AnchorOptions : ChangeOptions {
  fix::AnchorRequest request;
  bool yes = false, no_system = false;
};

// "AB:CD:…", as the owner of a root would tell it.
std::string fingerprint(const std::string& hex) {
  std::string out;
  for (std::size_t i = 0; i < hex.size(); i += 2) {
    out += i == 0 ? "" : ":";
    for (const char letter : hex.substr(i, 2)) out += letter >= 'a' ? static_cast<char>(letter - 'a' + 'A') : letter;
  }
  return out;
}

base::Result<void> confirm(const AnchorOptions& options) {
  TRY(machine, fix::Root::open("/"));
  TRY(root, fix::Root::open(options.root));
  auto certificate = fix::certificate_in(machine, options.request.file);
  if (!certificate) certificate = fix::certificate_in(root, options.request.file);
  if (!certificate) return std::unexpected(certificate.error());
  write_stderr(fmt::format("subject  {}\nissuer   {}\nvalid    {} to {}\nSHA-256  {}\n", certificate->subject(), certificate->issuer(),
                           certificate->not_before(), certificate->not_after(), fingerprint(certificate->sha256())));
  if (options.yes || options.how.dry_run) return {};
  write_stderr(options.request.remove ? "Stop trusting it? [y/N] " : "Whoever holds its key can vouch for every server then. Trust it? [y/N] ");
  std::string answer;
  std::getline(std::cin, answer);
  if (answer == "y" || answer == "Y" || answer == "yes") return {};
  return base::fail(base::Code::kUsage, "not confirmed, so nothing was changed (--yes for scripts)");
}

int run(const AnchorOptions& options) {
  if (const auto confirmed = confirm(options); !confirmed)
    return deliver(base::Result<findings::Report>(std::unexpected(confirmed.error())), options.common);
  return carry_out_plan(options, [&](const fix::Root& root) { return fix::plan_anchor(root, options.request); });
}

FixRemedy::Run set_up(Arguments& part) {
  auto options = std::make_shared<AnchorOptions>();
  add_change_options(part, *options);
  part.add("FILE", options->request.file, "the root's certificate, PEM or DER").required();
  part.flag("--remove", options->request.remove, "take it out again");
  part.flag("--yes", options->yes, "do not ask");
  part.add("--store", options->request.stores,
           "also this store, which does not follow the system's: a bundle, a Java keystore, the folder of an NSS database")
      .type("PATH")
      .one_each();
  part.flag("--no-system", options->no_system, "leave the system's store alone");
  part.add("--password", options->request.password, "of the Java keystore").type("PASSWORD");
  return [options](const std::vector<std::string>&) {
    options->request.system = !options->no_system;
    return run(*options);
  };
}

}  // namespace

const FixRemedy kFixAnchor{"anchor", "add a root to this machine's store by the distribution's own tool, or take it out", set_up};

}  // namespace tlswhy::cli
