-- When the readings of a block are, so that what is behind a day is not looked for in the blocks of years. One of states
-- has no end.
create index block_times on metering.block
  using gist (int8range(from_us, nullif(to_us, 9223372036854775807) + 1));
