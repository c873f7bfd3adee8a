-- additive
-- Whose readings a block holds, and the number of the last name up to it: where it cannot be read, the others go on.
-- Null in blocks of before.
alter table metering.block add column landlords text[], add column last_name int;

-- Blocks that could not be read when what is known of them left memory; until a replay nothing of them is known.
create table metering.damaged_block (
  number bigint primary key
);
