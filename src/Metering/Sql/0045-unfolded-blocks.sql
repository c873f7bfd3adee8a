-- additive
-- Blocks that the fold left out because they are not what was written, and whose they are; until they are restored.
create table metering.unfolded_block (
  number    bigint primary key,
  landlords text[] not null
);
