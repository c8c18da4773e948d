//! Workers in processes of their own that are killed in the middle: every job is done, and only those that a killed
//! worker held are done twice.

use std::{collections::HashMap, net::SocketAddr, path::Path, time::Duration};

use ligand::{platform, settings::Settings};
use ligand_app::jobs::{Kind, WorkerOptions};
use ligand_domain::{Clock, NewJob, SystemClock, job::Ending};
use ligand_engine::Egress;
use ligand_store::test_schema::Schema;
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    process::{Child, Command},
    sync::mpsc,
};

use crate::harness;

const DATA: &str = "LIGAND_TEST_WORKER_DATA";
const DATABASE: &str = "LIGAND_TEST_WORKER_DATABASE";
const RECEIVER: &str = "LIGAND_TEST_WORKER_RECEIVER";
const JOBS: usize = 400;
const AT_A_TIME: usize = 8;
const KILLS: usize = 6;

fn worker_settings(data: &Path, database: &str) -> Settings {
    harness::settings(data, &[("database__url", database)])
}

/// Not a test: what the processes of the test below do.
#[tokio::test]
async fn as_a_worker_process() {
    let Ok(receiver) = std::env::var(RECEIVER) else { return };
    let receiver: SocketAddr = receiver.parse().expect("an address");
    let variable = |name| std::env::var(name).expect("set by the test");
    let settings = worker_settings(Path::new(&variable(DATA)), &variable(DATABASE));
    let (app, _) = platform::open(&settings, Egress::default()).await.expect("a platform");
    let kind = Kind::new("report", Duration::from_secs(60), move |job| async move {
        let told = tell(receiver, job.payload["number"].as_u64().expect("a number")).await;
        told.expect("the test receives");
        Ok(Ending::Done(Value::Null))
    });
    let options = WorkerOptions {
        jobs: AT_A_TIME,
        lease: Duration::from_secs(2),
        poll: Duration::from_secs(1),
        ..WorkerOptions::default()
    };
    app.worker_for(vec![kind], options).run(std::future::pending()).await;
}

async fn tell(receiver: SocketAddr, number: u64) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(receiver).await?;
    stream.write_all(format!("{number}\n").as_bytes()).await?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).await.map(|_| ())
}

fn start(data: &Path, database: &str, receiver: SocketAddr) -> Child {
    let mut command = Command::new(std::env::current_exe().expect("a path"));
    command.args(["--exact", "jobs::killed::as_a_worker_process", "--nocapture"]).kill_on_drop(true);
    command.env(DATA, data).env(DATABASE, database).env(RECEIVER, receiver.to_string());
    command.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null());
    command.spawn().expect("it starts")
}

/// Receives the numbers of jobs that were done.
async fn receiver() -> (SocketAddr, mpsc::UnboundedReceiver<u64>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    let (sender, received) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let sender = sender.clone();
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                let mut line = String::new();
                if stream.read_line(&mut line).await.is_ok_and(|length| length > 0) {
                    let _ = sender.send(line.trim().parse().expect("a number"));
                    let _ = stream.write_all(b"\n").await;
                }
            });
        }
    });
    (address, received)
}

#[tokio::test]
async fn killed_workers_lose_no_job() {
    let data = TempDir::new().expect("a directory");
    let schema = match std::env::var("LIGAND_TEST_ENGINE").as_deref() {
        Ok("postgres") => Some(Schema::create().await.expect("a PostgreSQL server")),
        _ => None,
    };
    let database = schema.as_ref().map_or_else(String::new, Schema::url);
    let settings = worker_settings(data.path(), &database);
    let (app, _) = platform::open(&settings, Egress::default()).await.expect("a platform");
    let now = SystemClock.now();
    let job = |number: usize| {
        let job = NewJob::new("report", json!({ "number": number }), now).with_key(format!("report:{number}"));
        job.in_lane((number % 5).to_string(), 1_000)
    };
    app.enqueue(&(0..JOBS).map(job).collect::<Vec<_>>()).await.expect("enqueued");
    let (address, mut received) = receiver().await;
    let mut workers: Vec<Child> = (0..3).map(|_| start(data.path(), &database, address)).collect();
    let (mut counts, mut seen) = (HashMap::<u64, usize>::new(), 0);
    while counts.len() < JOBS {
        *counts.entry(received.recv().await.expect("jobs are done")).or_default() += 1;
        seen += 1;
        if seen % 50 == 0 && seen / 50 <= KILLS {
            let mut victim = workers.remove(0);
            victim.kill().await.expect("it can be killed");
            workers.push(start(data.path(), &database, address));
        }
    }
    // Whoever holds something still ends it, and nothing is left.
    let store = platform::open_store(&settings).await.expect("a store");
    loop {
        let counts = store.count_jobs().await.expect("an answer");
        if counts.waiting + counts.running == 0 {
            assert_eq!(counts.failed, 0);
            break;
        }
        tokio::task::yield_now().await;
    }
    while let Ok(number) = received.try_recv() {
        *counts.entry(number).or_default() += 1;
    }
    let twice: usize = counts.values().map(|count| count - 1).sum();
    assert!(twice <= KILLS * AT_A_TIME, "{twice} jobs were done again after {KILLS} kills");
}
