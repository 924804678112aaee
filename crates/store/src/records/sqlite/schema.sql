-- Version 1 of the records. Times are RFC 3339 in UTC, digests hexadecimal.
CREATE TABLE scope (
  number INTEGER PRIMARY KEY,
  host TEXT NOT NULL,
  tool TEXT NOT NULL,
  target TEXT NOT NULL,
  newest_at TEXT NOT NULL,
  newest_report TEXT NOT NULL,
  UNIQUE (host, tool, target)
) STRICT;
CREATE TABLE import (
  number INTEGER PRIMARY KEY,
  scope INTEGER NOT NULL REFERENCES scope (number),
  report TEXT NOT NULL,
  at TEXT NOT NULL,
  taken_at TEXT NOT NULL,
  created INTEGER NOT NULL,
  closed INTEGER NOT NULL,
  untouched INTEGER NOT NULL,
  reopened INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  not_looked INTEGER NOT NULL,
  older INTEGER NOT NULL
) STRICT;
CREATE TABLE finding (
  key TEXT PRIMARY KEY,
  id TEXT NOT NULL,
  host TEXT NOT NULL,
  case_name TEXT NOT NULL,
  tool TEXT NOT NULL,
  check_id TEXT NOT NULL,
  title TEXT NOT NULL,
  category TEXT NOT NULL,
  severity TEXT NOT NULL,
  risk INTEGER,
  path TEXT,
  subject TEXT,
  vulnerability TEXT,
  component TEXT,
  first_seen TEXT NOT NULL,
  last_seen TEXT NOT NULL,
  times INTEGER NOT NULL,
  state TEXT NOT NULL,
  reason TEXT,
  until TEXT,
  since TEXT NOT NULL,
  duplicate_of TEXT,
  decision INTEGER REFERENCES journal (number),
  waiting INTEGER REFERENCES journal (number),
  head TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX finding_case ON finding (case_name);
CREATE TABLE sighting (
  scope INTEGER NOT NULL REFERENCES scope (number),
  finding TEXT NOT NULL REFERENCES finding (key),
  present INTEGER NOT NULL,
  last_import INTEGER NOT NULL REFERENCES import (number),
  PRIMARY KEY (scope, finding)
) STRICT, WITHOUT ROWID;
CREATE INDEX sighting_finding ON sighting (finding, present);
CREATE TABLE event (
  number INTEGER PRIMARY KEY,
  finding TEXT NOT NULL REFERENCES finding (key),
  import INTEGER NOT NULL REFERENCES import (number),
  change TEXT NOT NULL
) STRICT;
CREATE INDEX event_finding ON event (finding);
CREATE TABLE journal (
  number INTEGER PRIMARY KEY,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  previous TEXT NOT NULL,
  body TEXT NOT NULL,
  digest TEXT NOT NULL UNIQUE
) STRICT;
CREATE INDEX journal_subject ON journal (subject);
CREATE TRIGGER journal_is_not_altered BEFORE UPDATE ON journal
BEGIN SELECT RAISE (ABORT, 'the journal is append only'); END;
CREATE TRIGGER journal_is_not_removed BEFORE DELETE ON journal
BEGIN SELECT RAISE (ABORT, 'the journal is append only'); END;
CREATE TABLE merged (
  head TEXT NOT NULL,
  member TEXT NOT NULL,
  tool TEXT NOT NULL,
  id TEXT NOT NULL,
  check_id TEXT NOT NULL,
  title TEXT NOT NULL,
  words TEXT NOT NULL,
  PRIMARY KEY (head, member, tool)
) STRICT, WITHOUT ROWID;
CREATE INDEX merged_member ON merged (member);
CREATE TABLE case_standing (
  name TEXT PRIMARY KEY,
  state TEXT NOT NULL,
  verdict TEXT,
  chains TEXT
) STRICT, WITHOUT ROWID;
CREATE TABLE observed (
  host TEXT NOT NULL,
  report TEXT NOT NULL,
  at TEXT NOT NULL,
  PRIMARY KEY (host, report)
) STRICT, WITHOUT ROWID;
CREATE TABLE baseline (
  fact TEXT NOT NULL,
  host TEXT NOT NULL,
  first_seen TEXT NOT NULL,
  last_seen TEXT NOT NULL,
  times INTEGER NOT NULL,
  PRIMARY KEY (fact, host)
) STRICT, WITHOUT ROWID;
