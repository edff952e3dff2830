//! The floor: a web server of the same kind on the same core that does nothing but verify the token of a posted form.

use std::net::SocketAddr;
use std::process::Stdio;
use std::sync::Arc;

use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer};
use anyhow::Context;
use aws_lc_rs::signature::{ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use super::http::Answer;
use super::load;

/// Serves until it is killed; prints its address. One worker, key parsed once.
pub(crate) async fn serve(key: &str) -> anyhow::Result<()> {
    let der = STANDARD.decode(key)?;
    let key = ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, der)
        .ok()
        .context("the public key cannot be read")?;
    let key = Data::from(Arc::new(key));
    let server = HttpServer::new(move || App::new().app_data(key.clone()).route("/", web::post().to(answer)))
        .workers(1)
        .bind(("127.0.0.1", 0))?;
    for address in server.addrs() {
        println!("{address}");
    }
    Ok(server.run().await?)
}

async fn answer(key: Data<ParsedPublicKey>, body: Bytes) -> HttpResponse {
    let pairs = url::form_urlencoded::parse(&body);
    let token = pairs.into_iter().find(|(name, _)| name == "id_token");
    if token.is_some_and(|(_, token)| is_valid(&key, &token)) {
        HttpResponse::Ok().finish()
    } else {
        HttpResponse::Unauthorized().finish()
    }
}

fn is_valid(key: &ParsedPublicKey, token: &str) -> bool {
    let Some((message, signature)) = token.rsplit_once('.') else {
        return false;
    };
    let signature = URL_SAFE_NO_PAD.decode(signature);
    signature.is_ok_and(|signature| key.verify_sig(message.as_bytes(), &signature).is_ok())
}

/// Requests a second of the floor, for these bodies of forms.
pub(crate) async fn rate(public_pem: &str, bodies: &[String]) -> anyhow::Result<f64> {
    let key: String = public_pem.lines().filter(|line| !line.starts_with('-')).collect();
    let mut server = Command::new("taskset")
        .args(["-c", "0"])
        .arg(std::env::current_exe()?)
        .args(["floor", &key])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let output = server.stdout.take().context("no output of the floor")?;
    let line = BufReader::new(output).lines().next_line().await?;
    let address: SocketAddr = line.context("the floor did not start")?.parse()?;
    let requests = bodies.iter().map(|body| super::http::post("/", "", body)).collect();
    let load = load::send(address, requests, keep).await?;
    server.kill().await?;
    Ok(f64::from(u32::try_from(load.answers.len())?) / load.took.as_secs_f64())
}

fn keep(answer: &Answer) -> anyhow::Result<()> {
    anyhow::ensure!(answer.status == 200, "the floor answered {}", answer.status);
    Ok(())
}
