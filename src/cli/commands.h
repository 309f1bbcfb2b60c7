#pragma once
// The subcommands' functions; each takes the words after its name and returns the exit status.

#include <string>
#include <vector>

namespace tlswhy::cli {

int run_command(const std::vector<std::string>& arguments);
int pid_command(const std::vector<std::string>& arguments);
int host_command(const std::vector<std::string>& arguments);
int pcap_command(const std::vector<std::string>& arguments);
int scan_command(const std::vector<std::string>& arguments);
int stores_command(const std::vector<std::string>& arguments);
int stacks_command(const std::vector<std::string>& arguments);
int fix_command(const std::vector<std::string>& arguments);
int explain_command(const std::vector<std::string>& arguments);
int codes_command(const std::vector<std::string>& arguments);
int lab_command(const std::vector<std::string>& arguments);

}  // namespace tlswhy::cli
