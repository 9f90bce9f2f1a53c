//! Certificates that a person adds to those of the operating system, and the one that a client shows.

use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use secrecy::{ExposeSecret, SecretString};

use super::proxy::EnvLookup;
use crate::error::{Error, Result};

/// A file of certificates and where it was named.
#[derive(Debug, Clone)]
pub(crate) struct CaFile {
    pub(crate) path: PathBuf,
    pub(crate) named_by: &'static str,
}

impl CaFile {
    /// `CODEX_CA_CERTIFICATE`, else `SSL_CERT_FILE`; an empty value counts as none.
    pub(crate) fn from_env(env: EnvLookup<'_>) -> Option<Self> {
        ["CODEX_CA_CERTIFICATE", "SSL_CERT_FILE"].into_iter().find_map(|named_by| {
            let path = env(named_by).filter(|v| !v.is_empty())?.into();
            Some(Self { path, named_by })
        })
    }

    /// The certificates in DER form.
    pub(crate) fn read(&self) -> Result<Vec<Vec<u8>>> {
        let wrong = |why: &str| Error::config(format!("{} names {}: {why}", self.named_by, self.path.display()));
        let text = read_bounded(&self.path).map_err(|e| wrong("the file cannot be read").with_source(e))?;
        let text = String::from_utf8_lossy(&text);
        let found = certificates(&text).ok_or_else(|| {
            wrong("a certificate block is damaged; the file must hold PEM blocks BEGIN CERTIFICATE … END CERTIFICATE")
        })?;
        if found.is_empty() {
            return Err(wrong("it holds no certificate; it must hold PEM blocks BEGIN CERTIFICATE … END CERTIFICATE"));
        }
        Ok(found)
    }
}

/// The certificates of a text, in DER form.
pub(crate) fn certificates_of(pem: &str) -> Result<Vec<Vec<u8>>> {
    certificates(pem).filter(|found| !found.is_empty()).ok_or_else(|| {
        Error::config(
            "the extra certificate is not usable: it must be PEM blocks BEGIN CERTIFICATE … END CERTIFICATE, not a path",
        )
    })
}

/// The certificate that we show, and its key.
#[derive(Debug, Clone)]
pub(crate) struct ClientIdentity {
    pub(crate) certificate: String,
    pub(crate) key: SecretString,
}

impl ClientIdentity {
    /// Refuses at once what TLS would refuse at the first call.
    pub(crate) fn check(&self) -> Result<()> {
        certificates_of(&self.certificate)
            .map_err(|_| wrong_identity("the certificate must be PEM blocks BEGIN CERTIFICATE … END CERTIFICATE"))?;
        let key = self.key.expose_secret();
        if key.contains("ENCRYPTED") {
            return Err(wrong_identity("its key is encrypted; store it without a passphrase, in a secret"));
        }
        match key.contains("-----BEGIN ") && key.contains("PRIVATE KEY-----") {
            true => Ok(()),
            false => Err(wrong_identity("its key must be a PEM block BEGIN PRIVATE KEY … END PRIVATE KEY")),
        }
    }

    #[cfg(all(feature = "rustls", not(feature = "rustls-ring")))]
    pub(crate) fn for_reqwest(&self) -> Result<reqwest::Identity> {
        let both = format!("{}\n{}", self.certificate, self.key.expose_secret());
        reqwest::Identity::from_pem(both.as_bytes()).map_err(|e| wrong_identity("see the cause").with_source(e))
    }

    #[cfg(all(feature = "native-tls", not(any(feature = "rustls", feature = "rustls-ring"))))]
    pub(crate) fn for_reqwest(&self) -> Result<reqwest::Identity> {
        reqwest::Identity::from_pkcs8_pem(self.certificate.as_bytes(), self.key.expose_secret().as_bytes())
            .map_err(|e| wrong_identity("see the cause").with_source(e))
    }

    #[cfg(feature = "rustls-ring")]
    pub(crate) fn for_rustls(
        &self,
    ) -> Result<(Vec<rustls_pki_types::CertificateDer<'static>>, rustls_pki_types::PrivateKeyDer<'static>)> {
        use rustls_pki_types::pem::PemObject;
        let chain = certificates_of(&self.certificate)?.into_iter().map(Into::into).collect();
        let key = rustls_pki_types::PrivateKeyDer::from_pem_slice(self.key.expose_secret().as_bytes())
            .map_err(|_| wrong_identity("its key cannot be read"))?;
        Ok((chain, key))
    }
}

fn wrong_identity(why: &str) -> Error {
    Error::config(format!("the client certificate cannot be used: {why}"))
}

fn read_bounded(path: &Path) -> std::io::Result<Vec<u8>> {
    use std::io::Read;
    const LIMIT: u64 = 16 << 20;
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(LIMIT).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Every certificate of a PEM text; other blocks are passed over. `None` when a certificate's base64 is damaged.
fn certificates(text: &str) -> Option<Vec<Vec<u8>>> {
    let mut found = Vec::new();
    let mut block: Option<(bool, String)> = None;
    for line in text.lines().map(str::trim) {
        if let Some(label) = line.strip_prefix("-----BEGIN ").and_then(|l| l.strip_suffix("-----")) {
            let wanted = matches!(label, "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE");
            block = Some((wanted, String::new()));
        } else if line.starts_with("-----END ") {
            if let Some((true, body)) = block.take() {
                found.push(first_element(STANDARD.decode(body).ok()?)?);
            }
        } else if let Some((true, body)) = &mut block {
            body.push_str(line);
        }
    }
    // A block without its end.
    if matches!(block, Some((true, _))) { None } else { Some(found) }
}

/// The first DER element: OpenSSL's `TRUSTED CERTIFICATE` has its trust settings behind the certificate.
fn first_element(mut der: Vec<u8>) -> Option<Vec<u8>> {
    let (&tag, &short) = (der.first()?, der.get(1)?);
    if tag != 0x30 {
        return None;
    }
    let length = match short {
        0..0x80 => 2 + usize::from(short),
        _ => {
            let count = usize::from(short & 0x7f);
            let digits = der.get(2..2 + count).filter(|_| (1..=4).contains(&count))?;
            digits.iter().fold(0, |sum, &b| sum << 8 | usize::from(b)).checked_add(2 + count)?
        }
    };
    (length <= der.len()).then(|| {
        der.truncate(length);
        der
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pem(label: &str, der: &[u8]) -> String {
        format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", STANDARD.encode(der))
    }

    #[test]
    fn certificates_are_kept_and_other_blocks_passed_over() {
        let text = pem("CERTIFICATE", &[0x30, 2, 1, 2])
            + &pem("X509 CRL", b"not ours")
            + &pem("TRUSTED CERTIFICATE", &[0x30, 1, 9, 0x30, 0]);
        assert_eq!(certificates(&text), Some(vec![vec![0x30, 2, 1, 2], vec![0x30, 1, 9]]));
    }

    #[test]
    fn a_damaged_block_is_not_passed_over() {
        for text in [
            "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----",
            "-----BEGIN CERTIFICATE-----\nMAA=",
            &pem("CERTIFICATE", &[0x30, 9, 1]),
            &pem("CERTIFICATE", &[0x31, 0]),
        ] {
            assert_eq!(certificates(text), None, "{text}");
        }
    }

    #[test]
    fn a_wrong_file_is_named_with_its_variable() {
        let error = CaFile { path: "/nowhere/ca.pem".into(), named_by: "SSL_CERT_FILE" }.read().unwrap_err();
        assert!(error.message().contains("SSL_CERT_FILE") && error.message().contains("/nowhere/ca.pem"), "{error}");
    }
}
