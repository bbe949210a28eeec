-- Whose a response is that a provider stored, by the provider's id of it: the one who got it may go on from it.
alter table usage_events add column response_id text;
-- All that the look-up needs, in its order: without statistics Postgres would rather walk all events by time.
create index usage_events_response on usage_events (response_id, provider, at) where response_id is not null;
