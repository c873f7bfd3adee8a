-- What readers are shown of blocks of closes that hold an erased person: the same entries with tokens. The block itself,
-- which the root in the journal proves, stays as it is.
create table invoicing.shown_block (
  run    text  not null,
  number int   not null,
  body   bytea not null,
  primary key (run, number)
);

alter table invoicing.shown_block alter body set storage external;
