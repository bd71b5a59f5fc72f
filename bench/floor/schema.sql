-- The tables and indexes the floor writes to: a frozen copy of schemas/tables.py, the same on
-- SQLite and PostgreSQL. Changed only by an ADR (see README.md).

CREATE TABLE event (
    county VARCHAR(6) NOT NULL,
    seq BIGINT NOT NULL,
    stream_id VARCHAR(120) NOT NULL,
    version INTEGER NOT NULL,
    stream_kind VARCHAR(16) NOT NULL,
    kind VARCHAR(32) NOT NULL,
    claimed_at BIGINT NOT NULL,
    sent_at BIGINT NOT NULL,
    received_at BIGINT NOT NULL,
    appended_at BIGINT NOT NULL,
    file_by BIGINT NOT NULL,
    actor VARCHAR(120) NOT NULL,
    source VARCHAR(64) NOT NULL,
    record VARCHAR(16) NOT NULL,
    source_id VARCHAR(200) NOT NULL,
    row_digest VARCHAR(16) NOT NULL,
    delivery VARCHAR(64) NOT NULL,
    payload TEXT NOT NULL,
    prev_hash VARCHAR(64) NOT NULL,
    hash VARCHAR(64) NOT NULL,
    PRIMARY KEY (county, stream_id, version),
    CONSTRAINT event_seq UNIQUE (county, seq)
);
CREATE INDEX event_source_id ON event (county, source, record, source_id);

CREATE TABLE finding (
    county VARCHAR(6) NOT NULL,
    stream_id VARCHAR(120) NOT NULL,
    root_id VARCHAR(120) NOT NULL,
    source VARCHAR(64) NOT NULL,
    source_id VARCHAR(200) NOT NULL,
    place_key VARCHAR(200) NOT NULL,
    category VARCHAR(120) NOT NULL,
    found_at BIGINT NOT NULL,
    town_code VARCHAR(9) NOT NULL,
    sector_code VARCHAR(40) NOT NULL,
    unit_name VARCHAR(200) NOT NULL,
    channel VARCHAR(32) NOT NULL,
    description TEXT NOT NULL,
    PRIMARY KEY (county, stream_id)
);
CREATE INDEX finding_place ON finding (county, place_key, category);
CREATE INDEX finding_root ON finding (county, root_id);

CREATE TABLE hazard_span (
    county VARCHAR(6) NOT NULL,
    root_id VARCHAR(120) NOT NULL,
    ordinal INTEGER NOT NULL,
    seq_from BIGINT NOT NULL,
    seq_to BIGINT NOT NULL,
    claimed_from BIGINT NOT NULL,
    claimed_to BIGINT NOT NULL,
    entered_by SMALLINT NOT NULL,
    state SMALLINT NOT NULL,
    town_code VARCHAR(9) NOT NULL,
    town_before VARCHAR(9) NOT NULL,
    sector_code VARCHAR(40) NOT NULL,
    severity SMALLINT NOT NULL,
    self_check SMALLINT NOT NULL,
    elements SMALLINT NOT NULL,
    listed_level SMALLINT NOT NULL,
    found_at BIGINT NOT NULL,
    verified_at BIGINT NOT NULL,
    assigned_at BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    original_due_at BIGINT NOT NULL,
    accepted_at BIGINT NOT NULL,
    closed_at BIGINT NOT NULL,
    backdated SMALLINT NOT NULL,
    PRIMARY KEY (county, root_id, ordinal, seq_from)
);
CREATE INDEX hazard_span_claimed ON hazard_span (county, claimed_from);

CREATE TABLE place_span (
    county VARCHAR(6) NOT NULL,
    place_id VARCHAR(120) NOT NULL,
    ordinal INTEGER NOT NULL,
    seq_from BIGINT NOT NULL,
    seq_to BIGINT NOT NULL,
    claimed_from BIGINT NOT NULL,
    claimed_to BIGINT NOT NULL,
    active_from BIGINT NOT NULL,
    active_to BIGINT NOT NULL,
    place_class VARCHAR(40) NOT NULL,
    town_code VARCHAR(9) NOT NULL,
    sector_code VARCHAR(40) NOT NULL,
    name VARCHAR(200) NOT NULL,
    PRIMARY KEY (county, place_id, ordinal, seq_from)
);

CREATE TABLE check_visit (
    county VARCHAR(6) NOT NULL,
    check_id VARCHAR(120) NOT NULL,
    seq_from BIGINT NOT NULL,
    seq_to BIGINT NOT NULL,
    place_id VARCHAR(120) NOT NULL,
    checked_at BIGINT NOT NULL,
    channel VARCHAR(32) NOT NULL,
    actor_kind VARCHAR(16) NOT NULL,
    result VARCHAR(16) NOT NULL,
    PRIMARY KEY (county, check_id, seq_from)
);
CREATE INDEX check_visit_place ON check_visit (county, place_id, checked_at);
