#pragma once
// The functions of TLS libraries that decide about trust, as a table: where they have a breakpoint, and what their
// arguments mean. OpenSSL 1.1.0 to 3.x, LibreSSL, BoringSSL and AWS-LC share the names (openssl/x509_vfy.h, ssl.h).

#include <cstdint>
#include <span>
#include <string_view>

namespace tlswhy::observe {

enum class Call : std::uint8_t {
  kVerify,                // X509_verify_cert(context)
  kParse,                 // d2i_X509(x509 **, const unsigned char **, long)
  kLoadDefault,           // X509_STORE_set_default_paths(store)
  kContextDefault,        // SSL_CTX_set_default_verify_file(context), and _dir
  kLoadLocations,         // X509_STORE_load_locations(store, file, directory)
  kLoadFile,              // X509_STORE_load_file_ex(store, file, …)
  kLoadDirectory,         // X509_STORE_load_path(store, directory)
  kLoadStore,             // X509_STORE_load_store_ex(store, uri, …)
  kAddAnchor,             // X509_STORE_add_cert(store, certificate)
  kKeyFile,               // SSL_CTX_use_PrivateKey_file(context, file, type), and those of certificates
  kKey,                   // SSL_CTX_use_PrivateKey(context, key), SSL_CTX_check_private_key(context)
  kVerifyMode,            // SSL_CTX_set_verify(context, mode, callback)
  kNewSession,            // SSL_new(context), which gives a session
  kError,                 // ERR_vset_error(library, reason, format, …); of 3.x
  kErrorBefore3,          // ERR_put_error(library, function, reason, file, line)
  kExpectName,            // X509_VERIFY_PARAM_set1_host(parameters, name, length)
  kGnutlsVerify,          // gnutls_certificate_verify_peers(session, data, elements, unsigned *status)
  kGnutlsVerifyList,      // gnutls_x509_trust_list_verify_crt2(list, crt *, unsigned count, …)
  kGnutlsImport,          // gnutls_x509_crt_import(crt, const datum *, format)
  kGnutlsAlert,           // gnutls_alert_send(session, level, description)
  kGnutlsAlertGot,        // gnutls_alert_get(session)
  kGnutlsKeyFile,         // gnutls_certificate_set_x509_key_file(credentials, certificate, key, type)
  kGnutlsVerifyMode,      // gnutls_session_set_verify_cert(session, name, flags)
  kGnutlsSystemTrust,     // gnutls_x509_trust_list_add_system_trust(list, …)
  kGnutlsTrustFile,       // gnutls_x509_trust_list_add_trust_file(list, file, …)
  kGnutlsTrustDirectory,  // gnutls_x509_trust_list_add_trust_dir(list, directory, …)
  kMbedVerifyMode,        // mbedtls_ssl_conf_authmode(configuration, mode)
  kMbedVerify,            // mbedtls_x509_crt_verify_restartable(crt, ca, crl, profile, name, uint32_t *flags, …)
  kNssImport,             // CERT_NewTempCertificate(handle, SECItem *, …)
  kNssVerify,             // CERT_VerifyCert(handle, CERTCertificate *, …)
  kNssName,               // CERT_VerifyCertName(CERTCertificate *, name)
  kNssError,              // PR_SetError(code, system's code), by which both of them say why not
  kWolfNew,               // wolfSSL_new(context), which gives a session
  kWolfConnect,           // wolfSSL_connect(session)
  kWolfImport,            // InitDecodedCert(certificate, const byte *, word32 size, heap)
  kWolfError,             // wolfSSL_get_error(session, result)
  kGoVerify,              // crypto/x509.(*Certificate).Verify(c, options)
  kGoAlert,               // crypto/tls.(*Conn).sendAlert(c, code)
  kGoAlertText,           // crypto/tls.alert.String(code): a program says which alert it was
  kGoSystemRoots,         // crypto/x509.loadSystemRoots()
};

// How to call the stack in a report.
enum class Family : std::uint8_t { kOpenSsl, kGnuTls, kMbedTls, kNss, kWolfSsl, kGo };
std::string_view family_name(Family family);

struct TlsFunction {
  std::string_view symbol;
  Call call;
  Family family;
  bool returns;                  // its result is of interest
  std::string_view unless = {};  // not when the library has this one too: it would be told twice
};

std::span<const TlsFunction> tls_functions();

// True for calls that read whole stores: certificates that are parsed inside are anchors, a hundred and more of them.
bool loads_store(Call call);
// True for those of them that read, in OpenSSL and its kin, one file and nothing else once that is open.
bool loads_one_file(Call call);
// True for calls that are of interest only where there is a peer: those that parse one certificate, and errors.
bool needs_peer(Call call);
// True for calls that are of no interest while a store is loaded.
bool quiet_while_loading(Call call);
// True for calls that verify the peer's chain, and for those that say something about it only inside one of them.
bool verifies(Call call);
bool tells_inside(Call call);

// True for names of shared objects that may hold some of them: "libssl.so.3", "libcrypto-a1b2c3.so.1.1".
bool may_hold_tls(std::string_view file_name);

}  // namespace tlswhy::observe
