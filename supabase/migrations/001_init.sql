-- The control plane's tables. Only this deployment's servers read them: on Supabase the schemas `public` and
-- `identity` must be closed to the API roles, so row level security is on everywhere and no policy opens it. The owner
-- of the tables, as whom the servers connect, is not bound by it.

-- Identity: the tables of better-auth 1.7, named as its Kysely adapter expects them. The schema is not called `auth`
-- because Supabase owns that one. `npm test` checks that better-auth finds nothing to add here.
create schema identity;

create table identity."user" (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  email text not null unique,
  "emailVerified" boolean not null,
  image text,
  "createdAt" timestamptz not null default now(),
  "updatedAt" timestamptz not null default now()
);

create table identity.session (
  id uuid primary key default gen_random_uuid(),
  "expiresAt" timestamptz not null,
  token text not null unique,
  "createdAt" timestamptz not null default now(),
  "updatedAt" timestamptz not null,
  "ipAddress" text,
  "userAgent" text,
  "userId" uuid not null references identity."user" (id) on delete cascade
);
create index session_user_id on identity.session ("userId");

create table identity.account (
  id uuid primary key default gen_random_uuid(),
  "accountId" text not null,
  "providerId" text not null,
  "userId" uuid not null references identity."user" (id) on delete cascade,
  "accessToken" text,
  "refreshToken" text,
  "idToken" text,
  "accessTokenExpiresAt" timestamptz,
  "refreshTokenExpiresAt" timestamptz,
  scope text,
  password text,
  "createdAt" timestamptz not null default now(),
  "updatedAt" timestamptz not null
);
create index account_user_id on identity.account ("userId");

create table identity.verification (
  id uuid primary key default gen_random_uuid(),
  identifier text not null,
  value text not null,
  "expiresAt" timestamptz not null,
  "createdAt" timestamptz not null default now(),
  "updatedAt" timestamptz not null default now()
);
create index verification_identifier on identity.verification (identifier);

