-- additive
-- Beside each block, in a place of its own: whose it is, its hash and its names. Where a block cannot be read or is
-- gone, everybody else goes on by this.
create table metering.block_note (
  number     bigint primary key,
  hash       bytea  not null,
  first_name int    not null,
  last_name  int    not null,
  names      bytea  not null,
  landlords  text[] not null
);

alter table metering.block_note alter names set storage external;
create index block_note_names on metering.block_note (number) where names <> '';

-- Blocks of before 0044 do not say whose they are; for those nobody can go on, as before.
insert into metering.block_note (number, hash, first_name, last_name, names, landlords)
select number, hash, first_name, last_name, names, landlords from metering.block
where landlords is not null and last_name is not null;
