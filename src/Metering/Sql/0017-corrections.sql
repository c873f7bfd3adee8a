-- Which blocks hold corrections; made with the pages, in the same transaction.
create table metering.correction_block (
  number bigint primary key
);

-- Readings that were corrected, as they are now. Made from the blocks, with the pages.
create table metering.corrected (
  reading  bytea  primary key,  -- the fingerprint of its source and id
  block    bigint not null,     -- where it stands as it was sent
  by_block bigint,              -- where the correction stands that holds; null where none holds any more
  by_key   bytea,               -- the fingerprint of that correction
  resource int    not null,     -- 0 where it was taken back
  from_us  bigint not null,
  to_us    bigint not null,
  type     smallint not null,
  state    smallint not null,
  project  int    not null,
  shape    int    not null,
  meter    int    not null,
  quantity numeric not null
);

create index corrected_resource on metering.corrected (resource, from_us);
