INSERT INTO counters (name, value) VALUES ('poller_record', 0);

-- What is polled for an instance, and how far that has come. Deleted with the instance.
CREATE TABLE poller_records (
    id           BIGINT PRIMARY KEY,
    instance_id  BIGINT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    object_name  TEXT NOT NULL,
    poll_url     TEXT NOT NULL,
    last_poll_at BIGINT NOT NULL,
    error_count  BIGINT NOT NULL,
    last_error   TEXT,
    disabled     BIGINT NOT NULL,
    created_at   BIGINT NOT NULL,
    updated_at   BIGINT NOT NULL,
    UNIQUE (instance_id, object_name)
);

CREATE INDEX poller_records_by_disabling ON poller_records (instance_id) WHERE disabled = 1;

-- What of a polled resource was seen: keyed hashes of records in one form, and of their ids.
CREATE TABLE poller_marks (
    poller_id BIGINT NOT NULL REFERENCES poller_records (id) ON DELETE CASCADE,
    mark_hash TEXT NOT NULL,
    is_id     BIGINT NOT NULL,
    seen_at   BIGINT NOT NULL,
    PRIMARY KEY (poller_id, mark_hash)
);

CREATE INDEX poller_marks_by_age ON poller_marks (poller_id, is_id, seen_at);
