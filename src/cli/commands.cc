#include "cli/commands.h"

#include <array>

#include "cli/command.h"

namespace tlswhy::cli {
namespace {

constexpr std::array kCommands{
    Command{"run", "[OPTION]… -- CMD [ARG]…", "run CMD, watch it, explain every TLS failure", run_command},
    Command{"pid", "[OPTION]… PID", "a running process: its TLS libraries, its stores, and whether it would trust a peer", pid_command},
    Command{"host", "[OPTION]… HOST[:PORT]", "what a server sends, and which stores here trust it", host_command},
    Command{"pcap", "[OPTION]… FILE", "the TLS handshakes of a capture", pcap_command},
    Command{"scan", "[OPTION]… FILE", "what TLS library a file holds, and where it looks for anchors", scan_command},
    Command{"stores", "[OPTION]…", "the trust stores of this machine and their state", stores_command},
    Command{"stacks", "", "the TLS stacks that tlswhy knows, and what steers them", stacks_command},
    Command{"fix", "REMEDY [OPTION]… FILE", "mend what was found: apply a remedy and check it, undo it, or print a setting", fix_command},
    Command{"explain", "CODE|RUN.json", "what a code such as TW101 means and what to do; or a saved report, judged again", explain_command},
    Command{"codes", "", "list the causes that tlswhy knows", codes_command},
    Command{"lab", "list | run NAME | exec NAME -- CMD | test", "reproduce known failures in a namespace of their own", lab_command},
};

}  // namespace

std::span<const Command> commands() { return kCommands; }

}  // namespace tlswhy::cli
