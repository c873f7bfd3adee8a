-- Which addresses turned out to be one person's: from then on they have one account. The read models of invoices go back
-- to the start: they are built again from the journal.
delete from journal.checkpoint where projection = 'invoicing.invoice';

create table invoicing.alias (
  alias  text primary key,          -- 'ada@bu.edu'
  person text not null              -- 'ada@harvard.edu', which is nobody's alias
);
create index alias_person on invoicing.alias (person);
