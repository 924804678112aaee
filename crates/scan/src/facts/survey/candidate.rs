//! Which files may hold a secret, a key or a certificate, told by name alone?

/// What a file may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Candidate {
    /// A private key.
    Key,
    /// A certificate, perhaps with its key.
    Certificate,
    /// Credentials of a cloud or cluster.
    Cloud,
    /// Environment of a program.
    Environment,
    /// History of a shell or client.
    History,
    /// A configuration file that is known for passwords.
    Configuration,
    /// A copy of the password files.
    Accounts,
}

/// File names of which each begins something; sorted by kind, matched whole.
fn by_name(name: &[u8]) -> Option<Candidate> {
    Some(match name {
        b"id_rsa" | b"id_dsa" | b"id_ecdsa" | b"id_ed25519" | b"identity" => Candidate::Key,
        b"credentials"
        | b"credentials.db"
        | b"application_default_credentials.json"
        | b"accessTokens.json"
        | b"azureProfile.json"
        | b"msal_token_cache.json"
        | b"config"
        | b"kubeconfig"
        | b"admin.conf"
        | b"access_tokens.db"
        | b"k3s.yaml"
        | b".s3cfg"
        | b".boto"
        | b"hosts.yml" => Candidate::Cloud,
        b".env" | b"environment" => Candidate::Environment,
        b".bash_history" | b".zsh_history" | b".sh_history" | b".ash_history" | b".history"
        | b".mysql_history" | b".psql_history" | b".rediscli_history" | b".python_history"
        | b"fish_history" => Candidate::History,
        b"wp-config.php" | b".my.cnf" | b"my.cnf" | b".pgpass" | b".pg_service.conf"
        | b"pg_service.conf" | b"tomcat-users.xml" | b"config.json" | b".dockercfg" | b".netrc"
        | b"_netrc" | b".git-credentials" | b".npmrc" | b".yarnrc.yml" | b".pypirc"
        | b"settings.xml" | b"auth.json" | b"debian.cnf" => Candidate::Configuration,
        b"shadow" | b"gshadow" => Candidate::Accounts,
        _ => return None,
    })
}

/// What the file may hold, if anything.
pub(super) fn of(name: &[u8]) -> Option<Candidate> {
    // Nearly every name of a system ends here; the rest is looked at more closely.
    let dot = name.iter().rposition(|byte| *byte == b'.');
    let (stem, extension) = match dot {
        Some(dot) => (
            name.get(..dot).unwrap_or_default(),
            name.get(dot + 1..).unwrap_or_default(),
        ),
        None => (name, &b""[..]),
    };
    if let Some(found) = by_name(name) {
        return Some(found);
    }
    match extension {
        b"key" | b"ppk" => return Some(Candidate::Key),
        b"pem" | b"crt" | b"cer" | b"der" | b"cert" => return Some(Candidate::Certificate),
        _ => {}
    }
    if stem == b".env" || extension == b"env" {
        return Some(Candidate::Environment);
    }
    let accounts = [&b"shadow"[..], b"gshadow"];
    let is_copy = accounts.iter().any(|account| {
        name.strip_prefix(*account)
            .is_some_and(|rest| rest.first().is_some_and(|byte| b".-_~".contains(byte)))
    });
    is_copy.then_some(Candidate::Accounts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_what_a_file_may_hold() {
        let check = |name: &str, expected| assert_eq!(of(name.as_bytes()), expected, "{name}");
        check("id_rsa", Some(Candidate::Key));
        check("id_rsa.pub", None);
        check("server.key", Some(Candidate::Key));
        check("fullchain.pem", Some(Candidate::Certificate));
        check(".env", Some(Candidate::Environment));
        check(".env.production", Some(Candidate::Environment));
        check("shadow.bak", Some(Candidate::Accounts));
        check("shadow-", Some(Candidate::Accounts));
        check("shadows.png", None);
        check("environment.d", None);
        check("passwd", None);
    }
}
