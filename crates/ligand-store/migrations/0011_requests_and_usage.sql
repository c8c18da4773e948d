-- 'kept_request' numbers kept requests and the notifications about them.
INSERT INTO counters (name, value) VALUES ('kept_request', 0), ('usage', 0);

-- Requests that a job executes later, sealed. The answer waits, sealed, for somebody to be told of it.
CREATE TABLE kept_requests (
    id              BIGINT PRIMARY KEY,
    job_id          TEXT NOT NULL UNIQUE REFERENCES jobs (id) ON DELETE CASCADE,
    request         TEXT NOT NULL,
    notification_id BIGINT,
    answer          TEXT
);

-- Calls of elements. The numbers grow with time. What is looked for has columns of its own, the rest is in the record.
CREATE TABLE usage_records (
    id              BIGINT PRIMARY KEY,
    at              BIGINT NOT NULL,
    request_id      TEXT NOT NULL,
    organization_id BIGINT NOT NULL,
    account_id      BIGINT NOT NULL,
    user_id         BIGINT NOT NULL,
    instance_id     BIGINT NOT NULL,
    element_key     TEXT NOT NULL,
    hub             TEXT NOT NULL,
    failed          BIGINT NOT NULL,
    millis          BIGINT NOT NULL,
    record          TEXT NOT NULL
);

CREATE INDEX usage_by_request ON usage_records (request_id);
CREATE INDEX usage_by_account ON usage_records (account_id, at, id);
CREATE INDEX usage_by_time ON usage_records (at);
