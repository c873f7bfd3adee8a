-- What an operator decided; the journal's streams 'quarantine-…' are the truth of it, these columns show it.
alter table metering.quarantine
  add name       text generated always as (substr(encode(key, 'hex'), 1, 16)) stored,  -- how people call the row
  add fate       text not null default 'waiting',
  add decided_by text,
  add decided_at timestamptz,
  add because    text;

create unique index quarantine_name on metering.quarantine (name);
