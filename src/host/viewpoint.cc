#include "host/viewpoint.h"

#include "base/text.h"

namespace tlswhy::host {

const std::string* Viewpoint::variable(const std::string& name) const {
  const auto at = env.find(name);
  return at == env.end() ? nullptr : &at->second;
}

const std::string* Viewpoint::variable_text(const std::string& name) const {
  const std::string* value = variable(name);
  return value != nullptr && !value->empty() ? value : nullptr;
}

const std::string* Viewpoint::first_of(std::initializer_list<const char*> names, std::string& variable) const {
  for (const char* name : names)
    if (const std::string* value = variable_text(name)) return variable = name, value;
  return nullptr;
}

std::string Viewpoint::home() const {
  if (const std::string* own = variable_text("HOME")) return *own;
  constexpr std::uint64_t kMaxFile = 1U << 20;
  const auto text = read_following(files, "/etc/passwd", kMaxFile, who);
  if (!text) return "";
  constexpr std::size_t kId = 2, kHome = 5;  // passwd(5)
  for (const std::string& line : base::split(std::string(text->begin(), text->end()), '\n'))
    if (const auto fields = base::split(line, ':'); fields.size() > kHome && fields[kId] == std::to_string(who.uid)) return fields[kHome];
  return "";
}

Viewpoint Viewpoint::without_environment() const {
  Viewpoint out = *this;
  out.env.clear();
  return out;
}

}  // namespace tlswhy::host
