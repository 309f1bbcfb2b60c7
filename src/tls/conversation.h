#pragma once
// Follows one connection's bytes in both directions and says what can be known of its TLS handshake.
// Feeds on pieces of any size; keeps at most 256 KiB per direction; stops caring once the outcome is known.

#include <array>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "tls/clear_text.h"
#include "tls/decryptor.h"
#include "tls/keylog.h"
#include "tls/opening.h"
#include "tls/prelude.h"
#include "tls/record.h"

namespace tlswhy::tls {

enum class Side { kClient, kServer };

// An alert as seen. Encrypted ones have no level and no code.
struct SeenAlert {
  Side sender = Side::kClient;
  bool encrypted = false;
  std::uint8_t level = 0, code = 0;
};

class Conversation {
 public:
  // Reads encrypted records with the secrets of `keys` as far as it has them; null: not at all. It must outlive us and
  // may grow meanwhile: records wait for their secret.
  void use_keys(const KeyLog* keys) { keys_ = keys; }
  // Takes the next bytes that `sender` sent.
  void feed(Side sender, bytes::View data);

  // Opens what waited for its secret, after the key log has grown.
  void retry();
  [[nodiscard]] bool is_tls() const { return hello_.has_value(); }
  [[nodiscard]] bool carried_data() const { return carried_data_; }  // any byte at all, TLS or not
  [[nodiscard]] const std::optional<ClientHello>& client_hello() const { return hello_; }
  [[nodiscard]] const std::optional<ServerHello>& server_hello() const { return answer_; }
  [[nodiscard]] const std::vector<std::vector<std::uint8_t>>& chain() const { return chain_; }
  // Of the ClientHello with its record heads; 0: not seen whole.
  [[nodiscard]] std::uint64_t hello_size() const { return hello_ ? hello_size_ : 0; }
  // The ClientHello as it was sent, records and all, where no ServerHello came: it may be sent again.
  [[nodiscard]] const std::vector<std::uint8_t>& hello_message() const { return hello_message_; }
  // The application protocol that the server chose, as far as it was seen.
  [[nodiscard]] const std::string& alpn() const { return alpn_; }
  // What the server asked of the client, and the client's answer: its chain, empty for none.
  [[nodiscard]] const std::optional<Authorities>& certificate_request() const { return request_; }
  [[nodiscard]] const std::optional<std::vector<std::vector<std::uint8_t>>>& client_chain() const { return client_chain_; }
  // TLS 1.3, where it can't be read: by its size the client's answer is an empty Certificate.
  [[nodiscard]] bool client_sent_no_certificate() const;
  // What a server that speaks no TLS answered, or said before the client's hello unasked; without a hello: by which it refused the
  // client's request to begin TLS.
  [[nodiscard]] std::optional<ClearText> clear_answer() const;
  // Any byte of the server came.
  [[nodiscard]] bool server_spoke() const { return server_spoke_; }
  // The alert that ended the handshake, if one did. For TLS 1.3 judged at the end of the connection: the
  // client's first encrypted record is as short as only an alert is, and nothing came after it.
  [[nodiscard]] std::optional<SeenAlert> alert() const;
  // Both sides went past their Finished: application data or an encrypted handshake record from each.
  [[nodiscard]] bool completed() const;
  // The client went past its Finished.
  [[nodiscard]] bool client_finished() const;
  // The client sent something of its own after the handshake, and not only a closing alert.
  [[nodiscard]] bool client_sent_data() const;
  // The server did. Where records of TLS 1.3 can't be read, its session tickets count as well.
  [[nodiscard]] bool server_sent_data() const;
  // The client was asked for a certificate (TLS 1.3): its flight is more than a Finished, if only an empty Certificate.
  [[nodiscard]] bool client_was_asked() const;
  // TLS 1.3: what the server sent after the client's Finished is one record, as short as only an alert is, and the client had
  // not closed before. So a server refuses the client (RFC 8446 §4.4.2.4), or closes without an answer.
  [[nodiscard]] bool server_alerted_after() const;
  // Who sent the first closing alert after the handshake, if anybody did.
  [[nodiscard]] const std::optional<Side>& closed_by() const { return closed_by_; }
  // What this side sends now tells nothing: without secrets the server's records of TLS 1.3 are all alike up to the client's Finished.
  [[nodiscard]] bool deaf_to(Side sender) const {
    return sender == Side::kServer && version13() && !answer_->retry && keys_ == nullptr && !server().sealed.empty() && !completed();
  }
  // The client went on to encrypted records, and nothing of the server was seen: of this connection one direction is missing.
  [[nodiscard]] bool one_sided() const { return hello_ && !answer_ && !client().sealed.empty(); }
  // Nothing more can be learnt: the caller need not feed it any longer.
  [[nodiscard]] bool settled() const;
  // What went before TLS on this connection (tls/prelude.h), "" if nothing known did.
  [[nodiscard]] std::string prelude() const { return name_prelude(prelude_); }
  // The server's chain came compressed (RFC 8879), which is not read.
  [[nodiscard]] bool compressed_chain() const { return compressed_chain_; }
  // True when encrypted records were opened with a key log.
  [[nodiscard]] bool decrypted() const { return decrypted_; }
  // Bytes kept at the moment.
  [[nodiscard]] std::size_t buffered() const;
  // Why the rest could not be read, if so.
  [[nodiscard]] const std::string& trouble() const { return trouble_; }