-- People. `id` is the id in identity."user".
create table users (
  id uuid primary key default gen_random_uuid(),
  workos_id text unique,
  email text not null check (email = lower(email) and email like '%_@_%'),
  name text not null default '',
  role text not null default 'member' check (role in ('member', 'admin')),
  virtual_key uuid,
  disabled_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index users_email on users (email);

-- One row per user. `sandbox_id` is the engine's id. `lease_token` grows with every lease taken: a write that names an
-- older token comes from a holder that lost its lease. `engine_state` is what the engine was last seen to say.
create table sandboxes (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null unique references users (id),
  sandbox_id text unique,
  status text not null default 'provisioning'
    check (status in ('provisioning', 'ready', 'healing', 'broken', 'paused')),
  epoch integer not null default 1 check (epoch > 0),
  patch_version integer not null default 0,
  template_revision text,
  phase text not null default 'queued'
    check (phase in ('queued', 'creating', 'configuring', 'starting', 'verifying', 'done')),
  phase_started_at timestamptz not null default now(),
  status_started_at timestamptz not null default now(),
  attempt integer not null default 0 check (attempt >= 0),
  next_attempt_at timestamptz not null default now(),
  engine_state text not null default 'unknown' check (engine_state in ('unknown', 'running', 'paused', 'missing')),
  engine_state_at timestamptz,
  error_code text,
  error_message text,
  error_next text,
  lease_holder text,
  lease_purpose text,
  lease_token bigint not null default 0,
  lease_expires_at timestamptz,
  heal_attempt integer not null default 0,
  -- When the healer in the sandbox last reported.
  healed_at timestamptz,
  last_activity_at timestamptz,
  extended_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (status not in ('ready', 'healing', 'paused') or sandbox_id is not null),
  check (status <> 'broken' or error_code is not null),
  check ((lease_holder is null) = (lease_expires_at is null))
);
create index sandboxes_unfinished on sandboxes (status, next_attempt_at)
  where status in ('provisioning', 'healing');

-- Keys that stand in for the real provider keys. Only their SHA-256 is kept.
create table virtual_keys (
  id uuid primary key default gen_random_uuid(),
  user_id uuid not null references users (id),
  sandbox uuid references sandboxes (id) on delete set null,
  kind text not null default 'sandbox' check (kind in ('sandbox', 'guest')),
  key_hash bytea not null unique check (octet_length(key_hash) = 32),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  created_at timestamptz not null default now()
);
create index virtual_keys_user on virtual_keys (user_id);
create index virtual_keys_live on virtual_keys (sandbox) where revoked_at is null;
alter table users add foreign key (virtual_key) references virtual_keys (id);

create view user_sandboxes with (security_invoker = true) as
select
  u.id as user_id,
  u.email,
  u.name,
  u.role,
  u.disabled_at,
  s.id as sandbox,
  s.sandbox_id,
  s.status,
  s.epoch,
  s.patch_version,
  s.template_revision,
  s.phase,
  s.attempt,
  s.engine_state,
  s.error_code,
  s.error_message,
  s.lease_holder,
  s.lease_purpose,
  s.lease_expires_at,
  s.last_activity_at,
  s.status_started_at,
  s.created_at,
  s.updated_at
from users u
left join sandboxes s on s.user_id = u.id;

-- What happened to a sandbox, in order. Kept when the sandbox is deleted, hence no foreign key.
create table sandbox_events (
  id bigint generated always as identity primary key,
  sandbox uuid not null,
  user_id uuid not null,
  sandbox_id text,
  epoch integer not null,
  kind text not null check (kind in ('status', 'phase', 'attempt_failed', 'heal', 'engine', 'lease')),
  from_status text,
  to_status text,
  phase text,
  by_kind text not null check (by_kind in ('system', 'user', 'admin', 'sandbox', 'engine')),
  by_id text,
  reason text not null,
  details jsonb not null default '{}',
  at timestamptz not null default clock_timestamp()
);
create index sandbox_events_sandbox on sandbox_events (sandbox, id);

create table audit_log (
  id bigint generated always as identity primary key,
  actor_kind text not null check (actor_kind in ('system', 'user', 'admin', 'sandbox', 'setup')),
  actor_id text,
  action text not null,
  target_kind text not null,
  target_id text,
  details jsonb not null default '{}',
  request_id text,
  at timestamptz not null default clock_timestamp()
);
create index audit_log_target on audit_log (target_kind, target_id, id);

create table invitations (
  id uuid primary key default gen_random_uuid(),
  token_hash bytea not null unique check (octet_length(token_hash) = 32),
  email text check (email = lower(email)),
  role text not null default 'member' check (role in ('member', 'admin')),
  invited_by uuid not null references users (id),
  expires_at timestamptz not null,
  accepted_at timestamptz,
  accepted_by uuid references users (id),
  revoked_at timestamptz,
  created_at timestamptz not null default now(),
  check ((accepted_at is null) = (accepted_by is null))
);

-- One-time links that make the first admin.
create table setup_tokens (
  id uuid primary key default gen_random_uuid(),
  token_hash bytea not null unique check (octet_length(token_hash) = 32),
  expires_at timestamptz not null,
  used_at timestamptz,
  created_at timestamptz not null default now()
);

-- Counters of rate-limiter-flexible, in the shape that it expects. Moments are milliseconds since 1970.
create table rate_limits (
  key varchar(255) primary key,
  points integer not null default 0,
  expire bigint
);

create function set_updated_at() returns trigger language plpgsql as $$
begin
  new.updated_at := now();
  return new;
end $$;
create trigger users_updated_at before update on users for each row execute function set_updated_at();
create trigger sandboxes_updated_at before update on sandboxes for each row execute function set_updated_at();

create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'insufficient_privilege';
end $$;
create trigger sandbox_events_append_only before update or delete or truncate on sandbox_events
  for each statement execute function refuse_change();
create trigger audit_log_append_only before update or delete or truncate on audit_log
  for each statement execute function refuse_change();

-- Notifications: the payload is always the user's id, never a secret. They reach listeners when the change commits.
create function notify_user_id() returns trigger language plpgsql as $$
declare
  changed record;
begin
  if tg_op = 'DELETE' then changed := old; else changed := new; end if;
  perform pg_notify(tg_argv[0], to_jsonb(changed) ->> tg_argv[1]);
  return null;
end $$;

create trigger users_changed after update on users for each row
  when (old.role is distinct from new.role or old.disabled_at is distinct from new.disabled_at
    or old.email is distinct from new.email or old.name is distinct from new.name)
  execute function notify_user_id('user_changed', 'id');
create trigger users_deleted after delete on users for each row execute function notify_user_id('user_changed', 'id');

create trigger virtual_keys_changed after update on virtual_keys for each row
  when (old.revoked_at is distinct from new.revoked_at or old.expires_at is distinct from new.expires_at)
  execute function notify_user_id('key_changed', 'user_id');
create trigger virtual_keys_deleted after delete on virtual_keys for each row
  execute function notify_user_id('key_changed', 'user_id');

create trigger session_changed after update on identity.session for each row
  when (old."expiresAt" is distinct from new."expiresAt" or old.token is distinct from new.token)
  execute function notify_user_id('session_changed', 'userId');
create trigger session_deleted after delete on identity.session for each row
  execute function notify_user_id('session_changed', 'userId');

-- Heartbeats of a lease, activity and what the engine was seen to say are not news.
create trigger sandboxes_changed after update on sandboxes for each row
  when ((old.status, old.phase, old.attempt, old.sandbox_id, old.epoch, old.error_code, old.next_attempt_at,
      old.lease_purpose, old.heal_attempt)
    is distinct from (new.status, new.phase, new.attempt, new.sandbox_id, new.epoch, new.error_code,
      new.next_attempt_at, new.lease_purpose, new.heal_attempt))
  execute function notify_user_id('sandbox_changed', 'user_id');
create trigger sandboxes_inserted after insert or delete on sandboxes for each row
  execute function notify_user_id('sandbox_changed', 'user_id');

alter table users enable row level security;
alter table sandboxes enable row level security;
alter table virtual_keys enable row level security;
alter table sandbox_events enable row level security;
alter table audit_log enable row level security;
alter table invitations enable row level security;
alter table setup_tokens enable row level security;
alter table identity."user" enable row level security;
alter table identity.session enable row level security;
alter table identity.account enable row level security;
alter table identity.verification enable row level security;
alter table rate_limits enable row level security;
