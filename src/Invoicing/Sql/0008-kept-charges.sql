-- What each close billed and what it rests on: lines with their charges, and the parts of the charges, compressed. The
-- blocks of a close are chained by their hashes, and the last hash stands in the journal with the close. Rows are never
-- updated; those of a close that was not written are deleted by the next.
create table invoicing.kept_block (
  run           text  not null,  -- of the close, as the journal names it
  number        int   not null,  -- 1, 2, 3 … without gaps
  closed        text  not null,  -- the month that was closed
  kind          text  not null,  -- lines, parts, projects
  service_month text  not null,  -- of the usage
  first         text  collate "C" not null,  -- the first charge in it; of parts, the first line of charges
  last          text  collate "C" not null,
  entries       int   not null,
  digest        bytea not null,  -- sha-256 of the body
  hash          bytea not null,  -- sha-256 over the hash before and everything else in the row
  body          bytea not null,  -- JSON, a line for each entry, compressed
  primary key (run, number)
);

alter table invoicing.kept_block alter body set storage external;
