-- What goes from one seller to another, in both settlements with opposite signs. Settlements of before have none.
alter table invoicing.settlement add column transfers bigint not null default 0;   -- cents
