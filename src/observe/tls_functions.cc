#include "observe/tls_functions.h"

#include <algorithm>
#include <array>

namespace tlswhy::observe {
namespace {

using enum Call;
using enum Family;

// X509_STORE_load_locations of 3.x calls the three behind it; X509_STORE_set_default_paths its _ex form.
constexpr std::array kFunctions{
    TlsFunction{"X509_verify_cert", kVerify, kOpenSsl, true},
    TlsFunction{"d2i_X509", kParse, kOpenSsl, false},
    TlsFunction{"X509_STORE_set_default_paths", kLoadDefault, kOpenSsl, true, "X509_STORE_set_default_paths_ex"},
    TlsFunction{"X509_STORE_set_default_paths_ex", kLoadDefault, kOpenSsl, true},
    TlsFunction{"SSL_CTX_set_default_verify_file", kContextDefault, kOpenSsl, true},
    TlsFunction{"SSL_CTX_set_default_verify_dir", kContextDefault, kOpenSsl, true},
    TlsFunction{"X509_STORE_load_locations", kLoadLocations, kOpenSsl, true, "X509_STORE_load_file_ex"},
    TlsFunction{"X509_STORE_load_file_ex", kLoadFile, kOpenSsl, true},
    TlsFunction{"X509_STORE_load_path", kLoadDirectory, kOpenSsl, true},
    TlsFunction{"X509_STORE_load_store_ex", kLoadStore, kOpenSsl, true},
    TlsFunction{"X509_STORE_add_cert", kAddAnchor, kOpenSsl, false},
    TlsFunction{"SSL_CTX_set_verify", kVerifyMode, kOpenSsl, false},
    TlsFunction{"SSL_set_verify", kVerifyMode, kOpenSsl, false},
    TlsFunction{"SSL_CTX_use_certificate_chain_file", kKeyFile, kOpenSsl, true},
    TlsFunction{"SSL_CTX_use_certificate_file", kKeyFile, kOpenSsl, true},
    TlsFunction{"SSL_CTX_use_PrivateKey_file", kKeyFile, kOpenSsl, true},
    TlsFunction{"SSL_CTX_use_PrivateKey", kKey, kOpenSsl, true},
    TlsFunction{"SSL_CTX_check_private_key", kKey, kOpenSsl, true},
    TlsFunction{"SSL_new", kNewSession, kOpenSsl, true},
    TlsFunction{"ERR_vset_error", kError, kOpenSsl, false},
    TlsFunction{"ERR_put_error", kErrorBefore3, kOpenSsl, false},
    TlsFunction{"X509_VERIFY_PARAM_set1_host", kExpectName, kOpenSsl, false},
    TlsFunction{"gnutls_certificate_verify_peers", kGnutlsVerify, kGnuTls, true},
    TlsFunction{"gnutls_x509_trust_list_verify_crt2", kGnutlsVerifyList, kGnuTls, false},
    TlsFunction{"gnutls_x509_crt_import", kGnutlsImport, kGnuTls, false},
    TlsFunction{"gnutls_alert_send", kGnutlsAlert, kGnuTls, false},
    TlsFunction{"gnutls_alert_get", kGnutlsAlertGot, kGnuTls, true},
    TlsFunction{"gnutls_certificate_set_x509_key_file2", kGnutlsKeyFile, kGnuTls, true},
    TlsFunction{"gnutls_certificate_set_x509_key_file", kGnutlsKeyFile, kGnuTls, true, "gnutls_certificate_set_x509_key_file2"},
    TlsFunction{"gnutls_session_set_verify_cert", kGnutlsVerifyMode, kGnuTls, false},
    TlsFunction{"gnutls_x509_trust_list_add_system_trust", kGnutlsSystemTrust, kGnuTls, true},
    TlsFunction{"gnutls_x509_trust_list_add_trust_file", kGnutlsTrustFile, kGnuTls, true},
    TlsFunction{"gnutls_x509_trust_list_add_trust_dir", kGnutlsTrustDirectory, kGnuTls, true},
    TlsFunction{"mbedtls_x509_crt_verify_restartable", kMbedVerify, kMbedTls, true},
    TlsFunction{"mbedtls_ssl_conf_authmode", kMbedVerifyMode, kMbedTls, false},
    TlsFunction{"CERT_NewTempCertificate", kNssImport, kNss, false},
    TlsFunction{"CERT_VerifyCert", kNssVerify, kNss, true},
    TlsFunction{"CERT_VerifyCertName", kNssName, kNss, true},
    TlsFunction{"PR_SetError", kNssError, kNss, false},
    TlsFunction{"wolfSSL_new", kWolfNew, kWolfSsl, true},
    TlsFunction{"wolfSSL_connect", kWolfConnect, kWolfSsl, true},
    TlsFunction{"InitDecodedCert", kWolfImport, kWolfSsl, false},
    TlsFunction{"wolfSSL_get_error", kWolfError, kWolfSsl, true},
    TlsFunction{"wolfSSL_CTX_load_verify_locations_ex", kLoadLocations, kWolfSsl, true},
    TlsFunction{"wolfSSL_CTX_set_verify", kVerifyMode, kWolfSsl, false},
    TlsFunction{"wolfSSL_set_verify", kVerifyMode, kWolfSsl, false},
    TlsFunction{"crypto/x509.(*Certificate).Verify", kGoVerify, kGo, true},
    TlsFunction{"crypto/tls.(*Conn).sendAlert", kGoAlert, kGo, false},
    TlsFunction{"crypto/tls.alert.String", kGoAlertText, kGo, false},
    TlsFunction{"crypto/x509.loadSystemRoots", kGoSystemRoots, kGo, false},
};

constexpr std::array<std::string_view, 11> kPrefixes{"libwolfssl",  "libnss3.so", "libnspr4.so", "libssl",     "libcrypto", "libgnutls",
                                                     "libmbedx509", "libmbedtls", "libnode",     "libpython3", "libtls"};

}  // namespace

std::string_view family_name(Family family) {
  switch (family) {
    case kGnuTls: return "GnuTLS";
    case kMbedTls: return "mbedTLS";
    case kNss: return "NSS";
    case kWolfSsl: return "wolfSSL";
    case kGo: return "Go crypto/tls";
    default: return "OpenSSL";
  }
}

std::span<const TlsFunction> tls_functions() { return kFunctions; }

bool loads_store(Call call) {
  switch (call) {
    case kLoadDefault:
    case kContextDefault:
    case kLoadLocations:
    case kLoadFile:
    case kLoadStore:
    case kGnutlsSystemTrust:
    case kGnutlsTrustFile:
    case kGnutlsTrustDirectory: return true;
    default: return false;
  }
}

bool loads_one_file(Call call) { return call == kLoadDefault || call == kContextDefault || call == kLoadLocations || call == kLoadFile; }

bool needs_peer(Call call) {
  switch (call) {
    case kParse:
    case kGnutlsImport:
    case kNssImport:
    case kError:
    case kErrorBefore3: return true;
    default: return false;
  }
}

bool quiet_while_loading(Call call) { return needs_peer(call) || call == kAddAnchor; }

bool verifies(Call call) { return call == kNssVerify || call == kNssName || call == kWolfConnect; }

bool tells_inside(Call call) { return call == kNssError || call == kWolfImport; }

bool may_hold_tls(std::string_view file_name) {
  if (file_name.find(".so") == std::string_view::npos) return false;
  // CPython's extension module, with OpenSSL linked in where nobody shares one.
  if (file_name.starts_with("_ssl.")) return true;
  return std::ranges::any_of(kPrefixes, [&](std::string_view prefix) { return file_name.starts_with(prefix); });
}

}  // namespace tlswhy::observe
