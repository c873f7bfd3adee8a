-- additive
-- Which pages changed since somebody read them, whoever writes them: each write of a page has a number of its own.
create sequence metering.page_change;
alter table metering.page add column changed bigint not null default 0;

create function metering.note_page_change() returns trigger language plpgsql as $$
begin
  new.changed := nextval('metering.page_change');
  return new;
end
$$;

create trigger page_changes before insert or update on metering.page
  for each row execute function metering.note_page_change();
