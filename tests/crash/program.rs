//! The real program as a child process.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

/// How a process is started: its arguments and its settings.
#[derive(Clone, Debug)]
pub(crate) struct Recipe {
    pub(crate) arguments: Vec<&'static str>,
    pub(crate) settings: Vec<(&'static str, String)>,
}

/// A running process that can be killed from anywhere, also from the simulator's thread.
#[derive(Clone, Debug)]
pub(crate) struct Program(Arc<Mutex<Option<Child>>>);

impl Program {
    /// Starts the program and waits until it says that it runs.
    pub(crate) fn start(recipe: &Recipe) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_badgebridge"))
            .args(&recipe.arguments)
            .env_clear()
            .envs(recipe.settings.iter().map(|(name, value)| (*name, value.as_str())))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let is_up = |line: &String| line.starts_with("Badgebridge serves") || line.starts_with("Badgebridge works");
        assert!(
            lines.by_ref().map_while(Result::ok).any(|line| is_up(&line)),
            "the program ended before it ran"
        );
        // what it still says is read to its end, so that it never waits for us
        std::thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        Self(Arc::new(Mutex::new(Some(child))))
    }

    /// Whether it was not killed yet.
    pub(crate) fn is_running(&self) -> bool {
        self.0.lock().unwrap().is_some()
    }

    /// `kill -9`; whether there was something to kill.
    pub(crate) fn kill(&self) -> bool {
        // held until it has ended: whoever starts it again needs its port
        let mut running = self.0.lock().unwrap();
        let Some(mut child) = running.take() else {
            return false;
        };
        child.kill().expect("the process can be killed");
        child.wait().expect("the process ends");
        true
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        if Arc::strong_count(&self.0) == 1 {
            self.kill();
        }
    }
}
