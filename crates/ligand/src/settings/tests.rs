//! Where settings come from, and what is refused.

use super::{Settings, section_key};

fn from(pairs: &[(&str, &str)]) -> anyhow::Result<Settings> {
    Settings::from_sources(None, pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())))
}

#[test]
fn the_defaults_are_complete() {
    let settings = from(&[]).unwrap();
    assert_eq!(settings.server.listen, "127.0.0.1:8080".parse().unwrap());
    assert!(settings.is_embedded() && settings.noun().unwrap().is_none());
    assert_eq!(settings.key_file(), std::path::Path::new("ligand-data/keys"));
}

#[test]
fn variables_win_over_a_file_and_that_over_the_defaults() {
    let directory = tempfile::TempDir::new().unwrap();
    let file = directory.path().join("a.toml");
    std::fs::write(
        &file,
        "[limits]\nbody_bytes = 7\n[vendor]\ntimeout_seconds = 8\n[egress]\nallow = [\"10.0.0.0/8\"]\n",
    )
    .unwrap();
    let variables = [("limits__body_bytes".to_owned(), "9".to_owned())];
    let settings = Settings::from_sources(Some(&file), variables.into_iter()).unwrap();
    assert_eq!((settings.limits.body_bytes, settings.vendor.timeout_seconds), (9, 8));
    assert_eq!(settings.vendor.connect_timeout_seconds, 10);
    assert_eq!(settings.egress.allow, ["10.0.0.0/8".parse().unwrap()]);
}

#[test]
fn lists_may_be_one_text() {
    let settings = from(&[("egress__allow", " 127.0.0.0/8, ::1/128 ,"), ("catalog__directories", "/a,/b c")]).unwrap();
    assert_eq!(settings.egress.allow.len(), 2);
    assert_eq!(settings.catalog.directories.len(), 2);
    assert!(from(&[("egress__allow", "")]).unwrap().egress.allow.is_empty());
}

#[test]
fn texts_that_look_like_numbers_stay_texts() {
    let settings = from(&[("bootstrap__password", "0123"), ("bootstrap__organization", "007")]).unwrap();
    assert_eq!(settings.bootstrap.password.get().unwrap().expose(), "0123");
    assert_eq!(settings.bootstrap.organization, "007");
}

#[test]
fn what_is_wrong_is_refused_without_repeating_secrets() {
    for (key, value) in [
        ("nosuch__key", "planted-value"),
        ("server__nosuch", "planted-value"),
        ("limits__body_bytes", "-1"),
        ("limits__calls_per_second", "planted-value"),
        ("vendor__timeout_seconds", "0"),
        ("bootstrap__email", "planted-value"),
        ("bootstrap__user_secret", "planted secret with blanks"),
        ("white_label__noun", "a b"),
        ("white_label__plural", "widgets"),
        ("database__url", "mysql://planted-value@h/d"),
        ("keys__ring", "planted secret"),
        ("limits__session_hours", "18446744073709551615"),
        ("server__header_timeout_seconds", "18446744073709551615"),
        ("log__format", "planted-value"),
    ] {
        let problem = format!("{:#}", from(&[(key, value)]).unwrap_err());
        assert!(!problem.contains("planted secret"), "{problem}");
    }
    let settings = from(&[("database__url", "postgres://u:planted@h/d"), ("bootstrap__password", "planted")]).unwrap();
    assert!(!format!("{settings:?}").contains("planted"));
}

#[test]
fn other_variables_with_the_prefix_are_left_alone() {
    assert_eq!(section_key("LIGAND_SERVER__LISTEN").as_deref(), Some("server__listen"));
    for name in ["LIGAND_TEST_ENGINE", "LIGAND_CONFIG", "OTHER_SERVER__LISTEN", "PATH"] {
        assert_eq!(section_key(name), None, "{name}");
    }
}

#[test]
fn a_broken_file_is_not_repeated() {
    let directory = tempfile::TempDir::new().unwrap();
    let file = directory.path().join("a.toml");
    std::fs::write(&file, "[bootstrap]\npassword = \"planted-password\n").unwrap();
    let problem = format!("{:#}", Settings::from_sources(Some(&file), std::iter::empty()).unwrap_err());
    assert!(problem.contains("line 2") && !problem.contains("planted"), "{problem}");
}

#[test]
fn proxies_come_from_the_settings_or_from_the_environment() {
    let chosen = |proxy: &str, no_proxy: &str, environment: &[(&str, &str)]| {
        let variables = [("vendor__proxy", proxy), ("vendor__no_proxy", no_proxy)];
        let variables = variables.into_iter().filter(|(_, value)| !value.is_empty());
        let mut settings =
            Settings::from_sources(None, variables.map(|(key, value)| (key.to_owned(), value.to_owned())))?;
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        settings.environment = super::proxies::Environment::of(environment);
        settings.vendor_proxies()
    };
    let shown = |proxies: anyhow::Result<ligand_engine::Proxies>| {
        let proxies = proxies.unwrap();
        let text = |url: &Option<url::Url>| url.as_ref().map_or("-", url::Url::as_str).to_owned();
        format!("{} {} {}", text(&proxies.http), text(&proxies.https), proxies.without.join(","))
    };
    let environment = [
        ("HTTPS_PROXY", "http://u:planted@s:1"),
        ("http_proxy", "h:2"),
        ("NO_PROXY", "a.test, 10.0.0.0/8"),
        ("x", "y"),
    ];
    assert_eq!(shown(chosen("", "", &[])), "- - localhost,127.0.0.0/8,::1");
    assert_eq!(
        shown(chosen("", "", &environment)),
        "http://h:2/ http://u:planted@s:1/ a.test,10.0.0.0/8,localhost,127.0.0.0/8,::1"
    );
    assert_eq!(
        shown(chosen("", "b.test", &environment)),
        "http://h:2/ http://u:planted@s:1/ b.test,localhost,127.0.0.0/8,::1"
    );
    assert_eq!(shown(chosen("https://own", "", &environment)), "https://own/ https://own/ a.test,10.0.0.0/8");
    assert_eq!(shown(chosen("None", "", &environment)), "- - ");
    assert_eq!(
        shown(chosen("", "", &[("ALL_PROXY", "http://all"), ("HTTP_PROXY", " ")])),
        "http://all/ http://all/ localhost,127.0.0.0/8,::1"
    );
    for (proxy, environment, told) in [
        ("ftp://u:planted@h", vec![], "vendor.proxy"),
        ("", vec![("ALL_PROXY", "socks5://u:planted@h")], "ALL_PROXY"),
        ("", vec![("https_proxy", "http://")], "HTTPS_PROXY"),
    ] {
        let refused = format!("{:#}", chosen(proxy, "", &environment).unwrap_err());
        assert!(refused.contains(told) && !refused.contains("planted"), "{refused}");
        assert!(chosen("none", "", &environment).is_ok());
    }
    let shown = format!(
        "{:?}",
        super::proxies::Environment::of([("ALL_PROXY".to_owned(), "http://planted".to_owned())].into_iter())
    );
    assert!(!shown.contains("planted"), "{shown}");
}
