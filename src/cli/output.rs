//! What commands print.

/// Says what went wrong, with its causes, on stderr.
pub(super) fn complain(error: &anyhow::Error) {
    let mut text = format!("badgebridge: {error}");
    for cause in error.chain().skip(1) {
        let cause = cause.to_string();
        if !text.contains(&cause) {
            text.push_str(": ");
            text.push_str(&cause);
        }
    }
    eprintln!("{text}");
}
