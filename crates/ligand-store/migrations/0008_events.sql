-- 'number_block' counts blocks of numbers for rows that are many: a process takes a whole block at a time.
INSERT INTO counters (name, value) VALUES ('subscription', 0), ('number_block', 0);

-- How an account wants things done.
CREATE TABLE account_settings (
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    key        TEXT NOT NULL,
    value      TEXT NOT NULL,
    PRIMARY KEY (account_id, key)
);

-- What came in, as it came: shared by the events that were made of it. The context is what came with it, while a script
-- still has to see it. Sealed.
CREATE TABLE event_payloads (
    id      BIGINT PRIMARY KEY,
    payload TEXT NOT NULL,
    context TEXT
);

-- An event belongs to one instance. failed tells that a delivery of it has failed, be it for a while.
CREATE TABLE events (
    id              BIGINT PRIMARY KEY,
    organization_id BIGINT NOT NULL,
    account_id      BIGINT NOT NULL,
    user_id         BIGINT NOT NULL,
    instance_id     BIGINT NOT NULL,
    element_key     TEXT NOT NULL,
    source          TEXT NOT NULL,
    status          TEXT NOT NULL,
    failed          BIGINT NOT NULL,
    payload_id      BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL
);

CREATE INDEX events_by_account ON events (account_id, id);
CREATE INDEX events_by_organization ON events (organization_id, created_at);
CREATE INDEX events_by_instance ON events (instance_id, id);
CREATE INDEX events_by_age ON events (created_at);
CREATE INDEX events_by_payload ON events (payload_id);

-- What became of an event, besides its deliveries.
CREATE TABLE event_notes (
    id       BIGINT PRIMARY KEY,
    event_id BIGINT NOT NULL,
    message  TEXT NOT NULL
);

CREATE INDEX event_notes_by_event ON event_notes (event_id, id);

-- The notification of an event has the number of the event; its message lacks the payload, which is beside it. Sealed.
CREATE TABLE notifications (
    id              BIGINT PRIMARY KEY,
    organization_id BIGINT NOT NULL,
    account_id      BIGINT NOT NULL,
    instance_id     BIGINT,
    payload_id      BIGINT,
    sender          TEXT NOT NULL,
    topic           TEXT NOT NULL,
    severity        TEXT NOT NULL,
    acknowledged    BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    message         TEXT NOT NULL
);

CREATE INDEX notifications_by_topic ON notifications (account_id, topic, id);
CREATE INDEX notifications_by_age ON notifications (created_at);

-- The configuration is sealed: addresses can hold secrets. Topics are a JSON array. The endpoint groups those that lead
-- to one server. A deleted one stays as long as its deliveries.
CREATE TABLE subscriptions (
    id              BIGINT PRIMARY KEY,
    organization_id BIGINT NOT NULL,
    account_id      BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    user_id         BIGINT NOT NULL,
    instance_id     BIGINT,
    channel         TEXT NOT NULL,
    topics          TEXT NOT NULL,
    endpoint        TEXT NOT NULL,
    active          BIGINT NOT NULL,
    deleted         BIGINT NOT NULL,
    created_at      BIGINT NOT NULL,
    config          TEXT NOT NULL
);

CREATE INDEX subscriptions_by_account ON subscriptions (account_id, id) WHERE deleted = 0;
CREATE INDEX subscriptions_by_instance ON subscriptions (instance_id) WHERE instance_id IS NOT NULL;

CREATE TABLE subscription_topics (
    account_id      BIGINT NOT NULL,
    topic           TEXT NOT NULL,
    subscription_id BIGINT NOT NULL REFERENCES subscriptions (id) ON DELETE CASCADE,
    PRIMARY KEY (account_id, topic, subscription_id)
);

CREATE INDEX subscription_topics_by_subscription ON subscription_topics (subscription_id);

CREATE TABLE deliveries (
    id              BIGINT PRIMARY KEY,
    account_id      BIGINT NOT NULL,
    notification_id BIGINT NOT NULL,
    subscription_id BIGINT NOT NULL,
    status          TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    bucket          BIGINT NOT NULL,
    failures        BIGINT NOT NULL,
    first_failed_at BIGINT,
    error           TEXT
);

CREATE INDEX deliveries_by_notification ON deliveries (notification_id, subscription_id);
CREATE INDEX deliveries_by_subscription ON deliveries (subscription_id, status, id);
CREATE INDEX deliveries_by_account ON deliveries (account_id, id);

-- The delivery log. The exchange is what was sent and answered, without secrets, sealed.
CREATE TABLE delivery_attempts (
    id          BIGINT PRIMARY KEY,
    delivery_id BIGINT NOT NULL,
    millis      BIGINT NOT NULL,
    outcome     TEXT NOT NULL,
    status_code BIGINT,
    exchange    TEXT NOT NULL
);

CREATE INDEX delivery_attempts_by_delivery ON delivery_attempts (delivery_id, id);

-- Which instances take the webhooks of an element.
CREATE TABLE event_listeners (
    instance_id BIGINT PRIMARY KEY REFERENCES instances (id) ON DELETE CASCADE,
    element_key TEXT NOT NULL,
    account_id  BIGINT NOT NULL,
    takes_hooks BIGINT NOT NULL
);

CREATE INDEX event_listeners_by_element ON event_listeners (element_key, takes_hooks);

-- By what in a webhook an instance is found: the place, and the keyed hash of the value that has to be there.
CREATE TABLE event_finders (
    instance_id BIGINT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    element_key TEXT NOT NULL,
    priority    BIGINT NOT NULL,
    place       TEXT NOT NULL,
    value_hash  TEXT NOT NULL,
    PRIMARY KEY (instance_id, place, value_hash)
);

CREATE INDEX event_finders_by_value ON event_finders (element_key, place, value_hash);
