-- Runs are merged, some into one, so that a reading is looked for in few of them however many were taken. A run has as
-- many filters as it needs, each for a part of the fingerprints, and 2,048 pages for each filter.
alter table metering.key_run
  add level int not null default 0,  -- how often it was merged
  add bits  int not null default 0;  -- it has two to the power of this filters

-- What a run is called, never again after it is merged away: one that was written calls itself by its first block.
alter table metering.key_page drop constraint key_page_run_fkey;
alter table metering.key_run drop constraint key_run_pkey, add number bigint;
update metering.key_run set number = first;
alter table metering.key_run add primary key (number);
alter table metering.key_page add foreign key (run) references metering.key_run on delete cascade;

create table metering.key_filter (
  run  bigint not null references metering.key_run on delete cascade,
  part int    not null,  -- the first bits of the fingerprint
  body bytea  not null,  -- a binary fuse filter: says of nearly all readings that they are not in the run
  primary key (run, part)
);

alter table metering.key_filter alter body set storage external;
insert into metering.key_filter (run, part, body) select number, 0, filter from metering.key_run;
alter table metering.key_run drop column filter;
