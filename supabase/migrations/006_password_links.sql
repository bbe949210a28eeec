-- One-time links with which somebody who has lost their password sets a new one; gone once they are used. Without `made_by`:
-- made by a command on the server.
create table password_links (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users (id) on delete cascade,
  token_hash bytea not null unique check (octet_length(token_hash) = 32),
  made_by uuid references users (id) on delete cascade,
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);
create index password_links_user on password_links (user_id);
create index password_links_made_by on password_links (made_by) where made_by is not null;

alter table password_links enable row level security;
