#include <algorithm>
#include <array>

#include "stacks/cpython.h"
#include "stacks/openssl.h"
#include "stacks/stack.h"
#include "store/trust_store.h"

namespace tlswhy::stacks {
namespace {

// Libraries before the runtimes on top of them.
constexpr std::array kStacks{
    StackModel{"OpenSSL", recognise_openssl, openssl_sources},
    StackModel{"CPython ssl", recognise_cpython, cpython_sources},
};

constexpr std::array<std::string_view, 19> kVariables{"SSL_CERT_FILE",
                                                      "SSL_CERT_DIR",
                                                      "OPENSSL_CONF",
                                                      "OPENSSL_MODULES",
                                                      "OPENSSL_ENGINES",
                                                      "REQUESTS_CA_BUNDLE",
                                                      "CURL_CA_BUNDLE",
                                                      "PIP_CERT",
                                                      "AWS_CA_BUNDLE",
                                                      "NODE_EXTRA_CA_CERTS",
                                                      "GIT_SSL_CAINFO",
                                                      "GIT_SSL_CAPATH",
                                                      "GRPC_DEFAULT_SSL_ROOTS_FILE_PATH",
                                                      "HTTPLIB2_CA_CERTS",
                                                      "NIX_SSL_CERT_FILE",
                                                      "LD_LIBRARY_PATH",
                                                      "LD_PRELOAD",
                                                      "PYTHONHOME",
                                                      "PYTHONPATH"};

}  // namespace

std::span<const std::string_view> trust_variables() { return kVariables; }

std::vector<facts::Stack> recognise(const elf::ElfFile& file, std::string_view path) {
  std::vector<facts::Stack> out;
  for (const StackModel& model : kStacks)
    if (auto stack = model.recognise(file, path)) out.push_back(std::move(*stack));
  return out;
}

std::vector<facts::Source> sources_of(const facts::Stack& stack, const Subject& subject) {
  const auto model = std::ranges::find(kStacks, stack.name, &StackModel::name);
  return model != kStacks.end() ? model->sources(stack, subject) : std::vector<facts::Source>{};
}

facts::Source describe_source(std::string kind, bool directory, const std::string& path, const Subject& subject) {
  const store::TrustStore& store = directory ? subject.stores.directory(path) : subject.stores.bundle(path);
  facts::Source out;
  out.kind = std::move(kind);
  out.what = directory ? "directory" : "file";
  out.path = path;
  out.status = store::status_name(store.status);
  out.error = store.error != 0 ? base::errno_name(store.error) : "";
  out.failed_at = store.failed_at;
  out.links = store.links;
  out.anchors = store.anchors.size();
  out.modified = store.modified;
  out.detail = store.detail;
  if (subject.top == nullptr) return out;
  out.holds_anchor = store.find(*subject.top) != nullptr;
  out.holds_unusable_anchor = store.find_unusable(*subject.top) != nullptr;
  return out;
}

}  // namespace tlswhy::stacks
