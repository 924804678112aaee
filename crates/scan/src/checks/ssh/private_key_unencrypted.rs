//! Private keys without a passphrase.

use super::private_keys;
use crate::check::{Cx, Hit, Skip, check};

check! {
    /// # What it checks
    /// Private keys in the `.ssh` folders of people and root ask for a passphrase: the cipher in the
    /// file is not `none`, or its PEM header says `ENCRYPTED`.
    ///
    /// # Why it matters
    /// Whoever reads the file once (a backup, a break-in to this account) has the key for every host
    /// that knows it. That is how intruders get from one host to the next.
    ///
    /// # Example
    /// `/home/ann/.ssh/id_ed25519` made with `ssh-keygen -N ''`
    ///
    /// # Instead
    /// `ssh-keygen -p -f ~/.ssh/id_ed25519` sets a passphrase, `ssh-agent` asks for it once. Keys of
    /// automation: bind them with `from=` and `command=` where they are authorized.
    id: "ssh-private-key-unencrypted",
    surface: Ssh,
    title: "Private key without a passphrase",
    severity: Low,
    references: [Cwe "CWE-312", Attack "T1552.004", Man "ssh-keygen(1)"],
}

fn run(cx: &mut Cx<'_>) -> Result<(), Skip> {
    for (path, account, open) in private_keys(cx)? {
        if open {
            let shown = path.display();
            let hit = Hit::new(format!("Private key {shown} of `{}` has no passphrase", account.name))
                .path(&path)
                .subject(&account.name)
                .instead(format!("`ssh-keygen -p -f {shown}` sets a passphrase; bind keys of automation with `from=` and `command=` where they are authorized."));
            cx.hit(hit);
        }
    }
    Ok(())
}
