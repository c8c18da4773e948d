//! Servers that demand a certificate and verify it, and servers whose authority one instance alone trusts.

use std::{convert::Infallible, sync::Arc};

use axum::http::{Request, Response};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;
use ligand_domain::{Configuration, Id, Timestamp};
use ligand_element::{Method, PlanError, VendorBody, VendorRequest};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::{
    RootCertStore, ServerConfig, SupportedProtocolVersion,
    pki_types::PrivateKeyDer,
    server::WebPkiClientVerifier,
    version::{TLS12, TLS13},
};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{super::Clients, local};
use crate::{
    Failure, Options,
    transport::{Answered, Attempt, deadline},
};

type Authority = CertifiedIssuer<'static, KeyPair>;

fn authority(name: &str) -> Authority {
    let mut parameters = CertificateParams::default();
    parameters.distinguished_name.push(DnType::CommonName, name);
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap()
}

/// A certificate for a name that an authority has signed, and its key.
fn signed(authority: &Authority, name: &str) -> (rcgen::Certificate, KeyPair) {
    let key = KeyPair::generate().unwrap();
    let mut parameters = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    parameters.distinguished_name.push(DnType::CommonName, name);
    (parameters.signed_by(&key, authority).unwrap(), key)
}

/// The configuration of somebody who trusts an authority and shows a certificate of another's.
fn showing(trusted: &Authority, issuer: &Authority, name: &str) -> Configuration {
    let (certificate, key) = signed(issuer, name);
    let mut configuration = trusting(trusted);
    configuration.set("tls.client.certificate", Some(certificate.pem()));
    configuration.set("tls.client.key", Some(key.serialize_pem()));
    configuration
}

fn trusting(trusted: &Authority) -> Configuration {
    Configuration::from_iter([("tls.ca.certificates".to_owned(), Some(trusted.pem()))])
}

/// A server of one authority that demands a certificate of another's, if one is given, and answers with the number of
/// the connection and the name in the certificate.
async fn serve(
    own: &Authority,
    demanded: Option<&Authority>,
    versions: &[&'static SupportedProtocolVersion],
) -> String {
    let (certificate, key) = signed(own, "server");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider)).with_protocol_versions(versions).unwrap();
    let builder = match demanded {
        None => builder.with_no_client_auth(),
        Some(authority) => {
            let mut roots = RootCertStore::empty();
            roots.add(authority.der().clone()).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        }
    };
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let config = builder.with_single_cert(vec![certificate.der().clone()], key).unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("https://{}/", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let mut connections = 0;
        while let Ok((stream, _)) = listener.accept().await {
            connections += 1;
            let (acceptor, number) = (acceptor.clone(), connections);
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let shown = stream.get_ref().1.peer_certificates().map(|chain| chain[0].to_vec()).unwrap_or_default();
                let name = ["alpha", "beta"].into_iter().find(|name| contains(&shown, name.as_bytes()));
                let answer = service_fn(async |_: Request<Incoming>| {
                    Ok::<_, Infallible>(Response::new(format!("{number} {}", name.unwrap_or("nobody"))))
                });
                drop(hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await);
            });
        }
    });
    base
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

async fn ask(
    clients: &Clients,
    options: &Options,
    instance: i64,
    configuration: &Configuration,
    base: &str,
) -> Result<String, Failure> {
    let client = clients.of(options, Id::new(instance), configuration)?;
    let request = VendorRequest {
        method: Method::Post,
        url: base.parse().unwrap(),
        headers: Vec::new(),
        body: VendorBody::Empty,
        stores: Vec::new(),
    };
    let deadline = deadline(options.total_timeout);
    let attempt = Attempt { client: &client, options, request: &request, deadline, streams: &|_| false };
    match attempt.send(None).await {
        Ok(Answered::Whole(answer)) => Ok(String::from_utf8(answer.body).unwrap()),
        Ok(Answered::Streamed(..)) => panic!("nothing streams here"),
        Err(trouble) => Err(trouble.failure),
    }
}

