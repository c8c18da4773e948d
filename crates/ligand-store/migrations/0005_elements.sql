-- Elements that users make have numbers above those of the original catalog. Parts are entries, parameters, hooks,
-- resources, models and so on. The change counts every change of the catalog, so that processes find what is new.
INSERT INTO counters (name, value) VALUES
    ('element', 100000), ('element_part', 1000000), ('element_change', 0), ('element_extension', 0),
    ('element_version', 0);

-- The summary is the short form of the definition, the definition is sealed: defaults of entries can be secrets.
CREATE TABLE elements (
    id              BIGINT PRIMARY KEY,
    organization_id BIGINT NOT NULL REFERENCES organizations (id),
    account_id      BIGINT NOT NULL REFERENCES accounts (id),
    key             TEXT NOT NULL,
    created_at      BIGINT NOT NULL,
    updated_at      BIGINT NOT NULL,
    deleted         BIGINT NOT NULL,
    revision        BIGINT NOT NULL,
    change          BIGINT NOT NULL,
    summary         TEXT NOT NULL,
    definition      TEXT NOT NULL
);

-- A deleted element frees its key.
CREATE UNIQUE INDEX elements_by_key ON elements (account_id, key) WHERE deleted = 0;
CREATE INDEX elements_by_change ON elements (change);

-- Accounts that may use the element besides its owner.
CREATE TABLE element_accounts (
    element_id BIGINT NOT NULL REFERENCES elements (id) ON DELETE CASCADE,
    account_id BIGINT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    PRIMARY KEY (element_id, account_id)
);

-- What an account added to an element of the platform, which is no row of this database.
CREATE TABLE element_extensions (
    id         BIGINT PRIMARY KEY,
    element_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL REFERENCES accounts (id),
    updated_at BIGINT NOT NULL,
    revision   BIGINT NOT NULL,
    change     BIGINT NOT NULL,
    definition TEXT NOT NULL,
    UNIQUE (element_id, account_id)
);

CREATE INDEX element_extensions_by_change ON element_extensions (change);

-- Earlier forms of elements and, with the account, of extensions. The account is 0 for elements.
CREATE TABLE element_versions (
    id         BIGINT PRIMARY KEY,
    element_id BIGINT NOT NULL,
    account_id BIGINT NOT NULL,
    revision   BIGINT NOT NULL,
    user_id    BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    action     TEXT NOT NULL,
    definition TEXT NOT NULL,
    UNIQUE (element_id, account_id, revision)
);

-- How the catalog is shown to a user, an account or an organization: a JSON array.
CREATE TABLE catalog_properties (
    entity_type TEXT NOT NULL,
    entity_id   BIGINT NOT NULL,
    properties  TEXT NOT NULL,
    PRIMARY KEY (entity_type, entity_id)
);
