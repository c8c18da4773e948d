-- Facts about the whole installation: which lookup key it uses, which key seals new values.
CREATE TABLE installation (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
);

-- The last id given out per kind. Taken in the transaction that inserts, so that a failed insert leaves no gap.
CREATE TABLE counters (
    name  TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);

INSERT INTO counters (name, value) VALUES ('organization', 0), ('account', 0), ('user', 0), ('role', 0);

CREATE TABLE organizations (
    id          BIGINT PRIMARY KEY,
    name        TEXT NOT NULL,
    active      BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    secret_hash TEXT UNIQUE,
    secret      TEXT
);

CREATE TABLE accounts (
    id              BIGINT PRIMARY KEY,
    organization_id BIGINT NOT NULL REFERENCES organizations (id),
    name            TEXT NOT NULL,
    default_account BIGINT NOT NULL,
    active          BIGINT NOT NULL,
    created_at      BIGINT NOT NULL
);

CREATE INDEX accounts_by_organization ON accounts (organization_id, id);

CREATE TABLE users (
    id            BIGINT PRIMARY KEY,
    account_id    BIGINT NOT NULL REFERENCES accounts (id),
    email         TEXT NOT NULL,
    email_folded  TEXT NOT NULL UNIQUE,
    first_name    TEXT NOT NULL,
    last_name     TEXT NOT NULL,
    active        BIGINT NOT NULL,
    created_at    BIGINT NOT NULL,
    last_login_at BIGINT,
    secret_hash   TEXT UNIQUE,
    secret        TEXT,
    password_hash TEXT
);

CREATE INDEX users_by_account ON users (account_id, id);

-- Privileges are a JSON array of keys.
CREATE TABLE roles (
    id              BIGINT PRIMARY KEY,
    organization_id BIGINT NOT NULL REFERENCES organizations (id),
    key             TEXT NOT NULL,
    name            TEXT NOT NULL,
    description     TEXT NOT NULL,
    privileges      TEXT NOT NULL,
    UNIQUE (organization_id, key)
);

CREATE TABLE user_roles (
    user_id BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role_id BIGINT NOT NULL REFERENCES roles (id) ON DELETE CASCADE,
    PRIMARY KEY (user_id, role_id)
);

CREATE INDEX user_roles_by_role ON user_roles (role_id);

CREATE TABLE sessions (
    token_hash TEXT PRIMARY KEY,
    user_id    BIGINT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);

CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX sessions_by_user ON sessions (user_id);