 private:
  struct Sealed {
    std::uint8_t type = 0;
    std::uint64_t size = 0;
  };
  struct Stream {
    std::vector<std::uint8_t> pending;              // bytes of an unfinished record
    std::vector<std::uint8_t> messages;             // bytes of unfinished handshake messages
    bool encrypted = false;                         // a ChangeCipherSpec (1.2) or the ServerHello (1.3) went before
    std::vector<Sealed> sealed;                     // the first encrypted records
    std::vector<std::uint8_t> alert;                // the first byte of one
    std::deque<std::vector<std::uint8_t>> waiting;  // encrypted records whose secret is not there yet
  };

  void client_opens(bytes::View data);
  void server_opens(bytes::View data);
  void clear_alert(Side sender, bytes::View body);
  void records(Side sender);
  void heads(bytes::View data);
  [[nodiscard]] bool looks_like_alert(const Sealed& record) const;
  [[nodiscard]] std::size_t finished_at() const;
  void record(Side sender, std::uint8_t type, bytes::View body);
  void sealed_record(Side sender, std::uint8_t type, std::uint64_t size);
  void unseal(Side sender);
  bool prepare_decryptor();
  void inner(Side sender, const Opened& record);
  void handshake_bytes(Side sender, bytes::View body);
  void client_message(std::uint8_t type, bytes::View body);
  void server_message(std::uint8_t type, bytes::View body);
  void message(Side sender, std::uint8_t type, bytes::View body);
  void give_up(std::string why);
  [[nodiscard]] bool version13() const { return answer_ && answer_->version == "TLSv1.3"; }
  [[nodiscard]] const Stream& client() const { return streams_[0]; }
  [[nodiscard]] const Stream& server() const { return streams_[1]; }

  Stream streams_[2];
  std::optional<ClientHello> hello_;
  std::optional<ServerHello> answer_;
  std::vector<std::vector<std::uint8_t>> chain_;
  std::optional<Authorities> request_;
  std::optional<std::vector<std::vector<std::uint8_t>>> client_chain_;
  std::string alpn_;
  std::uint64_t hello_size_ = 0;
  std::vector<std::uint8_t> hello_message_;
  std::vector<std::uint8_t> greeting_;      // the server's first bytes, before TLS
  std::vector<std::uint8_t> clear_answer_;  // and after the ClientHello, where they are no record
  bool server_spoke_ = false, compressed_chain_ = false;
  std::vector<std::uint8_t> held_;   // of the client, may be the beginning of a ClientHello
  std::vector<std::uint8_t> early_;  // of the server, whose ClientHello was not captured yet
  std::optional<std::array<TdsUnwrapper, 2>> tds_;
  std::optional<SeenAlert> clear_alert_;
  std::vector<Sealed> after_;  // the server's first records after both sides' Finished
  std::optional<Side> closed_by_;
  bool started_ = false, carried_data_ = false, gave_up_ = false, client_data_ = false;
  bool resumed_ = false;    // the server's stream is followed again after the client's Finished
  std::uint64_t skip_ = 0;  // of it, to the next record's head
  bool lost_ = false;       // its records can't be found in it
  std::uint64_t before_tls_ = 0;
  std::vector<std::uint8_t> prelude_;  // the client's first bytes before TLS
  std::vector<std::uint8_t> reply_;    // what the server said to the last of them
  const KeyLog* keys_ = nullptr;
  std::optional<Decryptor> decryptor_;
  bool decrypted_ = false, undecryptable_ = false;
  std::string trouble_;
};

}  // namespace tlswhy::tls
