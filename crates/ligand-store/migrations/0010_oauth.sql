-- Who renews the tokens of an instance. The holder counts beats up while it is at work; one whose beats stand still has
-- vanished, and another takes its place. No clock is in it, so those of several machines may differ.
CREATE TABLE token_renewals (
    instance_id BIGINT PRIMARY KEY REFERENCES instances (id) ON DELETE CASCADE,
    holder      TEXT NOT NULL,
    beats       BIGINT NOT NULL
);

INSERT INTO counters (name, value) VALUES ('oauth_proxy', 0), ('oauth_request', 0);

-- Instances that wait for their users to grant access in a browser: found by the hash of the state that the browser
-- brings back, once.
CREATE TABLE oauth_requests (
    id         BIGINT PRIMARY KEY,
    state_hash TEXT NOT NULL UNIQUE,
    user_id    BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    element_id BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    request    TEXT NOT NULL
);

CREATE INDEX oauth_requests_by_user ON oauth_requests (user_id, id);
CREATE INDEX oauth_requests_by_expiry ON oauth_requests (expires_at);

-- Callback addresses of an organization that pass browsers on to its applications, and the vendor's application that
-- goes with them.
CREATE TABLE oauth_proxies (
    id               BIGINT PRIMARY KEY,
    organization_id  BIGINT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    name             TEXT NOT NULL,
    created_at       BIGINT NOT NULL,
    application_urls TEXT NOT NULL,
    application      TEXT NOT NULL,
    UNIQUE (organization_id, name)
);
