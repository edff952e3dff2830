//! The lines of the documentation that a reader copies: each is run by a shell, as it stands there, against a running server.

use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use badgebridge::app::NewFeed;
use badgebridge::model::feed::FeedKind;

use crate::support::database::with_sqlite;
use crate::support::world::World;

/// The kinds and the lines of all blocks that say that they are executed.
fn blocks() -> Vec<(String, String)> {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/feeds.md");
    let page = std::fs::read_to_string(page).unwrap();
    let parts = page.split("<!-- executed: ").skip(1);
    let block = |part: &str| {
        let (kind, rest) = part.split_once(" -->\n```sh\n").unwrap();
        let (lines, _) = rest.split_once("```").unwrap();
        (kind.to_owned(), lines.to_owned())
    };
    parts.map(block).collect()
}

#[tokio::test]
async fn the_lines_for_each_kind_of_feed_do_what_they_say() {
    let blocks = blocks();
    let mut kinds: Vec<&str> = blocks.iter().map(|(kind, _)| kind.as_str()).collect();
    kinds.dedup();
    assert_eq!(kinds, ["webhook", "canvas", "moodle"]);
    with_sqlite(async |database| {
        let world = World::unconnected(&database).await;
        // the shell's `date` tells the time of this world
        let folder = tempfile::TempDir::new().unwrap();
        let date = folder.path().join("date");
        let now = world.now().seconds();
        std::fs::write(&date, format!("#!/bin/sh\nexec /bin/date --date=@{now} \"$@\"\n")).unwrap();
        std::fs::set_permissions(&date, std::fs::Permissions::from_mode(0o755)).unwrap();
        let path = format!("{}:{}", folder.path().display(), std::env::var("PATH").unwrap());
        world.launch("teacher1", "BIO-2010").await;
        world.launch("ada", "BIO-2010").await;
        for (number, (kind, lines)) in blocks.into_iter().enumerate() {
            let kind: FeedKind = kind.parse().unwrap();
            let new = NewFeed {
                organisation: world.organisation,
                kind,
                name: format!("feed {number}"),
                registration: Some(world.registration.id),
                course: None,
                key_in_address: kind == FeedKind::Canvas,
            };
            let made = world.parts.add_feed(new).await.unwrap();
            world.deps.feeds.load(&world.parts.store, 0).await.unwrap();
            let id = made.feed.id;
            let address = match &made.address_key {
                Some(key) => format!("{}/feeds/{id}/k/{}/{kind}", world.url, key.as_str()),
                None => format!("{}/feeds/{id}/{kind}", world.url),
            };
            let secret = made
                .secret
                .as_ref()
                .map_or_else(String::new, |secret| secret.to_string());
            let path = path.clone();
            let ran = tokio::task::spawn_blocking(move || {
                let mut shell = Command::new("sh");
                shell.args(["-eu", "-c", &lines]);
                shell.env("PATH", path).env("ADDRESS", address).env("SECRET", secret);
                shell.output().unwrap()
            });
            let ran = ran.await.unwrap();
            let said = String::from_utf8_lossy(&ran.stdout).into_owned();
            assert_eq!(
                said,
                r#"{"accepted":1,"ignored":0,"repeated":0}"#,
                "{kind}: {}",
                String::from_utf8_lossy(&ran.stderr)
            );
        }
        world.finish().await;
    })
    .await;
}
