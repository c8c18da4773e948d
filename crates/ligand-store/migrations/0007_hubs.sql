-- Hubs that organizations have made. Numbers below belong to the platform's own hubs.
INSERT INTO counters (name, value) VALUES ('hub', 100000);

-- The folded key makes two keys one that differ in the case of letters.
CREATE TABLE hubs (
    id              BIGINT PRIMARY KEY,
    organization_id BIGINT NOT NULL REFERENCES organizations (id) ON DELETE CASCADE,
    hub_key         TEXT NOT NULL,
    key_folded      TEXT NOT NULL,
    name            TEXT NOT NULL,
    description     TEXT NOT NULL,
    video_link      TEXT NOT NULL,
    active          BIGINT NOT NULL,
    UNIQUE (organization_id, key_folded)
);
