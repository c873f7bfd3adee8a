-- Read models of Portal, built from the journal alone.
create table exchange.api_key (
  id         text primary key,
  name       text not null,
  landlord   text,               -- null: the exchange's own key, which reads every landlord
  scope      text not null,
  created_at timestamptz not null,
  revoked_at timestamptz
);

create table exchange.audit (
  position bigint      not null,  -- of the event in the journal
  at       timestamptz not null,
  actor    text        not null,  -- 'key:k0123', 'person:finance@…', 'cli:root', 'nobody'
  act      text        not null,  -- 'keys create', 'GET /v1/charges'
  target   text        not null,
  result   text        not null,  -- 'done', or the code of the refusal
  origin   text        not null,  -- the address it came from
  times    int         not null,
  primary key (position)
);

create index audit_at on exchange.audit (at desc, position desc);
create index audit_actor on exchange.audit (actor, at desc);
