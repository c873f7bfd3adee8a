-- The keys with which session cookies and addresses of panels are sealed: all servers on one database share them.
create table exchange.session_key (
  name       text primary key,
  xml        text not null,
  created_at timestamptz not null default now()
);

-- Links that sign somebody in once, made at the command line. Only the hash of a link is kept.
create table exchange.sign_in_link (
  sha256  bytea primary key,
  role    text not null,
  of      text,
  made_by text not null,
  until   timestamptz not null,
  used_at timestamptz
);

-- Answers that are kept hold no secrets any more; those that do are a day old at most, and are forgotten.
delete from exchange.answered;
