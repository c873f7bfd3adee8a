-- A read model knows the event up to which it was built by its hash, not by its number alone: one that does not
-- belong to this journal, or whose checkpoint was moved, is noticed and built again.
alter table journal.checkpoint add column hash bytea;

update journal.checkpoint set hash = link.hash from journal.link where link.position = checkpoint.position;
