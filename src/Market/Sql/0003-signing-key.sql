-- additive
-- The private key by which this exchange signs statements to its peers. Nobody but the server reads it.
create table market.signing_key (
  is_own bool        primary key check (is_own),   -- there is one
  secret bytea       not null,                   -- Ed25519, 32 bytes
  at     timestamptz not null default now()
);
