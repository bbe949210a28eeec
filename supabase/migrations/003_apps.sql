-- Web apps that users build have an origin of their own. A ticket leads a person there, once; it becomes a session of
-- that origin, which ends with the session that it was opened from.
create table app_tickets (
  token_hash bytea primary key check (octet_length(token_hash) = 32),
  user_id uuid not null references users (id) on delete cascade,
  sandbox uuid not null references sandboxes (id) on delete cascade,
  session uuid not null references identity.session (id) on delete cascade,
  app text not null check (app ~ '^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$'),
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);
create index app_tickets_user_id on app_tickets (user_id);
create index app_tickets_session on app_tickets (session);

-- That a row goes with its session is told by the session's own notification.
create table app_sessions (
  token_hash bytea primary key check (octet_length(token_hash) = 32),
  user_id uuid not null references users (id) on delete cascade,
  sandbox uuid not null references sandboxes (id) on delete cascade,
  session uuid not null references identity.session (id) on delete cascade,
  expires_at timestamptz not null,
  created_at timestamptz not null default now()
);
create index app_sessions_user_id on app_sessions (user_id);
create index app_sessions_session on app_sessions (session);

alter table app_tickets enable row level security;
alter table app_sessions enable row level security;
