-- Bundles of offline meters that were taken, by their numbers. A number that is missing between others never came.
create table metering.bundle (
  meter    text   not null,
  sequence bigint not null,
  sha256   bytea  not null,      -- of what the meter signed
  previous bytea,                -- what the meter said of the bundle before; null in its first
  events   bigint not null,
  file     text   not null,
  taken_at timestamptz not null,
  primary key (meter, sequence)
);

-- Rows that others have rated already, as issues of a bill for a period. The last issue of a period counts; those
-- before it stay.
create table metering.bill (
  number   bigint generated always as identity primary key,
  landlord text   not null,
  format   text   not null,      -- 'focus' or 'nerc-service-csv'
  issuer   text   not null,
  account  text   not null,
  from_at  timestamptz not null,
  to_at    timestamptz not null,
  sha256   bytea  not null,      -- of the rows, without the names of files
  rows     int    not null,
  body     bytea  not null,      -- deflated lines of JSON, one row a line
  taken_at timestamptz not null
);

create index bill_period on metering.bill (landlord, format, from_at, to_at);
