-- What the last full dump of a source held and had not ended. What is missing in the next one is asked about.
create table metering.full_dump (
  landlord text not null,
  format   text not null,
  cluster  text not null,      -- '' where the dump names its clusters itself
  as_of    timestamptz not null,
  open     bytea not null,     -- deflated lines of JSON, one resource a line
  primary key (landlord, format, cluster)
);
