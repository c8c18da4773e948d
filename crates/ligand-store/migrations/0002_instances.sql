INSERT INTO counters (name, value) VALUES ('instance', 0);

-- Tags are a JSON array, configuration and token are sealed.
CREATE TABLE instances (
    id                         BIGINT PRIMARY KEY,
    user_id                    BIGINT NOT NULL REFERENCES users (id),
    organization_id            BIGINT NOT NULL REFERENCES organizations (id),
    element_id                 BIGINT NOT NULL,
    valid                      BIGINT NOT NULL,
    disabled                   BIGINT NOT NULL,
    caching_enabled            BIGINT NOT NULL,
    max_cache_size             BIGINT NOT NULL,
    cache_time_to_live_seconds BIGINT NOT NULL,
    trace_logging_enabled      BIGINT NOT NULL,
    external_authentication    TEXT NOT NULL,
    created_at                 BIGINT NOT NULL,
    revision                   BIGINT NOT NULL,
    name                       TEXT NOT NULL,
    name_folded                TEXT NOT NULL,
    tags                       TEXT NOT NULL,
    token_hash                 TEXT NOT NULL UNIQUE,
    token                      TEXT NOT NULL,
    configuration              TEXT NOT NULL
);

CREATE INDEX instances_by_user ON instances (user_id, id);

-- Keyed hashes of user and tag: of a fixed length, whatever the tag is.
CREATE TABLE instance_tags (
    instance_id BIGINT NOT NULL REFERENCES instances (id) ON DELETE CASCADE,
    tag_hash    TEXT NOT NULL,
    PRIMARY KEY (instance_id, tag_hash)
);

CREATE INDEX instance_tags_by_tag ON instance_tags (tag_hash, instance_id);
