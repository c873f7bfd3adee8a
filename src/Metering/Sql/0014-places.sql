-- In which pages to look for a project ('p'), a landlord ('l') or a cluster ('c'): a row for each step of the fold that
-- found the name in pages where it was not before. A row and an index entry for each page took longer to write than
-- everything else, where a hundred clusters are in four thousand pages.
create table metering.pages_of (
  kind  "char" not null,
  name  text   not null,
  pages int[]  not null
);

insert into metering.pages_of (kind, name, pages)
select kind, name, array_agg(page order by page) from metering.place group by kind, name;

drop table metering.place;
alter table metering.pages_of rename to place;
create index place_of_name on metering.place (kind, name);
