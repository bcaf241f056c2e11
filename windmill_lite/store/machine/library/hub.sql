-- Scripts of hubs, by the address of the hub and their number there.

-- name: script
select content, language, lock, schema, summary from hub_script where hub = :hub and number = :number

-- name: keep
-- The first that came stays.
insert into hub_script(hub, number, content, language, lock, schema, summary, fetched_at)
values (:hub, :number, :content, :language, :lock, :schema, :summary, :now)
on conflict (hub, number) do nothing
