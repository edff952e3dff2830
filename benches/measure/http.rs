//! A client that costs little: the load shares a core with the LMS, the Factory and PostgreSQL.

use std::net::SocketAddr;

use anyhow::{Context, bail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// One connection, kept alive.
pub(crate) struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

/// What was answered.
#[derive(Debug)]
pub(crate) struct Answer {
    /// The status.
    pub(crate) status: u16,
    head: String,
    /// The body, if it came with its length.
    pub(crate) body: String,
}

impl Answer {
    /// All values of a header; `name` in lower case.
    pub(crate) fn headers<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.head
            .lines()
            .filter_map(|line| line.split_once(':'))
            .filter(move |(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    }

    /// Where the answer leads.
    pub(crate) fn location(&self) -> anyhow::Result<&str> {
        self.headers("location")
            .next()
            .with_context(|| format!("status {} without Location", self.status))
    }

    /// The cookies that it sets, as they are sent back; those that it deletes are left out.
    pub(crate) fn cookies(&self) -> String {
        let pairs = self.headers("set-cookie").filter_map(|text| text.split(';').next());
        let kept: Vec<&str> = pairs.filter(|pair| !pair.ends_with('=')).collect();
        kept.join("; ")
    }
}

impl Connection {
    pub(crate) async fn open(address: SocketAddr) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            buffer: Vec::with_capacity(16 * 1024),
        })
    }

    /// Sends one whole request and reads its answer.
    pub(crate) async fn call(&mut self, request: &[u8]) -> anyhow::Result<Answer> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        let head_end = loop {
            if let Some(at) = self.buffer.windows(4).position(|window| window == b"\r\n\r\n") {
                break at;
            }
            self.read().await?;
        };
        let (head, body) = self.buffer.split_at(head_end + 4);
        let head = String::from_utf8_lossy(head).into_owned();
        let (already, status) = (body.len(), status(&head)?);
        let mut answer = Answer {
            status,
            head,
            body: String::new(),
        };
        let length = match answer.headers("content-length").next() {
            Some(text) => text.parse::<usize>()?,
            None => bail!("an answer without a length: {}", answer.head),
        };
        for _ in already..length {
            if self.buffer.len() >= head_end + 4 + length {
                break;
            }
            self.read().await?;
        }
        let body = self.buffer.get(head_end + 4..).unwrap_or_default();
        answer.body = String::from_utf8_lossy(body).into_owned();
        Ok(answer)
    }

    async fn read(&mut self) -> anyhow::Result<()> {
        if self.stream.read_buf(&mut self.buffer).await? == 0 {
            bail!("the server closed the connection");
        }
        Ok(())
    }
}

fn status(head: &str) -> anyhow::Result<u16> {
    let word = head.split_whitespace().nth(1).context("no status line")?;
    Ok(word.parse()?)
}

/// A GET request, with cookies if there are any.
pub(crate) fn get(path: &str, cookies: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookies}\r\n\r\n").into_bytes()
}

/// A POST request of a form.
pub(crate) fn post(path: &str, cookies: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookies}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}
