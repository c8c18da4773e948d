-- 'job_claim' is no number of anything: whoever takes jobs changes it first, so that claims come one after the other.
INSERT INTO counters (name, value) VALUES ('job_claim', 0), ('job_run', 0);

-- Background work. due_at is when a worker may take the job next: its time, or while one holds it (lease) the end of
-- that lease; NULL when it has ended or is paused. planned_at is its time by plan. organization_id is 0 for the
-- platform's own work. forget_at is when an ended job is deleted.
CREATE TABLE jobs (
    id              TEXT PRIMARY KEY,
    kind            TEXT NOT NULL,
    payload         TEXT NOT NULL,
    job_key         TEXT UNIQUE,
    organization_id BIGINT NOT NULL,
    user_id         BIGINT REFERENCES users (id) ON DELETE CASCADE,
    instance_id     BIGINT REFERENCES instances (id) ON DELETE CASCADE,
    lane            TEXT NOT NULL,
    lane_limit      BIGINT NOT NULL,
    priority        BIGINT NOT NULL,
    name            TEXT,
    description     TEXT NOT NULL,
    paused          BIGINT NOT NULL,
    due_at          BIGINT,
    planned_at      BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    started_at      BIGINT,
    attempts        BIGINT NOT NULL,
    losses          BIGINT NOT NULL,
    lease           TEXT,
    keep_millis     BIGINT NOT NULL,
    ending          TEXT,
    forget_at       BIGINT,
    last_error      TEXT,
    result          TEXT
);

CREATE INDEX jobs_by_due ON jobs (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX jobs_by_lane ON jobs (organization_id, lane, priority, planned_at, id) WHERE due_at IS NOT NULL;
CREATE INDEX jobs_by_lease ON jobs (lease) WHERE lease IS NOT NULL;
CREATE INDEX jobs_by_forgetting ON jobs (forget_at) WHERE forget_at IS NOT NULL;
CREATE INDEX jobs_by_user ON jobs (user_id, id) WHERE user_id IS NOT NULL;
CREATE INDEX jobs_by_instance ON jobs (instance_id) WHERE instance_id IS NOT NULL;

-- Finished attempts at jobs that have a name.
CREATE TABLE job_runs (
    id         BIGINT PRIMARY KEY,
    job_id     TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    started_at BIGINT NOT NULL,
    ended_at   BIGINT NOT NULL,
    error      TEXT
);

CREATE INDEX job_runs_by_job ON job_runs (job_id, id);
CREATE INDEX job_runs_by_end ON job_runs (ended_at);
