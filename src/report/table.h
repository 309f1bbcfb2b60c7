#pragma once
// The forms that a report can have. Each is a function in a file of its own and a row of the table; the command line makes
// an option of the row.

#include <span>
#include <string>
#include <string_view>

#include "findings/finding.h"
#include "report/style.h"

namespace tlswhy::report {

enum class Place {
  kScreen,  // it is shown; its option takes no value and chooses it before the first such row
  kFile,    // it is written to the file that its option names
};

struct Form {
  std::string_view id;
  std::string_view option;  // "--json"; "" for the form that is shown when no other is asked for
  std::string_view help;    // of the option
  std::string_view more;    // and of the manual page
  Place place;
  std::string (*render)(const findings::Report& report, const Style& style);
};

std::span<const Form> forms();

// The form with this id, which must be one of the table.
const Form& form(std::string_view id);

}  // namespace tlswhy::report
