#include "report/table.h"

#include <algorithm>
#include <array>

#include "findings/json.h"
#include "report/terminal.h"

namespace tlswhy::report {
namespace {

std::string plain(const findings::Report& report, const Style& style) { return terminal(report, {false, true, style.missing}); }
std::string json(const findings::Report& report, const Style&) { return findings::to_json(report); }

constexpr std::array kForms{
    Form{"terminal", "", "", "", Place::kScreen, terminal},
    Form{"plain", "--plain", "no drawing characters and no colour", "", Place::kScreen, plain},
    Form{"json", "--json", "write the report as JSON (schema tlswhy/1) to FILE, '-' for standard output",
         "A file that can't be written keeps its old content.", Place::kFile, json},
};

}  // namespace

std::span<const Form> forms() { return kForms; }

const Form& form(std::string_view id) { return *std::ranges::find(kForms, id, &Form::id); }

}  // namespace tlswhy::report