#[tokio::test]
async fn each_instance_shows_its_own_certificate() {
    let (vendors, customers) = (authority("vendors"), authority("customers"));
    for versions in [[&TLS12], [&TLS13]] {
        let (clients, options) = (Clients::default(), local());
        let base = serve(&vendors, Some(&customers), &versions).await;
        let (alpha, beta) = (showing(&vendors, &customers, "alpha"), showing(&vendors, &customers, "beta"));
        let ask = async |instance, configuration| ask(&clients, &options, instance, configuration, &base).await;
        assert_eq!(ask(1, &alpha).await.as_deref(), Ok("1 alpha"));
        assert_eq!(ask(2, &beta).await.as_deref(), Ok("2 beta"), "not on the first one's connection");
        assert_eq!(ask(1, &alpha).await.as_deref(), Ok("1 alpha"), "connections are kept");
        assert_eq!(ask(3, &alpha).await.as_deref(), Ok("3 alpha"), "and kept apart, also with the same certificate");
        // After a change the old connection serves nobody.
        assert_eq!(ask(1, &beta).await.as_deref(), Ok("4 beta"));
    }
}

#[tokio::test]
async fn who_shows_none_or_a_foreign_one_is_told_so() {
    let (vendors, customers, foreign) = (authority("vendors"), authority("customers"), authority("foreign"));
    for versions in [[&TLS12], [&TLS13]] {
        let (clients, options) = (Clients::default(), local());
        let base = serve(&vendors, Some(&customers), &versions).await;
        for (instance, configuration) in [(1, trusting(&vendors)), (2, showing(&vendors, &foreign, "alpha"))] {
            let refused = ask(&clients, &options, instance, &configuration, &base).await.expect_err("refused");
            // Servers of the older version say of a missing certificate that they do not like the handshake.
            let told = match refused {
                Failure::Rejected { status: 403, provider_message: Some(told), .. } => told,
                Failure::Insecure(why) if instance == 1 && versions == [&TLS12] => why.to_owned(),
                other => panic!("{instance}: {other:?}"),
            };
            assert!(told.contains("certificate"), "{told}");
        }
    }
}

#[tokio::test]
async fn an_authority_counts_for_who_names_it() {
    let (vendors, other) = (authority("vendors"), authority("other"));
    let (clients, options) = (Clients::default(), local());
    let base = serve(&vendors, None, &[&TLS13]).await;
    let trusted = ask(&clients, &options, 1, &trusting(&vendors), &base).await;
    assert_eq!(trusted.as_deref(), Ok("1 nobody"));
    for configuration in [Configuration::default(), trusting(&other)] {
        let refused = ask(&clients, &options, 2, &configuration, &base).await.expect_err("refused");
        assert!(matches!(refused, Failure::Insecure(why) if why.contains("not trusted")), "{refused:?}");
    }
}

#[test]
fn a_key_of_another_certificate_is_refused_before_any_call() {
    let authority = authority("one");
    let mut configuration = showing(&authority, &authority, "alpha");
    configuration.set("tls.client.key", Some(signed(&authority, "beta").1.serialize_pem()));
    let refused = Clients::default().of(&local(), Id::new(1), &configuration).expect_err("refused");
    let Failure::Plan(PlanError::Invalid(told)) = refused else { panic!("{refused:?}") };
    assert!(told.contains("tls.client.certificate") && told.contains("does not belong"), "{told}");
}

#[test]
fn what_an_instance_shows_is_checked_when_it_is_made() {
    let (clients, one) = (Clients::default(), authority("one"));
    let check = |configuration: &Configuration, year: i64| {
        clients.demand_valid(&local(), configuration, Timestamp::from_millis((year - 1970) * 31_557_600_000))
    };
    assert_eq!(check(&Configuration::default(), 2026), Ok(()));
    let valid = showing(&one, &one, "alpha");
    assert_eq!(check(&valid, 2026), Ok(()));
    // The library that makes these certificates lets them end in 4096.
    assert!(
        matches!(check(&valid, 5000), Err(Failure::Plan(PlanError::Invalid(told))) if told.contains("has expired"))
    );
    let mut mixed = valid;
    mixed.set("tls.client.key", Some(KeyPair::generate().unwrap().serialize_pem()));
    assert!(
        matches!(check(&mixed, 2026), Err(Failure::Plan(PlanError::Invalid(told))) if told.contains("does not belong"))
    );
}

#[test]
fn clients_are_kept_within_bounds() {
    let (clients, options) = (Clients::default(), local());
    for instance in 1..=3000 {
        clients.of(&options, Id::new(instance), &Configuration::default()).unwrap();
    }
    assert!(clients.kept.len() <= super::super::CLIENTS);
}
