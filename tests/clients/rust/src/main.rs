//! client STORE https://localhost:PORT/: asks for the page with the anchors of one of Rust's sources, status 1 and the error if that fails.
use std::{env, io::Read, io::Write, net::TcpStream, sync::Arc};

type Answer = Result<(), Box<dyn std::error::Error>>;

fn ask(mut stream: impl Read + Write) -> Answer {
    stream.write_all(b"GET / HTTP/1.0\r\nHost: localhost\r\n\r\n")?;
    stream.read(&mut [0; 64])?;
    Ok(())
}

fn with_rustls(config: rustls::ClientConfig, tcp: TcpStream) -> Answer {
    let connection = rustls::ClientConnection::new(Arc::new(config), "localhost".try_into()?)?;
    ask(rustls::StreamOwned::new(connection, tcp))
}

fn with_roots(roots: rustls::RootCertStore, tcp: TcpStream) -> Answer {
    with_rustls(rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth(), tcp)
}

fn run(store: &str, tcp: TcpStream) -> Answer {
    let mut roots = rustls::RootCertStore::empty();
    match store {
        "webpki-roots" => roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned()),
        "native-certs" => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        }
        "native-certs-0.7" => {
            roots.add_parsable_certificates(rustls_native_certs_07::load_native_certs().map_err(|error| format!("can't load: {error}"))?);
        }
        "platform-verifier" => {
            use rustls_platform_verifier::BuilderVerifierExt;
            return with_rustls(rustls::ClientConfig::builder().with_platform_verifier()?.with_no_client_auth(), tcp);
        }
        "native-tls" => return ask(native_tls::TlsConnector::new()?.connect("localhost", tcp)?),
        _ => return Err("no such store".into()),
    }
    with_roots(roots, tcp)
}

fn main() {
    rustls::crypto::ring::default_provider().install_default().expect("no provider yet");
    let words: Vec<String> = env::args().collect();
    let port: u16 = words[2].trim_end_matches('/').rsplit(':').next().and_then(|text| text.parse().ok()).expect("a port");
    if let Err(error) = TcpStream::connect(("127.0.0.1", port)).map_err(Into::into).and_then(|tcp| run(&words[1], tcp)) {
        eprintln!("client: {error}");
        std::process::exit(1);
    }
}
