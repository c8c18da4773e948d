//! Jobs and their history on the wire.

use ligand_app::requests::{History, JobView};
use ligand_domain::{Caller, job::State};
use serde_json::{Value, json};

/// The priority that every trigger of the original has.
const PRIORITY: i64 = 5;

/// The job object.
pub(crate) fn full(view: &JobView) -> Value {
    let job = &view.job;
    let mut data = json!({
        "id": job.payload["request"].as_i64().or(job.instance_id.map(ligand_domain::Id::get)),
        "elementKey": view.element_key,
        "instanceId": job.instance_id,
        "topic": job.kind,
    });
    for member in ["method", "uri"] {
        if let Some(text) = job.payload[member].as_str() {
            data[member] = Value::from(text);
        }
    }
    let fires_again = matches!(job.state, State::Waiting | State::Running | State::Paused);
    json!({
        "id": job.id,
        "name": job.name,
        "description": job.description,
        "schedule": view.cron(),
        "disallowConcurrent": true,
        "data": data,
        "trigger": {
            "id": job.id,
            "cron": view.cron(),
            "calendarName": null,
            "mayFireAgain": fires_again,
            "nextFireTime": (job.state == State::Waiting).then(|| job.planned_at.as_millis()),
            "description": null,
            "startTime": job.created_at.as_millis(),
            "endTime": null,
            "priority": PRIORITY,
            "state": state(job.state),
        },
    })
}

fn state(state: State) -> &'static str {
    match state {
        State::Waiting => "NORMAL",
        State::Paused => "PAUSED",
        State::Running => "BLOCKED",
        State::Done => "COMPLETE",
        State::Failed => "ERROR",
    }
}

/// A history record.
pub(crate) fn history(history: &History, caller: &Caller) -> Value {
    let mut record = execution(history);
    let run = &history.run;
    record["job_group"] = Value::from(caller.user_id.to_string());
    record["job_class_name"] = Value::from(run.kind.as_str());
    record["job_data"] = Value::from(json!({ "jobId": run.job_id }).to_string());
    record["created_dt"] = Value::from(run.started_at.as_millis());
    record["updated_dt"] = Value::from(run.ended_at.as_millis());
    record["company_id"] = json!(caller.organization_id);
    record["account_id"] = json!(caller.account_id);
    record["user_id"] = json!(run.user_id);
    record["external_id"] = Value::from(run.job_id.as_str());
    record
}

/// What of a history record a list of executions shows.
pub(crate) fn execution(history: &History) -> Value {
    let run = &history.run;
    json!({
        "job_history_id": run.id,
        "job_id": run.job_id,
        "job_name": run.name,
        "job_state": if run.error.is_none() { "COMPLETED" } else { "FAILED" },
        "job_error_message": run.error,
        "description": run.description,
        "start_time": run.started_at.as_millis(),
        "end_time": run.ended_at.as_millis(),
        "instance_id": run.instance_id,
        "element_key": history.element_key,
    })
}
