-- Of which pages a block has readings, so that the readings behind a segment are found without reading every block.
-- Made with the pages, in the same transaction.
create table metering.block_pages (
  number bigint primary key,
  pages  int[]  not null
);

create index block_pages_pages on metering.block_pages using gin (pages) with (fastupdate = off);

-- What was folded before this table was there is folded again.
truncate metering.page, metering.place;
update metering.folded set number = 0;
