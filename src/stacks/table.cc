#include <algorithm>
#include <array>
#include <iterator>

#include "stacks/cpython.h"
#include "stacks/marks.h"
#include "stacks/openssl.h"
#include "stacks/stack.h"
#include "store/trust_store.h"

namespace tlswhy::stacks {
namespace {

// Libraries before the runtimes on top of them.
constexpr std::array kStacks{
    StackModel{"OpenSSL", recognise_openssl, texts_of_openssl, openssl_sources},
    StackModel{"CPython ssl", recognise_cpython, texts_of_cpython, cpython_sources},
    StackModel{"", recognise_marked, texts_of_marked, marked_sources},
};

// The last two hold other things as well, passwords among them.
constexpr std::array<std::string_view, 27> kVariables{"SSL_CERT_FILE",
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
                                                      "PYTHONPATH",
                                                      "DENO_CERT",
                                                      "DENO_TLS_CA_STORE",
                                                      "NODE_USE_SYSTEM_CA",
                                                      "UV_SYSTEM_CERTS",
                                                      "PGSSLROOTCERT",
                                                      "CONDA_PREFIX",
                                                      "NODE_OPTIONS=--use-",
                                                      "JAVA_TOOL_OPTIONS=-Djavax.net.ssl.trustStore="};

elf::Texts all_texts() {
  std::vector<std::string_view> needles;
  for (const StackModel& model : kStacks) std::ranges::copy(model.texts(), std::back_inserter(needles));
  return elf::Texts(needles);
}

std::vector<facts::Stack> ask_all(const Candidate& candidate) {
  std::vector<facts::Stack> out;
  for (const StackModel& model : kStacks) std::ranges::move(model.recognise(candidate), std::back_inserter(out));
  return out;
}

}  // namespace

std::span<const std::string_view> trust_variables() { return kVariables; }

std::vector<facts::Stack> recognise(const elf::ElfFile& file, std::string_view path) {
  elf::Texts texts = all_texts();
  texts.search(file);
  return ask_all({file, texts, path});
}

std::vector<facts::Stack> recognise(elf::Image& image, std::string_view path) {
  elf::Texts texts = all_texts();
  if (!image.search(texts)) return {};
  if (wants_local_symbols(image.file(), texts)) (void)image.need_local_symbols();
  return ask_all({image.file(), texts, path});
}

std::vector<facts::Stack> recognise_at(const host::Files& files, const std::string& path) {
  auto fd = host::open_following(files, path);
  if (!fd) return {};
  auto image = elf::Image::read(std::move(*fd));
  return image ? recognise(*image, path) : std::vector<facts::Stack>{};
}

std::vector<facts::Source> sources_of(const facts::Stack& stack, const Look& look) {
  const std::string_view name = stack.model.empty() ? std::string_view(stack.name) : "";
  const auto model = std::ranges::find(kStacks, name, &StackModel::name);
  return model != kStacks.end() ? model->sources(stack, look) : std::vector<facts::Source>{};
}

std::vector<std::string> digests_of(std::span<const x509::Certificate> anchors) {
  constexpr std::size_t kMost = 1'000;
  std::vector<std::string> out;
  for (const x509::Certificate& one : anchors.first(std::min(anchors.size(), kMost))) out.push_back(one.sha256());
  return out;
}

facts::Source describe_source(std::string kind, bool directory, const std::string& path, const Look& look) {
  const store::TrustStore& store = directory ? look.stores.directory(path) : look.stores.bundle(path);
  facts::Source out;
  out.kind = std::move(kind);
  out.what = directory ? "directory" : "file";
  out.path = path;
  out.status = store::status_name(store.status);
  out.error = store.error != 0 ? base::errno_name(store.error) : "";
  out.failed_at = store.failed_at;
  out.links = store.links;
  out.anchors = store.anchors.size();
  out.anchor_digests = digests_of(store.anchors);
  out.modified = store.modified;
  out.detail = store.detail;
  if (look.top == nullptr) return out;
  out.holds_anchor = store.find(*look.top) != nullptr;
  out.holds_unusable_anchor = store.find_unusable(*look.top) != nullptr;
  return out;
}

}  // namespace tlswhy::stacks
